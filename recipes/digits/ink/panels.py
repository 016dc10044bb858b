"""Plain closed shapes about a digit: a frame that is drawn about it, or a solid panel that it is left out of.

Shapes are integers of a grid's cells, a bit each, the last cell lowest; see `specks`.
"""

from itertools import accumulate

from recipes.digits.ink.shapes import Extent, find_components

LEAST_FILL = 0.65  # of its box: a circle has .785, a square that lies aslant .67; the outline of a hollow nine .5 to .6
JAGGED, SMOOTH = 8, 2  # rows or columns that cross a plain shape twice: one drawn by hand, and a panel
BOX_FILL = 0.88  # of its box, with round corners
DISC_FILL, DISC_WIDTH = (0.74, 0.84), (0.92, 1.09)  # the same of a disc, and of its height: a written zero is seldom so round
PLOT_FILL = 0.95  # of its box, the same of a plot's rectangle
TORN_FILL, TORN = 0.8, 12  # of its box, and the same of a sheet with torn edges
WAIST = 0.1  # of its width, by which a row is less wide than one above and one below it: an eight's, and no sheet's
EDGE_CELLS = 2  # of a panel, which is soft
BENT = 0.2  # of its rows or columns are crossed twice by what is left out: a zero's or an eight's holes are round
SLIM = 0.35  # of a square of its height, the most that a one without a foot fills: it may slant


def is_plain(shape: int, columns: int, jagged: int = JAGGED) -> bool:
    """Return whether a shape without holes fills its box, and every row and column crosses it once, as those of a box or a disc do."""
    extent = Extent.of_bits(shape, columns)
    return max(_count_second(shape, columns, extent)) <= jagged and shape.bit_count() >= LEAST_FILL * extent.height * extent.width


def find_panel(bits: int, columns: int, rows: int, *, may_be_sheet: bool = False) -> int:
    """Return the cells of a solid panel with what is left out of it, without its edge; 0 if there is none.

    Args:    may_be_sheet: whether it may lie aslant and have torn edges, as paper does on a table; else it is a box or a disc.
    """
    panel = _fill(bits, columns, rows)
    if not may_be_sheet and (plot := _find_plot(panel, columns)):
        return plot
    fill = _measure_fill(panel, columns)
    if may_be_sheet:
        jagged = TORN if fill >= TORN_FILL else SMOOTH
    elif fill >= BOX_FILL or _is_disc(panel, columns):
        jagged = SMOOTH
    else:
        return 0
    if not is_plain(panel, columns, jagged) or (may_be_sheet and _has_waist(panel, columns)):
        return 0
    return _take_inner(panel, columns)


def _find_plot(shape: int, columns: int) -> int:
    """Return the cells of a plot's rectangle without its edge, its ticks, and what is written about it; 0 if a shape has none."""
    inner = next(iter(find_components(_take_inner(shape, columns), columns)), 0)
    plot = _grow(inner, columns) & shape
    is_plot = plot and _measure_fill(plot, columns) >= PLOT_FILL and is_plain(plot, columns, SMOOTH)
    return inner if is_plot else 0


def _take_inner(shape: int, columns: int) -> int:
    """Return a shape without its edge."""
    for _ in range(EDGE_CELLS):
        shape &= shape << 1 & shape >> 1
        shape &= shape << columns & shape >> columns
    return shape


def _grow(shape: int, columns: int) -> int:
    """Return a shape with as wide an edge."""
    for _ in range(EDGE_CELLS):
        shape |= shape << 1 | shape >> 1
        shape |= shape << columns | shape >> columns
    return shape


def may_be_digit(components: list[int], columns: int, rows: int, *, is_box: bool) -> bool:
    """Return whether what is left out of a panel is strokes: they are bent or have holes, or are one upright stroke in a box.

    Args:    is_box: whether the panel is one; a disc with a slit is a zero.
    """
    if any(_is_bent(each, columns, rows) for each in components):
        return True
    extent = Extent.of_bits(components[0], columns)
    return is_box and len(components) == 1 and components[0].bit_count() <= SLIM * extent.height**2


def _is_bent(component: int, columns: int, rows: int) -> bool:
    extent = Extent.of_bits(component, columns)
    across, down = _count_second(component, columns, extent)
    return across > BENT * extent.height or down > BENT * extent.width or _fill(component, columns, rows) != component


def _is_disc(shape: int, columns: int) -> bool:
    extent = Extent.of_bits(shape, columns)
    fill = _measure_fill(shape, columns)
    return DISC_FILL[0] <= fill <= DISC_FILL[1] and DISC_WIDTH[0] <= extent.width / extent.height <= DISC_WIDTH[1]


def _has_waist(shape: int, columns: int) -> bool:
    """Tell the outline of an eight from a sheet, which is nowhere less wide than above and below."""
    extent = Extent.of_bits(shape, columns)
    row = (1 << columns) - 1
    widths = [(shape >> at * columns & row).bit_count() for at in range(extent.bottom, extent.top)]
    below, above = accumulate(widths, max), reversed(list(accumulate(reversed(widths), max)))
    return any(min(ends) - width > WAIST * extent.width for width, *ends in zip(widths, below, above, strict=True))


def _measure_fill(shape: int, columns: int) -> float:
    extent = Extent.of_bits(shape, columns)
    return shape.bit_count() / (extent.width * extent.height)


def _count_second(shape: int, columns: int, extent: Extent) -> tuple[int, int]:
    """Return how often rows, and columns, come upon a shape after they have left it."""
    return (shape & ~(shape << 1)).bit_count() - extent.height, (shape & ~(shape << columns)).bit_count() - extent.width


def _fill(bits: int, columns: int, rows: int) -> int:
    """Return the cells and the holes in them."""
    all_ = (1 << (rows + 2) * columns) - 1  # with a row above, and one below
    free = all_ ^ bits << columns
    flood, reached = (1 << columns) - 1, 0
    while flood != reached:
        reached = flood
        flood = (flood | flood << 1 | flood >> 1 | flood << columns | flood >> columns) & free
    return (all_ ^ flood) >> columns & (1 << rows * columns) - 1
