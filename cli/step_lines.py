"""The steps of a start as lines, where no line can be written over: in a notebook, a pipe or a log."""

import time
from collections.abc import Callable

from local import cdk

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
        elif event and now - self._written_at >= EVERY_S:
            line = f"{step}: {event['done']} of {event['all'] or '…'} resources"
        else:
            return
        self._written_at = now
        self._write(line)
