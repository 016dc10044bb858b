"""Shapes as integers of a grid's cells, a bit each, the last cell lowest; see `specks`: which cells touch, and how far they extend."""

from typing import NamedTuple


class Extent(NamedTuple):
    """Rows and columns that ink takes, counted from the last, the ends excluded."""

    bottom: int
    top: int
    right: int
    left: int

    @classmethod
    def of_bits(cls, bits: int, columns: int) -> "Extent":
        """Return the extent of a component's cells."""
        row = project(bits, columns)
        lowest = (bits & -bits).bit_length() - 1
        return cls(lowest // columns, (bits.bit_length() - 1) // columns + 1, (row & -row).bit_length() - 1, row.bit_length())

    @property
    def height(self) -> int:
        """Rows."""
        return self.top - self.bottom

    @property
    def width(self) -> int:
        """Columns."""
        return self.left - self.right

    def measure_gaps(self, other: "Extent") -> tuple[int, int]:
        """Return how many cells are between two boxes, across and down; negative where they overlap."""
        return max(self.right - other.left, other.right - self.left), max(self.bottom - other.top, other.bottom - self.top)


def find_components(bits: int, columns: int) -> list[int]:
    """Return the cells that touch, diagonals included, as bits; the largest component first."""
    left, components = bits, []
    while left:
        flood, reached = left & -left, 0
        while flood != reached:
            reached = flood
            flood |= flood << 1 | flood >> 1
            flood = (flood | flood << columns | flood >> columns) & left
        components.append(flood)
        left ^= flood
    return sorted(components, key=int.bit_count, reverse=True)


def project(bits: int, columns: int) -> int:
    """Return the columns that have ink, as one row."""
    rows = bits.bit_length() // columns + 1
    while rows > 1:
        half = (rows + 1) // 2
        bits = bits >> half * columns | bits & (1 << half * columns) - 1
        rows = half
    return bits
