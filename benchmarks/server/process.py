"""A model server as a group of processes: started, asked whether it answers rightly, measured, stopped."""

import http.client
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.harness import ROOT
from benchmarks.server.questions import Question

NO_ANSWER = "it has not answered"


class ServerFault(Exception):
    """A server that cannot be measured: its figures would be of something else than right answers."""


@dataclass
class Server:
    """A server process group that answers on a port of its own."""

    name: str
    command: Sequence[str]
    port: int
    env: Mapping[str, str]
    log: Path
    path: str = "/invocations"
    first_answer_s: float = 0.0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.path}"

    def start(self, question: Question, limit_s: float = 90) -> None:
        """Start it and wait for its first answer.

        Raises:  ServerFault: it does not answer in time, or wrongly.
        """
        began_s = time.perf_counter()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env={**os.environ, **self.env}, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        while (fault := self._find_fault(question)) == NO_ANSWER:
            if self.process.poll() is not None or time.perf_counter() - began_s > limit_s:
                break
            time.sleep(0.01)
        self.first_answer_s = time.perf_counter() - began_s
        if fault:
            end = self.log.read_text(errors="replace")[-1500:]
            self.stop()
            raise ServerFault(f"{self.name}: {fault}. The end of its log:\n{end}")

    def check(self, questions: Sequence[Question]) -> None:
        """Ask all at once, each for itself, for a server that batches could mix them up.

        Raises:  ServerFault: an answer is wrong, or there is none.
        """
        with ThreadPoolExecutor(len(questions)) as pool:
            for fault in pool.map(self._find_fault, questions):
                if fault:
                    raise ServerFault(f"{self.name}: {fault}")

    def _find_fault(self, question: Question) -> str:
        request = urllib.request.Request(self.url, question.body, dict(question.headers))
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return question.describe_fault(response.read())
        except (OSError, http.client.HTTPException):
            return NO_ANSWER

    def measure_memory_mb(self) -> tuple[float, float]:
        """Return resident and proportional memory of all its processes."""
        rows = [_read_memory_mb(pid) for pid in self._find_pids()]
        return sum(rss for rss, _ in rows), sum(pss for _, pss in rows)

    def find_largest_rss_mb(self) -> float:
        """Return resident memory of its largest process."""
        return max(_read_memory_mb(pid)[0] for pid in self._find_pids())

    def measure_cpu_s(self) -> float:
        """Return the processor time its processes have used."""
        ticks = 0
        for pid in self._find_pids():
            with suppress(OSError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def _find_pids(self) -> list[int]:
        """Return its session's processes, and what these have started in sessions of their own."""
        assert self.process is not None
        parents, found = {}, set()
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                fields = stat.read_text().rpartition(")")[2].split()
                parents[int(stat.parent.name)] = int(fields[1])
                if int(fields[3]) == self.process.pid:
                    found.add(int(stat.parent.name))
        while more := {pid for pid, parent in parents.items() if parent in found} - found:
            found |= more
        return sorted(found)

    def stop(self) -> None:
        """End all its processes, if there are any."""
        if self.process is None:
            return
        pids = self._find_pids()
        self.process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        for pid in {*pids, *self._find_pids()}:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()


def _read_memory_mb(pid: int) -> tuple[float, float]:
    """Return resident and proportional memory of a process; nothing of one that has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0, 0.0
    sizes = {line.partition(":")[0]: int(line.split()[1]) / 1024 for line in lines[1:]}
    return sizes["Rss"], sizes["Pss"]
