"""The file that an `up` locks while it is on its way; a command asks about it without importing what starts a stack."""

import fcntl

from deployment.paths import state_dir

LOCK = "up.lock"


def is_starting() -> bool:
    """Return whether an `up` is on its way in this folder."""
    try:
        with (state_dir() / LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
