"""Parts by the column of their middle, so that those beside a digit are found without a look at all that stands about its line."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from math import inf

from recipes.digits.writing.part import Part


class Columns:
    """Parts on one line."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts
        self._places = sorted((part.middle, at) for at, part in enumerate(parts))

    def find(self, left: float, right: float) -> list[Part]:
        """Return the parts whose middle is between two columns or on one of them, in the order in which they were given."""
        begin, end = bisect_left(self._places, (left,)), bisect_right(self._places, (right, inf))
        return [self._parts[at] for at in sorted(at for _, at in self._places[begin:end])]
