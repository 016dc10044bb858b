"""What stands about one digit in its picture: lines under or over it, which are parted from it, and other ink, which is counted.

Components are integers of a grid's cells, a bit each, the last cell lowest; see `specks`.
"""

from collections.abc import Iterator
from functools import cache

from recipes.digits.ink.shapes import Extent, project

# Of the digit's height, the most that a line has; the second where it is above or below all of the digit, drawn by hand.
LINE_THICKNESS, APART_THICKNESS = 0.2, 0.32
LINE_WIDTH = 0.8  # of it, the least width of a line that touches the digit: a one's foot is less wide
BEYOND = 0.12  # of it, how far a line goes beyond the digit on either side; a two's foot and a seven's bar go on one side at most
FLAT = 3  # times as wide as high, the least for a line
APART, REACH = 0.12, 1.2  # of the digit's height, how far a mark is beside it: its own parts are closer, dust is farther
MARK_SIZE = 0.15  # of it, the least; but for a point
FAR, SMALL = 0.15, 0.5  # of it, how far beside all of the digit something small is that is not part of it, and how high at most
FAR_DOWN = 0.6  # of it, the same above or below: a question mark's point is closer
SIDES, SIDE_SHARE = 3, 0.7  # of the digit's box has a loop about it, and how much of each; or one less, and is far from it
ABOUT_HEIGHT, CENTRAL = 0.25, 0.25  # of a loop's, the least of what is in it, and how far from each side its middle is at least
POINT_SIZE, POINT_HEIGHT = 0.09, 0.15  # of it, the least of both sides, and how far above the digit's foot its own may be
THICK = 0.3  # of a stroke's cells are the corner of a square of four
COMMA = 0.05  # of it, how far a comma goes below the digit's foot, and may then be close to it


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


def part_loop(components: list[int], columns: int) -> list[int]:
    """Return the components that an open loop goes about, the largest first; all if there is none.

    A ring drawn by hand is seldom closed, and of a sheet on a table there may be the shadow, along two of its sides.
    """
    extents = [Extent.of_bits(each, columns) for each in components]
    loop = max(range(len(components)), key=lambda at: extents[at].height)
    within = [at for at, each in enumerate(components) if at != loop and _is_within(each, components[loop], columns)]
    central = [extents[at].height for at in within if _is_central(extents[at], extents[loop])]
    if max(central, default=0) < ABOUT_HEIGHT * extents[loop].height:
        return components
    return [components[at] for at in within]


def part_aside(components: list[int], columns: int) -> tuple[list[int], int]:
    """Return the components of the digit, which are close to each other, and how many small marks, but for dust, are apart from them."""
    extents = [Extent.of_bits(each, columns) for each in components]
    height, own, left = extents[0].height, [0], list(range(1, len(components)))

    def is_near(one: Extent, other: Extent) -> bool:
        across, down = one.measure_gaps(other)
        return across < FAR * height and down < FAR_DOWN * height

    for at in own:
        near = [each for each in left if is_near(extents[at], extents[each])]
        left = [each for each in left if each not in near]
        own += near
    small = [each for each in left if extents[each].height < SMALL * height]
    marks = sum(max(extents[each].width, extents[each].height) >= MARK_SIZE * height for each in small)
    return [component for at, component in enumerate(components) if at not in small], marks


def count_marks(components: list[int], columns: int, *, is_textured: bool) -> int:
    """Return how many components stand beside the first; on textured paper, those thicker than a cell."""
    digit = Extent.of_bits(components[0], columns)
    marks = [each for each in components[1:] if _is_beside(Extent.of_bits(each, columns), digit)]
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
        is_apart = extent.bottom >= digit.top or extent.top <= digit.bottom
        most = APART_THICKNESS * digit.height if is_apart else thickness
        return extent.height <= most and is_outside and _goes_beyond(extent, digit)

    return [each for each, extent, is_flat in zip(components, extents, flat, strict=True) if not (is_flat and is_line(extent))]


def _find_touching_line(component: int, columns: int) -> int:
    """Return the cells of a line that the component's foot stands on; 0 if it has none."""
    whole = Extent.of_bits(component, columns)
    if whole.width < LINE_WIDTH * whole.height:
        return 0
    band = round(LINE_THICKNESS * whole.height)
    above = component >> (whole.bottom + band) * columns
    digit = Extent.of_bits(above, columns)
    if not _goes_beyond(whole, digit):
        return 0
    low = component & (1 << (whole.bottom + band) * columns) - 1
    row = (1 << digit.right) - 1 | (1 << columns) - (1 << digit.left)
    aside = low & row * _stack(columns, whole.bottom + band)
    top = Extent.of_bits(aside, columns).top
    if top >= whole.bottom + band:
        return 0
    return component & (1 << top * columns) - 1


def _is_within(component: int, loop: int, columns: int) -> bool:
    """Return whether a loop goes about a component, and not into its box."""
    box = Extent.of_bits(component, columns)
    sides = sum(share >= SIDE_SHARE for share in _measure_sides(loop, box, columns))
    far = round(FAR * box.height) if sides < SIDES else 0
    row = (1 << box.left + far) - (1 << max(0, box.right - far))
    band = loop >> max(0, box.bottom - far) * columns & (1 << (box.top + far - max(0, box.bottom - far)) * columns) - 1
    return sides >= SIDES - 1 and not project(band, columns) & row


def _measure_sides(loop: int, box: Extent, columns: int) -> Iterator[float]:
    """Give how much of each side of a box has a part of the loop beyond it."""
    for beyond in (loop >> box.top * columns, loop & (1 << box.bottom * columns) - 1):
        yield (project(beyond, columns) & (1 << box.left) - (1 << box.right)).bit_count() / box.width
    lines = [loop >> at * columns & (1 << columns) - 1 for at in range(box.bottom, box.top)]
    yield sum(line >> box.left > 0 for line in lines) / box.height
    yield sum(line & (1 << box.right) - 1 > 0 for line in lines) / box.height


def _is_central(own: Extent, loop: Extent) -> bool:
    """Tell what is about the middle of a loop from a mark beside a digit, which has strokes on two sides of it too."""
    across, down = (own.left + own.right) / 2 - loop.right, (own.bottom + own.top) / 2 - loop.bottom
    return CENTRAL <= across / loop.width <= 1 - CENTRAL and CENTRAL <= down / loop.height <= 1 - CENTRAL


def _goes_beyond(own: Extent, other: Extent) -> bool:
    """Tell what goes farther than another to both sides."""
    least = BEYOND * other.height
    return own.left - other.left >= least and other.right - own.right >= least


def _is_beside(own: Extent, digit: Extent) -> bool:
    """Tell a mark or a point beside a digit from its own parts, and from dust."""
    gap, height = max(own.right - digit.left, digit.right - own.left), digit.height
    least = 0 if own.bottom < digit.bottom - COMMA * height else APART * height
    if not least <= gap <= REACH * height or own.top <= digit.bottom or own.bottom >= digit.top:
        return False
    is_point = min(own.width, own.height) >= POINT_SIZE * height and own.bottom - digit.bottom <= POINT_HEIGHT * height
    return is_point or max(own.width, own.height) >= MARK_SIZE * height
