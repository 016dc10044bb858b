"""What a hostile input costs: it is read in a process that does nothing else, which is measured, and started anew when it dies.

Requests to that process, and its answers, are pickles on its stdin and stdout.
"""

import gc
import os
import pickle
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import IO, Any, Literal

from tests.fuzz.mutate import mutate

CPU_LIMIT_S = 60  # of one input
KEPT = 16  # inputs that took longest, in a climb
MEMORY_LIMIT_BYTES = 3 << 30  # of addresses, beyond which the machine itself would be in danger
Outcome = Literal["answered", "refused", "escaped", "crashed"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an input, and what it cost.

    Args:    outcome: answered and refused are good; escaped is an exception that is none of ours, crashed the end of the process.
             detail: the summary's fields, or the error.
             cpu_s: of the process.
             memory_mb: the peak of the process's resident set, its imports included.
             log_bytes: written to stdout and stderr.
    """

    outcome: Outcome
    detail: dict[str, Any] = field(default_factory=dict)
    cpu_s: float = 0.0
    memory_mb: float = 0.0
    log_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of many mutants.

    Args:    outcomes: how many had each.
             faults: the number of each mutant that escaped, and the error.
             worst_cpu_s, worst_mutant: the longest that one took, and its number.
             memory_mb: the peak of the process's resident set.
             log_bytes: the most that one wrote.
             slowest: in a climb, those of the seeds and mutants that took longest, the longest first.
    """

    outcomes: Counter[str]
    faults: list[tuple[int, dict[str, Any]]]
    worst_cpu_s: float
    worst_mutant: int
    memory_mb: float
    log_bytes: int
    slowest: tuple[bytes, ...] = ()


class Probe:
    """A process that reads what one room of targets reads: what they import is imported once."""

    def __init__(self, room: str) -> None:
        self._room, self._status = room, ""
        self._process = self._start()

    def measure(self, target: str, content: bytes) -> Verdict:
        """Return what becomes of the content."""
        verdict: Verdict | None = self._ask(("measure", target, content))
        return verdict or Verdict("crashed", {"status": self._status}, CPU_LIMIT_S)

    def _ask(self, question: tuple[Any, ...]) -> Any:
        """Return the process's answer; if it died of the question, start another and return None."""
        assert self._process.stdin
        assert self._process.stdout
        try:
            pickle.dump(question, self._process.stdin)
            self._process.stdin.flush()
            return pickle.load(self._process.stdout)
        except (EOFError, BrokenPipeError):
            self.close()
            code = self._process.returncode
            self._status = signal.Signals(-code).name if code < 0 else str(code)
            self._process = self._start()
            return None

    def fuzz(self, target: str, seeds: Sequence[bytes], first: int, count: int, *, is_climb: bool = False) -> Batch | None:
        """Return what becomes of so many mutants of the seeds, made there; None if the process died of one.

        Args:    is_climb: make them of the slowest so far: what takes the square of a length is found so.
        """
        answer: Batch | None = self._ask(("fuzz", target, tuple(seeds), first, count, is_climb))
        return answer

    def close(self) -> None:
        """End the process."""
        assert self._process.stdout
        self._process.communicate()
        self._process.stdout.close()

    def _start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-c", f"from tests.fuzz.probe import serve; serve({self._room!r})"]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([".", "lambda"]), "OMP_NUM_THREADS": "1"}
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)


def serve(room: str) -> None:
    """Measure what comes on stdin until it ends."""
    from tests.fuzz.targets import ROOMS

    targets, out = ROOMS[room](), os.fdopen(os.dup(1), "wb")
    gc.freeze()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    with tempfile.TemporaryFile() as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        while True:
            try:
                kind, target, *rest = pickle.load(sys.stdin.buffer)
            except EOFError:
                return
            answer = {"measure": _measure, "fuzz": _fuzz}[kind](targets[target], log, *rest)
            pickle.dump(answer, out)
            out.flush()


def _measure(target: Any, log: IO[bytes], content: bytes) -> Verdict:
    signal.setitimer(signal.ITIMER_PROF, CPU_LIMIT_S)  # nobody handles its signal, which ends the process
    Path("/proc/self/clear_refs").write_text("5")  # the peak of the resident set is as large as the set itself again
    started_s = time.process_time()
    outcome, detail = judge(target, content)
    cpu_s = time.process_time() - started_s
    signal.setitimer(signal.ITIMER_PROF, 0)
    return Verdict(outcome, detail, round(cpu_s, 4), _read_peak_mb(), _empty(log))


def _fuzz(target: Any, log: IO[bytes], seeds: Sequence[bytes], first: int, count: int, is_climb: bool) -> Batch:  # noqa: PLR0917 - what `_ask` sends
    Path("/proc/self/clear_refs").write_text("5")
    outcomes: Counter[str] = Counter()
    faults: list[tuple[int, dict[str, Any]]] = []
    worst, log_bytes = (0.0, -1), 0
    slowest = [(_time(target, seed)[0], seed) for seed in seeds] if is_climb else []
    for number in range(first, first + count):
        mutant = mutate([content for _, content in slowest] if is_climb else seeds, number)
        cpu_s, outcome, detail = _time(target, mutant)
        worst = max(worst, (cpu_s, number))
        outcomes[outcome] += 1
        if outcome == "escaped":
            faults.append((number, detail))
        if is_climb:
            slowest = sorted([*slowest, (cpu_s, mutant)], key=itemgetter(0), reverse=True)[:KEPT]
        log_bytes = max(log_bytes, _empty(log))
    signal.setitimer(signal.ITIMER_PROF, 0)
    return Batch(outcomes, faults, *worst, _read_peak_mb(), log_bytes, tuple(content for _, content in slowest))


def _time(target: Any, content: bytes) -> tuple[float, Outcome, dict[str, Any]]:
    """Return the processor time that a content takes, and what becomes of it."""
    signal.setitimer(signal.ITIMER_PROF, CPU_LIMIT_S)
    started_s = time.process_time()
    outcome, detail = judge(target, content)
    return time.process_time() - started_s, outcome, detail


def _read_peak_mb() -> float:
    (peak,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return round(int(peak.split()[1]) / 1024, 1)


def _empty(log: IO[bytes]) -> int:
    """Empty the log, and return how many bytes it had."""
    sys.stdout.flush()
    size_bytes = os.lseek(log.fileno(), 0, os.SEEK_END)
    os.ftruncate(log.fileno(), 0)
    os.lseek(log.fileno(), 0, os.SEEK_SET)
    return size_bytes


def judge(target: Any, content: bytes) -> tuple[Outcome, dict[str, Any]]:
    """Return what became of the content in this process."""
    from recipes.errors import InferstackError

    try:
        detail = target(content)
    except InferstackError as error:
        return "refused", {"code": error.code, "detail": error.detail[:500]}
    except BaseException as error:  # noqa: BLE001 - that is what is looked for
        return "escaped", {"error": type(error).__name__, "traceback": "".join(traceback.format_exception(error))[-3000:]}
    return ("refused" if detail.get("state") == "failed" else "answered"), detail
