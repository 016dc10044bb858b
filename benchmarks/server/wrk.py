"""Loading a server with wrk."""

import json
import os
import subprocess
from pathlib import Path

from benchmarks.server.process import Server
from benchmarks.server.questions import Question


def build_wrk_command(server: Server, question: Question, connections: int, seconds: float) -> tuple[list[str], dict[str, str]]:
    """Return the command that loads the server, and its environment; the body is written beside the server's log."""
    body = server.log.with_suffix(".body")
    body.write_bytes(question.body)
    headers = "\n".join(f"{name}: {value}" for name, value in question.headers.items())
    script = str(Path(__file__).with_name("load.lua"))
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "20s", "-s", script, server.url]
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
