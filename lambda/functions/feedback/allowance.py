"""How many labels one caller may give in an hour. The count is one small object, which is replaced only by who has read its last state.

No database and no clock of a function's own: functions that run at the same time count together.
"""

import random
import time
from collections.abc import Callable

from functions.shared import areas
from functions.shared.object_store import Store, format_time

HOUR_S = 3600
TRIES, LONGEST_PAUSE_S = 8, 0.2  # a caller's calls at the same moment count one after the other


class Exhausted(Exception):
    """The caller may not give so many labels now.

    Args:    detail: a sentence for the caller.
             retry_in_s: when there is room again.
    """

    def __init__(self, detail: str, retry_in_s: int) -> None:
        super().__init__(detail)
        self.retry_in_s = retry_in_s


class Allowance:
    """The callers' allowances.

    Args:    results: the bucket of results.
             labels_per_hour: for each caller; at least what one call may give.
             now, sleep: replaced in tests.
    """

    def __init__(
        self,
        results: Store,
        labels_per_hour: int,
        *,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._results, self._labels_per_hour, self._now, self._sleep = results, labels_per_hour, now, sleep

    def take(self, owner: str, labels: int) -> None:
        """Count labels that the caller is about to give.

        Raises:  Exhausted: with them it would be more than an hour's, so none of them is counted.
        """
        hour, second = divmod(int(self._now()), HOUR_S)
        key = f"{areas.ALLOWANCES}/{owner}/{format_time(hour * HOUR_S)[:13]}.json"
        if self._results.create_json(key, {"labels": labels}):
            return
        for _ in range(TRIES):
            document, etag = self._results.read_version(key)
            total = document["labels"] + labels
            if total > self._labels_per_hour:
                raise Exhausted(f"a caller may give {self._labels_per_hour:,} labels an hour", HOUR_S - second)
            if self._results.replace_json(key, {"labels": total}, etag):
                return
            self._sleep(random.uniform(0, LONGEST_PAUSE_S))  # noqa: S311 - spreads calls, guards nothing
        raise Exhausted("too many calls of this caller at the same moment", 1)
