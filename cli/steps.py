"""The steps of something that takes seconds: spinners where a line can be written over, else lines, as in a notebook, a pipe or a log."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from cli.console import err
from local import cdk
from local.stack import OnStep

EVERY_S = 5.0


class StepLines:
    """Writes a line when a step begins, one now and then while a deployment goes on, and one with its seconds when it ends.

    Args:    write: takes a line.
             now: seconds of a clock.
    """

    def __init__(self, write: Callable[[str], object] = print, now: Callable[[], float] = time.monotonic) -> None:
        self._write, self._now = write, now
        self._started: dict[str, float] = {}
        self._written_at = 0.0

    def __call__(self, step: str, what: str) -> None:
        """Tell of a step: what it is doing, or an empty text at its end."""
        now = self._now()
        event = cdk.EVENT.match(what)
        if step not in self._started:
            self._started[step] = now
            line = f"{step} …"
        elif not what:
            line = f"{step}: done in {now - self._started[step]:.0f} s"
        elif event and event["all"] and now - self._written_at >= EVERY_S:
            line = f"{step}: {event['stack']}, {event['done']} of {event['all']} resources"
        else:
            return
        self._written_at = now
        self._write(line)


@contextmanager
def show_steps() -> Iterator[OnStep]:
    """Show each step on stderr while it goes on, and its time."""
    if not err.is_terminal:
        yield StepLines(partial(err.print, markup=False))
        return
    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description:24}"),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[what]}"),
    )
    with Progress(*columns, console=err) as bars:
        tasks: dict[str, Any] = {}

        def progress(step: str, what: str) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=1, what="")
            event = cdk.EVENT.match(what)
            if event:
                what = f"{event['done']}/{event['all'] or '…'} {event['type']}"
            bars.update(tasks[step], what=what, completed=0 if what else 1)

        yield progress
