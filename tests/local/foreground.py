"""A command that brings a stack up and stays in the foreground, as a person runs it."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import free_ports

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 240  # less than a test may take


@dataclass(frozen=True)
class Foreground:
    """The running command, the first of its stack's ports, the folder of its state, and the file it prints to."""

    process: "subprocess.Popen[str]"
    port: int
    state_dir: Path
    log: Path

    def wait_for(self, pattern: str) -> "re.Match[str]":
        deadline = time.monotonic() + LIMIT_S
        while time.monotonic() < deadline and self.process.poll() is None:
            if match := re.search(pattern, self.log.read_text()):
                return match
            time.sleep(0.1)
        raise AssertionError(f"{pattern!r} never appeared in:\n{self.log.read_text()}")

    def wait_for_end(self, pattern: str) -> "re.Match[str]":
        """Return a match in all that was printed once the command has ended."""
        self.process.wait(60)
        match = re.search(pattern, self.log.read_text())
        assert match, self.log.read_text()
        return match

    def interrupt(self) -> int:
        """Press Ctrl-C, and return the exit status."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(60)


@contextmanager
def run_in_foreground(folder: Path, *command: str) -> Iterator[Foreground]:
    """Run a command on free ports, with its state in the folder; interrupt it if it still runs afterwards."""
    port, log, state_dir = free_ports(), folder / "out.txt", folder / "state"
    environment = {**os.environ, "INFERSTACK_PORT": str(port), "INFERSTACK_STATE_DIR": str(state_dir), "COLUMNS": "300"}
    with log.open("w") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
    command_ = Foreground(process, port, state_dir, log)
    try:
        yield command_
    finally:
        if process.poll() is None:
            command_.interrupt()
