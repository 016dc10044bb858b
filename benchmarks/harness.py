"""Starting servers side by side, loading them with wrk, and writing figures down."""

import argparse
import io
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
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
PRETRAINED = ROOT / "recipes/digits/pretrained"
NPY = "application/x-npy"


def write_bodies(folder: Path) -> dict[int, Path]:
    """Write one request body of 1 and one of 1000 instances, from a fixed seed, and return their paths."""
    paths = {}
    for count in (1, 1000):
        file = io.BytesIO()
        np.save(file, np.random.default_rng(1).integers(0, 256, (count, 28, 28), np.uint8))
        paths[count] = folder / f"{count}.npy"
        paths[count].write_bytes(file.getvalue())
    return paths


@dataclass
class Server:
    """A server process group that answers on a port of its own."""

    name: str
    command: Sequence[str]
    port: int
    env: Mapping[str, str]
    log: Path
    first_answer_s: float = 0.0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, body: bytes, limit_s: float = 60) -> None:
        """Start it and wait for its first right answer."""
        began_s = time.perf_counter()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env={**os.environ, **self.env}, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        while not self._is_answering(body):
            if time.perf_counter() - began_s > limit_s:
                self.stop()
                sys.exit(f"{self.name} did not answer: see {self.log}")
            time.sleep(0.01)
        self.first_answer_s = time.perf_counter() - began_s

    def _is_answering(self, body: bytes) -> bool:
        request = urllib.request.Request(self.url + "/invocations", body, {"content-type": NPY})
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return len(json.load(response)["predictions"]) == 1
        except (OSError, urllib.error.URLError):
            return False

    def measure_memory_mb(self) -> tuple[float, float]:
        """Return resident and proportional memory of all its processes."""
        rss = pss = 0
        for pid in self._find_pids():
            try:
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            except OSError:
                continue
            rss += sum(int(line.split()[1]) for line in lines if line.startswith("Rss:"))
            pss += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return rss / 1024, pss / 1024

    def measure_cpu_s(self) -> float:
        """Return the processor time its processes have used."""
        ticks = 0
        for pid in self._find_pids():
            with suppress(OSError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def _find_pids(self) -> Iterator[int]:
        assert self.process is not None
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == self.process.pid:  # its session
                yield int(stat.parent.name)

    def stop(self) -> None:
        """End all its processes."""
        assert self.process is not None
        pids = list(self._find_pids())
        self.process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        for pid in {*pids, *self._find_pids()}:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()


def find_free_port() -> int:
    """Return a port nobody listens on, below the ephemeral ones, which multi-model-server refuses."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


def build_ours(workers: int, model: Path, scratch: Path) -> Server:
    """Return our server, with the container's start command."""
    port = find_free_port()
    env = {
        "SAGEMAKER_BIND_TO_PORT": str(port),
        "INFERSTACK_HOST": "127.0.0.1",
        "INFERSTACK_MODEL_DIR": str(model),
        "INFERSTACK_WORKERS": str(workers),
    }
    return Server(
        f"inferstack, {workers}", [str(ROOT / ".venvs/serving/bin/python"), "-m", "serving"], port, env, scratch / f"ours{workers}.log"
    )


def build_mms(workers: int, model: Path, scratch: Path) -> Server:
    """Return sagemaker-inference on multi-model-server."""
    port = find_free_port()
    env = {"PYTHONPATH": str(ROOT), "INFERSTACK_MODEL_DIR": str(model), "OMP_NUM_THREADS": "1"}
    script = ROOT / "benchmarks/peers/mms/start.sh"
    command = [str(script), str(port), str(workers), str(scratch / f"mms{workers}"), str(ROOT / ".venvs/peer-mms")]
    return Server(f"multi-model-server, {workers}", command, port, env, scratch / f"mms{workers}.log")


def build_wrk_command(server: Server, body: Path, connections: int, seconds: float) -> tuple[list[str], dict[str, str]]:
    """Return the command that loads the server, and its environment."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "20s", "-s", str(ROOT / "benchmarks/load.lua")]
    return [*command, server.url + "/invocations"], {**os.environ, "BODY": str(body), "TYPE": NPY}


def load_with_wrk(server: Server, body: Path, connections: int, seconds: float) -> dict[str, float]:
    """Load the server and return requests_s, requests_core_s, p50_ms, p99_ms, max_ms, and how many requests were refused or broken."""
    command, env = build_wrk_command(server, body, connections, seconds)
    before_s = server.measure_cpu_s()
    output = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
    used_s = server.measure_cpu_s() - before_s
    line = next(line for line in output.splitlines() if line.startswith("FIGURES "))
    figures = json.loads(line.removeprefix("FIGURES "))
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
    path.write_text(json.dumps(record, indent=1) + "\n")


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
