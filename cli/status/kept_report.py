"""What a stack on this machine leaves for the next one, and what is gone with it, in words."""

from dataclasses import asdict
from typing import Any

from rich.console import Console

from deployment.paths import state_dir
from local.kept import format_summary, read_what_is_kept, was_written
from local.run_state import RunState

GONE = "messages in queues, functions' logs, users, and the history of pipelines"


def print_kept(state: RunState, console: Console) -> None:
    """Print what a stack that was stopped left, and what is gone."""
    kept = read_what_is_kept(state)
    if kept is None:
        console.print("thrown away: all of its jobs, models and approvals, since it ran with --no-keep")
        return
    if not was_written(state):
        console.print(f"nothing of this run could be kept: {state_dir() / 'logs/emulator.log'} says why", soft_wrap=True)
        return
    console.print(f"kept for the next `up`: {format_summary(kept)}; `inferstack down --forget` deletes it", soft_wrap=True)
    console.print(f"thrown away: {GONE}", soft_wrap=True)
    if kept.left_out:
        console.print(f"thrown away: {kept.left_out} older objects, for which there was no room")


def describe_kept(state: RunState | None) -> dict[str, Any] | None:
    """Return what machines get of it."""
    kept = read_what_is_kept(state) if state and state.kept_file and was_written(state) else None
    return asdict(kept) if kept else None
