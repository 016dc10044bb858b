"""`make up`, as a person runs it: it prints what to open and what to type, and Ctrl-C leaves nothing behind."""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 180


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def session(tmp_path: Path) -> Iterator[tuple["subprocess.Popen[str]", int, Path]]:
    """`make up` in the foreground, on a free port and with its state in a folder of its own."""
    port, log = free_port(), tmp_path / "out.txt"
    environment = {**os.environ, "INFERSTACK_PORT": str(port), "INFERSTACK_STATE_DIR": str(tmp_path / "state"), "COLUMNS": "300"}
    with log.open("w") as out:
        process = subprocess.Popen(
            ["make", "up"], cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
    try:
        yield process, port, log
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(30)


def wait_for(log: Path, pattern: str, process: "subprocess.Popen[str]") -> "re.Match[str]":
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(pattern, log.read_text()):
            return found
        time.sleep(0.2)
    raise AssertionError(f"{pattern!r} never appeared in:\n{log.read_text()}")


@pytest.mark.timeout(LIMIT_S + 60)
def test_prints_urls_and_a_curl_that_works_and_leaves_nothing_after_ctrl_c(session: tuple["subprocess.Popen[str]", int, Path]) -> None:
    process, port, log = session
    curl = wait_for(log, r"(?m)^\s*(curl .+)$", process).group(1)
    printed = log.read_text()

    page = re.search(r"(?m)page\s+(http://\S+)", printed)
    assert page, printed
    with urlopen(page.group(1), timeout=10) as response:
        assert "<title>" in response.read().decode()

    done = subprocess.run(shlex.split(curl), cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout)["predictions"][0]["label"] in range(10)

    os.killpg(process.pid, signal.SIGINT)
    process.wait(30)
    assert not listening(port)
    left = subprocess.run(["pgrep", "-fa", str(log.parent / "state")], capture_output=True, text=True, check=False).stdout
    assert left == ""


@pytest.mark.timeout(LIMIT_S + 60)
def test_ends_in_the_foreground_when_down_is_called_elsewhere(session: tuple["subprocess.Popen[str]", int, Path]) -> None:
    process, port, log = session
    wait_for(log, "Ctrl-C stops it", process)
    environment = {**os.environ, "INFERSTACK_STATE_DIR": str(log.parent / "state")}
    done = subprocess.run(["make", "down"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert "stopped" in done.stdout
    assert process.wait(30) == 0
    assert "ended by itself" not in log.read_text()
    assert not listening(port)
