"""Process groups: started as one, stopped as one."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from deployment.this_machine import HOST

TERM_LIMIT_S = 10
POLL_S = 0.05
# Kept until they have ended: a Popen that is dropped while its process runs warns, and leaves a zombie behind.
_children: dict[int, "subprocess.Popen[bytes]"] = {}


def start_group(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    cwd: Path,
    log: Path,
    descriptors: Sequence[int] = (),
    stdin: int = subprocess.DEVNULL,
) -> "subprocess.Popen[bytes]":
    """Start a command as the leader of a session of its own, so that its group contains all that it starts.

    Args:    descriptors: open files that it gets under the same numbers.
             stdin: as Popen's. The other end of a pipe stays open until this process ends, or sees that the command has.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            env=env,
            cwd=cwd,
            stdin=stdin,
            stdout=out,
            stderr=out,
            start_new_session=True,
            pass_fds=tuple(descriptors),
        )
    _children[process.pid] = process
    return process


def stop_group(pid: int, *, limit_s: float = TERM_LIMIT_S) -> None:
    """Stop a group: SIGTERM, and SIGKILL for what is left after the limit. Returns when no process of it runs."""
    for signal_ in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(pid, signal_)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            if not is_group_alive(pid):
                return
            time.sleep(POLL_S)


def is_group_alive(pid: int) -> bool:
    """Return whether a process of the group runs."""
    _reap(pid)
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return False  # the id belongs to another user's process by now
    return True


def is_listening(port: int) -> bool:
    """Return whether something accepts connections on the port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def _reap(pid: int) -> None:
    """Collect the leader if it is our child and has ended: until then it counts as a process of its group."""
    if pid not in _children or _children[pid].poll() is None:
        return
    if pipe := _children.pop(pid).stdin:
        pipe.close()
