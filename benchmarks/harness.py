"""What every benchmark uses: the machine it ran on, a scratch folder, a free port, and the record it writes."""

import argparse
import json
import os
import platform
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PRETRAINED = ROOT / "recipes/digits/pretrained"


def find_free_port() -> int:
    """Return a port nobody listens on, below the ephemeral ones, which multi-model-server refuses."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


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
