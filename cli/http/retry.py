"""A call that is tried again where it may succeed: a little later each time, and not at the same moment as everybody else."""

import random
from collections.abc import Callable
from typing import TypeVar

from cli.http.client import CallFailed

RETRIES = 3
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
T = TypeVar("T")


def retry(attempt: Callable[[], T], *, sleep: Callable[[float], object]) -> T:
    """Return what an attempt returns, after at most RETRIES more if it fails for a reason that may pass.

    Raises:  CallFailed: the last attempt's, or the first that would fail again.
    """
    for number in range(RETRIES):
        try:
            return attempt()
        except CallFailed as failure:
            if not failure.is_transient:
                raise
            pause_s = max(failure.retry_after_s, FIRST_PAUSE_S * 2**number * random.uniform(0.5, 1.5))  # noqa: S311 - spreads load, guards nothing
        sleep(min(pause_s, LONGEST_PAUSE_S))
    return attempt()
