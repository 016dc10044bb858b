"""What stands about one digit in its picture: lines under or over it, which are parted from it, and other ink, which is counted.

Components are integers of a grid's cells, a bit each, the last cell lowest; see `specks`.
"""

from functools import cache
from typing import NamedTuple

LINE_THICKNESS = 0.2  # of the digit's height, the most
LINE_WIDTH = 0.8  # of it, the least width of a line that touches the digit: a one's foot is less wide
BEYOND = 0.12  # of it, how far a line goes beyond the digit on either side; a two's foot and a seven's bar go on one side at most
FLAT = 3  # times as wide as high, the least for a line
APART, REACH = 0.12, 1.2  # of the digit's height, how far a mark is beside it: its own parts are closer, dust is farther
MARK_SIZE = 0.15  # of it, the least; but for a point
POINT_SIZE, POINT_HEIGHT = 0.09, 0.15  # of it, the least of both sides, and how far above the digit's foot its own may be
THICK = 0.3  # of a stroke's cells are the corner of a square of four
COMMA = 0.05  # of it, how far a comma goes below the digit's foot, and may then be close to it


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

    def goes_beyond(self, other: "Extent") -> bool:
        """Tell what goes farther than another to both sides."""
        least = BEYOND * other.height
        return self.left - other.left >= least and other.right - self.right >= least

    def is_beside(self, digit: "Extent") -> bool:
        """Tell a mark or a point beside a digit from its own parts, and from dust."""
        gap, height = max(self.right - digit.left, digit.right - self.left), digit.height
        least = 0 if self.bottom < digit.bottom - COMMA * height else APART * height
        if not least <= gap <= REACH * height or self.top <= digit.bottom or self.bottom >= digit.top:
            return False
        is_point = min(self.width, self.height) >= POINT_SIZE * height and self.bottom - digit.bottom <= POINT_HEIGHT * height
        return is_point or max(self.width, self.height) >= MARK_SIZE * height


def may_stand_on_line(bits: int, columns: int, width: int, rows: int) -> bool:
    """Return whether only the lowest of a digit's rows reach its left and its right side, of `width` columns from the grid's first.

    It costs a hundredth of what finding the line does.
    """
    band = round(LINE_THICKNESS * rows)
    sides = (1 << columns - 1 | 1 << columns - width) * _stack(columns, rows - band)
    return width >= LINE_WIDTH * rows and not bits >> band * columns & sides


@cache
def _stack(columns: int, rows: int) -> int:
    """Return the last cell of so many rows; a row times this is that row in each of them."""
    return ((1 << rows * columns) - 1) // ((1 << columns) - 1)


def part_lines(components: list[int], columns: int) -> tuple[list[int], int]:
    """Return the components without the lines under and over them, the largest first as they were given, and how many lines there are."""
    parted = _drop_lines(components, columns) if len(components) > 1 else components
    line = _find_touching_line(parted[0], columns)
    if line:
        parted = sorted([parted[0] ^ line, *parted[1:]], key=int.bit_count, reverse=True)
    return parted, len(components) - len(parted) + bool(line)


def count_marks(components: list[int], columns: int, *, is_textured: bool) -> int:
    """Return how many components stand beside the first; on textured paper, those thicker than a cell."""
    digit = Extent.of_bits(components[0], columns)
    marks = [each for each in components[1:] if Extent.of_bits(each, columns).is_beside(digit)]
    return sum(not is_textured or _is_thick(each, columns) for each in marks)


def _is_thick(component: int, columns: int) -> bool:
    """Tell a pen's stroke from what is left of a printed line."""
    square = component & component >> 1
    return (square & square >> columns).bit_count() >= THICK * component.bit_count()


def _drop_lines(components: list[int], columns: int) -> list[int]:
    """Return the components without lines above and below them all, which go farther to both sides."""
    extents = [Extent.of_bits(each, columns) for each in components]
    flat = [each.width >= FLAT * each.height for each in extents]
    rest = [extent for extent, is_flat in zip(extents, flat, strict=True) if not is_flat]
    if not rest or len(rest) == len(components):
        return components
    digit = Extent(
        min(each.bottom for each in rest),
        max(each.top for each in rest),
        min(each.right for each in rest),
        max(each.left for each in rest),
    )

    def is_line(extent: Extent) -> bool:
        thickness = LINE_THICKNESS * digit.height
        is_outside = extent.bottom >= digit.top - thickness or extent.top <= digit.bottom + thickness
        return extent.height <= thickness and is_outside and extent.goes_beyond(digit)

    return [each for each, extent, is_flat in zip(components, extents, flat, strict=True) if not (is_flat and is_line(extent))]


def _find_touching_line(component: int, columns: int) -> int:
    """Return the cells of a line that the component's foot stands on; 0 if it has none."""
    whole = Extent.of_bits(component, columns)
    if whole.width < LINE_WIDTH * whole.height:
        return 0
    band = round(LINE_THICKNESS * whole.height)
    above = component >> (whole.bottom + band) * columns
    digit = Extent.of_bits(above, columns)
    if not whole.goes_beyond(digit):
        return 0
    low = component & (1 << (whole.bottom + band) * columns) - 1
    row = (1 << digit.right) - 1 | (1 << columns) - (1 << digit.left)
    aside = low & row * _stack(columns, whole.bottom + band)
    top = Extent.of_bits(aside, columns).top
    if top >= whole.bottom + band:
        return 0
    return component & (1 << top * columns) - 1


def project(bits: int, columns: int) -> int:
    """Return the columns that have ink, as one row."""
    rows = bits.bit_length() // columns + 1
    while rows > 1:
        half = (rows + 1) // 2
        bits = bits >> half * columns | bits & (1 << half * columns) - 1
        rows = half
    return bits
