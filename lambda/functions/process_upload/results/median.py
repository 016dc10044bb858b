"""The median of a stream of values, in memory that does not grow with them."""

from array import array
from heapq import merge
from itertools import repeat

KEPT = 16_384  # values of a level


class Median:
    """The median of up to KEPT values, and nearly that of more: of five million, its place in their order is within 0.1 % of the middle.

    A level that is full is sorted, and every second of its values stands for two in the next level. That moves the middle by one value of
    the level at most, and values that stand for k each are full once in n / (k · KEPT): together n / KEPT places a level.

    Source:  Manku, Rajagopalan, Lindsay: Approximate medians and other quantiles in one pass and with limited memory, 1998.
    """

    def __init__(self) -> None:
        self._levels = [array("d")]
        self._first = 0  # of two values the one that is kept, in turn: the smaller, the larger

    def add(self, value: float) -> None:
        """Take in a value."""
        if len(self._levels[0]) == KEPT:
            self._halve()
        self._levels[0].append(value)

    def find(self) -> float:
        """Return the median.

        Raises:  ValueError: no value was added.
        """
        total = sum(len(values) << level for level, values in enumerate(self._levels))
        in_order = [array("d", sorted(values)) for values in self._levels]
        place, lower = 0, 0.0
        for value, count in merge(*(zip(values, repeat(1 << level)) for level, values in enumerate(in_order))):
            if place <= (total - 1) // 2:
                lower = value
            place += count
            if place > total // 2:
                return lower / 2 + value / 2  # a sum of two large ones is infinite
        raise ValueError("there is no median of no values")

    def _halve(self) -> None:
        for level, values in enumerate(self._levels):
            if len(values) < KEPT:
                return
            if level + 1 == len(self._levels):
                self._levels.append(array("d"))
            self._levels[level + 1].extend(sorted(values)[self._first :: 2])
            del values[:]
            self._first = 1 - self._first
