"""A process group that is started once and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

TERM_LIMIT_S = 10
POLL_S = 0.05
# Held until they are stopped: a Popen that is forgotten while its process runs complains, and leaves a zombie behind.
_started: dict[int, "subprocess.Popen[bytes]"] = {}


def start(command: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path, log: Path) -> "subprocess.Popen[bytes]":
    """Start a command as the leader of a session of its own, so that its group holds all that it will start."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
    _started[process.pid] = process
    return process


def stop_group(pid: int) -> None:
    """End the group: SIGTERM, and SIGKILL for what is left after a while. Returns when no process of it runs."""
    for signal_ in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(pid, signal_)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + TERM_LIMIT_S
        while time.monotonic() < deadline:
            if not group_alive(pid):
                return
            time.sleep(POLL_S)


def group_alive(pid: int) -> bool:
    """Return whether a process of the group runs."""
    _reap(pid)
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return False  # the number is another user's by now
    return True


def listens(port: int, host: str = "127.0.0.1") -> bool:
    """Return whether something accepts connections on the port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


def _reap(pid: int) -> None:
    """Take note of the leader's end if it is our child: until then it counts as a process of its group."""
    if pid in _started and _started[pid].poll() is not None:
        del _started[pid]
