"""The stack that runs on this machine, as `up` writes it down and everybody else reads it."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from deployment.paths import state_dir
from local.process import is_group_alive, is_listening


@dataclass(frozen=True, slots=True)
class RunState:
    """A running stack: where it is, and how any AWS client reaches it.

    Args:    pid: the emulator's process, and the group of all that it started.
             port: the first of four; see emulator/front/ports.py.
             aws: the environment variables for AWS clients.
             context: the settings it was started with, as `-c` has them.
             started_by: the process of the `up` that started it.
             auth, recipe: those settings; of several recipes the first.
             recipes: all of them.
             demo_user: of an API with auth=jwt: user_pool_id, client_id, username, password; else empty.
             kept_file: where its jobs, models and approvals are at the end, for the next run; empty where they are thrown away.
             kept_mark: what told that file from others when the run began (`local.kept.find_mark`).
             kept_note: what people should know of what it began with.
    """

    pid: int
    port: int
    api_url: str
    page_url: str
    s3_endpoint: str
    dump_bucket: str
    uploads_bucket: str
    results_bucket: str
    events_url: str
    endpoint: str
    auth: str
    recipe: str
    started_at: float
    recipes: list[str] = field(default_factory=list)
    aws: dict[str, str] = field(default_factory=dict)
    context: dict[str, str] = field(default_factory=dict)
    started_by: int = field(default_factory=os.getpid)
    demo_user: dict[str, str] = field(default_factory=dict)
    kept_file: str = ""
    kept_mark: str = ""
    kept_note: str = ""

    def client_options(self) -> dict[str, str]:
        """Return the options with which a client of boto3 reaches the stack."""
        return {
            "endpoint_url": self.aws["AWS_ENDPOINT_URL"],
            "region_name": self.aws["AWS_REGION"],
            "aws_access_key_id": self.aws["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": self.aws["AWS_SECRET_ACCESS_KEY"],
        }


def read_state() -> RunState | None:
    """Return the stack that runs, or None; the state that a crash left behind does not count."""
    state = _read_file()
    return state if state is not None and _is_emulator(state) else None


def ended_by_itself() -> bool:
    """Return whether the stack before ended without `down`: it was killed, or failed, or the machine was switched off."""
    return _read_file() is not None and read_state() is None


def write_state(state: RunState) -> None:
    """Write down the stack that runs, for nobody but this user: it holds the keys and a password."""
    _path().touch(mode=0o600)
    _path().chmod(0o600)
    _path().write_text(json.dumps(asdict(state), indent=2) + "\n")


def remove_state() -> RunState | None:
    """Remove what is written down, and return the stack if it still runs."""
    state = read_state()
    _path().unlink(missing_ok=True)
    return state


def find_orphans() -> int | None:
    """Return the group of processes that outlived an emulator which somebody killed, like its model server; None where there is none.

    While a group has members its id is given to no other process: without a leader it is still the emulator's.
    """
    state, processes = _read_file(), Path("/proc")
    if state is None or not processes.exists() or (processes / str(state.pid)).exists():
        return None
    return state.pid if is_group_alive(state.pid) else None


def is_emulator_alive(state: RunState) -> bool:
    """Return whether the emulator still runs."""
    return is_group_alive(state.pid)


def was_stopped_on_purpose(state: RunState) -> bool:
    """Return whether `down` stopped this stack: it removes the state, which a crash leaves behind."""
    current = _read_file()
    return current is None or current.pid != state.pid


def _path() -> Path:
    return state_dir() / "run.json"


def _read_file() -> RunState | None:
    """Return what is written down; a file of another user is an error, since a stack may run."""
    try:
        return RunState(**json.loads(_path().read_text()))
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError):
        return None


def _is_emulator(state: RunState) -> bool:
    """Return whether the state's process is still the emulator: process ids are used again."""
    try:
        command = Path(f"/proc/{state.pid}/cmdline").read_bytes()
    except OSError:
        return is_group_alive(state.pid) and is_listening(state.port)
    return b"emulator" in command and str(state.port).encode() in command
