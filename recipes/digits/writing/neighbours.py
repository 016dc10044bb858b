"""Boxes by size and place, so that finding those near another takes no longer for ten thousand of them, and never longer than a limit."""

from collections.abc import Iterator
from itertools import product
from typing import Generic, Protocol, TypeVar

from recipes.errors import TooLarge

MAX_COMPARISONS = 400_000  # a second, less on most machines; a page of 990 digits and 6,000 specks takes half of them, most sheets 2,000
A_MARK = 20  # comparisons take as long as all that is asked of one mark alone
MAX_MARKS = MAX_COMPARISONS // A_MARK
SEND_LESS = "Send a part of the page, or a picture with less texture."


class Box(Protocol):
    """A rectangle in pixels."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def size(self) -> int:
        """The longer side."""


BoxT = TypeVar("BoxT", bound=Box)


class Budget:
    """How many comparisons a page may still take: it may have too many marks, or they may be drawn so that each is close to all others.

    Args:    marks: how many the page has.
    Raises:  TooLarge: they are too many.
    """

    def __init__(self, marks: int = 0) -> None:
        if marks > MAX_MARKS:
            raise TooLarge(f"the picture holds {marks:,} marks; the limit is {MAX_MARKS:,}", advice=SEND_LESS)
        self._left = MAX_COMPARISONS - A_MARK * marks

    def spend(self, comparisons: int) -> None:
        """Count comparisons; raise TooLarge if there were too many."""
        self._left -= comparisons
        if self._left < 0:
            raise TooLarge("the picture holds more marks close to each other than can be told apart", advice=SEND_LESS)


class Neighbours(Generic[BoxT]):
    """Boxes of about one size are in a grid of cells of that size: each is in few cells, however large or small the others are."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._levels: dict[int, dict[tuple[int, int], list[BoxT]]] = {}

    def add(self, box: BoxT) -> None:
        """Add a box, to be found as far away as a fifth of its size."""
        margin = round(0.2 * box.size)
        level = (box.size + 2 * margin).bit_length()
        cells = self._levels.setdefault(level, {})
        for cell in _find_cells(box, margin, level):
            cells.setdefault(cell, []).append(box)

    def find(self, box: BoxT, *, least_size: int = 0) -> list[BoxT]:
        """Return the boxes near another, those first that were added first among their size.

        Args:    least_size: smaller ones may be left out.
        Raises:  TooLarge: too much was found for this page.
        """
        found: dict[int, BoxT] = {}
        for level, cells in self._levels.items():
            if 1 << level <= least_size:
                continue
            for cell in _find_cells(box, 0, level):
                near = cells.get(cell, ())
                self._budget.spend(1 + len(near))
                for other in near:
                    found[id(other)] = other
        return list(found.values())


def _find_cells(box: Box, margin: int, level: int) -> Iterator[tuple[int, int]]:
    across = range((box.left - margin) >> level, ((box.right + margin) >> level) + 1)
    down = range((box.top - margin) >> level, ((box.bottom + margin) >> level) + 1)
    return product(across, down)
