"""Process groups."""

import os
import signal
import time
from pathlib import Path

from local.process import is_group_alive, start_group, stop_group


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
