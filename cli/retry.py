"""Trying again what may pass: a little later each time, and not in step with everybody else."""

import random
from collections.abc import Callable
from typing import TypeVar

from cli.api import CallFailed

RETRIES = 3
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
T = TypeVar("T")


def retrying(attempt: Callable[[], T], *, sleep: Callable[[float], object]) -> T:
    """Return what an attempt gives, after RETRIES more at most if it fails for a reason that may pass.

    Raises:  CallFailed: the last attempt's, or the first that will be the same next time.
    """
    for number in range(RETRIES):
        try:
            return attempt()
        except CallFailed as failure:
            if not failure.transient:
                raise
            pause_s = max(failure.retry_after_s, FIRST_PAUSE_S * 2**number * random.uniform(0.5, 1.5))  # noqa: S311 - spreads load, guards nothing
        sleep(min(pause_s, LONGEST_PAUSE_S))
    return attempt()
