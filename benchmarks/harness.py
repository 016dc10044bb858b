"""Starting servers side by side, loading them with wrk, and writing figures down."""

import argparse
import http.client
import json
import os
import platform
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.questions import Question

ROOT = Path(__file__).resolve().parents[1]
PRETRAINED = ROOT / "recipes/digits/pretrained"
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


def find_free_port() -> int:
    """Return a port nobody listens on, below the ephemeral ones, which multi-model-server refuses."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


def build_wrk_command(server: Server, question: Question, connections: int, seconds: float) -> tuple[list[str], dict[str, str]]:
    """Return the command that loads the server, and its environment; the body is written beside the server's log."""
    body = server.log.with_suffix(".body")
    body.write_bytes(question.body)
    headers = "\n".join(f"{name}: {value}" for name, value in question.headers.items())
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "20s", "-s", str(ROOT / "benchmarks/load.lua"), server.url]
    return command, {**os.environ, "BODY": str(body), "HEADERS": headers}


def read_figures(output: str) -> dict[str, float]:
    """Return the figures that load.lua prints."""
    line = next(line for line in output.splitlines() if line.startswith("FIGURES "))
    figures: dict[str, float] = json.loads(line.removeprefix("FIGURES "))
    return figures


def load_with_wrk(server: Server, question: Question, connections: int, seconds: float) -> dict[str, float]:
    """Load the server and return requests_s, requests_core_s, p50_ms, p99_ms, max_ms, and how many requests were refused or broken."""
    command, env = build_wrk_command(server, question, connections, seconds)
    before_s = server.measure_cpu_s()
    output = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
    used_s = server.measure_cpu_s() - before_s
    figures = read_figures(output)
    answered = figures["requests"] - figures["refused"]
    return {
        "requests_s": answered / figures["duration_us"] * 1e6,
        "requests_core_s": answered / max(used_s, 0.01),
        "p50_ms": figures["p50_us"] / 1e3,
        "p99_ms": figures["p99_us"] / 1e3,
        "max_ms": figures["max_us"] / 1e3,
        "errors": figures["refused"] + figures["broken"],
        "requests": figures["requests"],
    }


def summarize(values: Sequence[float]) -> dict[str, float]:
    """Return median, least and greatest."""
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def describe_machine() -> dict[str, object]:
    """Return what the figures were measured on, and the command."""
    model = next(
        (line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), "unknown"
    )
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    return {
        "cpu": model,
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load_average": os.getloadavg()[0],
        "commit": commit,
        "command": describe_command(_read_program(), sys.argv[1:]),
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
    }


def describe_command(program: Sequence[str], arguments: Sequence[str]) -> str:
    """Return the command without where its record goes: that is a path of one machine, and the reader has the record."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--record")
    return " ".join([".venv/bin/python", *program, *parser.parse_known_args(arguments)[1]])


def write_record(path: Path, record: Mapping[str, object]) -> None:
    """Write a record as JSON; its folder is made if it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(format_record(record) + "\n")


def format_record(value: object, indent: str = "") -> str:
    """Return JSON in which what holds nothing but figures and texts is one line."""
    inner = indent + " "
    if isinstance(value, Mapping) and any(isinstance(each, Mapping | list | tuple) for each in value.values()):
        rows = [f"{inner}{json.dumps(str(key), ensure_ascii=False)}: {format_record(each, inner)}" for key, each in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    if isinstance(value, list | tuple) and any(isinstance(each, Mapping | list | tuple) for each in value):
        return "[\n" + ",\n".join(inner + format_record(each, inner) for each in value) + f"\n{indent}]"
    return json.dumps(value, ensure_ascii=False)


def _read_program() -> list[str]:
    """Return what python runs: a module by its name, or a file."""
    spec = sys.modules["__main__"].__spec__
    return ["-m", spec.name] if spec else [str(Path(sys.argv[0]).resolve().relative_to(ROOT))]


@contextmanager
def make_scratch() -> Iterator[Path]:
    """Give a folder for logs and bodies, removed afterwards unless something failed in it."""
    folder = Path(tempfile.mkdtemp(prefix="inferstack-benchmark-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
