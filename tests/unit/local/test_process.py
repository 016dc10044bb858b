"""Process groups."""

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from local.process import is_group_alive, start_group, stop_group
from local.run_state import find_orphans, write_state
from local.stack import down
from tests.unit.cli.world import build_state


def test_stops_a_group_that_is_gone_already() -> None:
    gone = 2**22 - 1
    assert not is_group_alive(gone)
    stop_group(gone)


def test_knows_that_a_process_it_started_was_ended_by_somebody_else(tmp_path: Path) -> None:
    """Its own child stays in the process table until it is waited for, and would count as alive for ever."""
    started = start_group(["sleep", "60"], env={"PATH": os.defpath}, cwd=tmp_path, log=tmp_path / "log")
    assert is_group_alive(started.pid)
    os.kill(started.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while is_group_alive(started.pid):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert started.returncode == -signal.SIGKILL


def test_stops_what_outlived_an_emulator_that_was_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFERSTACK_STATE_DIR", str(tmp_path))
    emulator = start_group(["sh", "-c", "sleep 60 & echo started; wait"], env={"PATH": os.defpath}, cwd=tmp_path, log=tmp_path / "log")
    while "started" not in (tmp_path / "log").read_text():
        time.sleep(0.01)
    write_state(replace(build_state(), pid=emulator.pid))
    assert find_orphans() is None  # the leader runs
    emulator.kill()
    emulator.wait()
    assert find_orphans() == emulator.pid
    assert down() is False
    assert not is_group_alive(emulator.pid)
    assert find_orphans() is None
