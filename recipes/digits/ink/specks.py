"""Which of a mask's pixels are one digit's: lonely ones and specks are not, and parts beside each other are several digits'.

A mask is worked on as one integer, so that an operation is of all its cells at once.
"""

from typing import NamedTuple

from PIL import Image

from recipes.digits.ink.shapes import Extent, find_components, project
from recipes.digits.ink.surroundings import count_marks, may_stand_on_line, part_aside, part_lines, part_loop

GRID_CELLS = 56
SPECK_SHARE = 0.04  # of the largest component's area; the detached bar of a 5 has a fifth
POINT_SHARE = 0.02  # of it: a point may be as small as a speck, but for where it stands
TEXTURE = 8  # pieces of ink, the most on plain paper: what printed lines leave is thin
DIGIT_HEIGHT, DIGIT_SHARE = 0.5, 0.1  # of the tallest component and of the largest: less is a part of a digit
MAX_OVERLAP = 0.25  # of the narrower's columns: parts of one digit are above each other
MARGIN_CELLS = 3  # one on either side of an outline that is spread by one, and one between them
ASIDE = 0.2  # of a box's width and height, at its sides
MOST_LEFT_OUT = 0.4  # of a panel; more is the paper in a frame
BOX_SHARE = 0.86  # of its box is a panel that is no disc
PANEL_WIDTH = 0.5  # of its height, the least: a one is less wide
PANEL_SHARE = 0.65  # of its box is ink, at least: a digit is less solid
FRAMED_HEIGHT = 0.25  # of the frame's: what is in it is less in a dotted zero
FRAME_DEPTH, FRAME_SHARE = 0.06, 0.8  # of the ink's box: so deep and so long is ink along a side where there is a frame
_TO_TEXT = b"0" + b"1" * 255


def remove_noise(mask: Image.Image, noise: float) -> Image.Image:
    """Return the pixels of a mask (0 and 255) that have company, if its paper is noisy: two of a pixel's four neighbours are in it, too."""
    if noise <= 1:
        return mask
    width, height = mask.size
    stride = width // 8 * 8 + 8  # so that a row's end is not beside the next row's start
    bits = int.from_bytes(mask.crop((0, 0, stride, height)).convert("1", dither=Image.Dither.NONE).tobytes(), "big")
    left, right, above, below = bits >> 1, bits << 1, bits >> stride, bits << stride
    two = (left & right) | (above & below) | ((left | right) & (above | below))
    kept = Image.frombytes("1", (stride, height), (bits & two).to_bytes(stride * height // 8, "big"))
    return kept.crop((0, 0, width, height)).convert("L")


class Shown(NamedTuple):
    """What a mask shows.

    Args:    mask: white around every component but specks and lines; the mask itself if it has none.
             digits: how many stand beside each other.
             marks: how many lines and other pieces of ink stand about the one digit; 0 where there are several.
             panel: white in a solid panel that a digit may be left out of; None if there is none.
    """

    mask: Image.Image
    digits: int = 1
    marks: int = 0
    panel: Image.Image | None = None


def remove_specks(mask: Image.Image, box: tuple[int, int, int, int], *, is_photo: bool = False, is_part: bool = False) -> Shown:
    """Return a mask without specks, and without lines under or over its digit; and what stands beside each other in it.

    Args:    mask: 0 and 255.
             is_photo: whether a solid shape may be a sheet of paper that lies aslant or is torn.
             is_part: whether it is cut out of a page without what is about it: an open loop then is a piece of it.
             box: of what is not 0. The components are looked for on a grid of it: a small digit's cells are small, too.
    """
    factor = _find_factor(box)
    cells = Cells.of_mask(mask, box, factor)
    panel = cells.find_panel((box[2] - box[0]) / factor, (box[3] - box[1]) / factor, is_photo=is_photo)
    kept, digits, marks = cells.find_digits(-(-(box[2] - box[0]) // factor), is_part=is_part)
    shown = mask if kept == cells.bits else cells.render(kept, mask.size, box, factor)
    return Shown(shown, digits, marks, cells.render(panel, mask.size, box, factor) if panel else None)


def is_framed(mask: Image.Image, box: tuple[int, int, int, int]) -> bool:
    """Whether ink runs along all four sides of its box."""
    left, top, right, bottom = box
    depth = max(1, round(FRAME_DEPTH * max(right - left, bottom - top)))
    level = (left, top, right, top + depth), (left, bottom - depth, right, bottom)
    upright = (left, top, left + depth, bottom), (right - depth, top, right, bottom)
    strips = [*((strip, 0) for strip in level), *((strip, 1) for strip in upright)]
    return all(sum(along := mask.crop(strip).getprojection()[axis]) >= FRAME_SHARE * len(along) for strip, axis in strips)


def reaches_middle(mask: Image.Image, box: tuple[int, int, int, int]) -> bool:
    """Tell a digit in a box from what is left of the box's sides."""
    left, top, right, bottom = box
    across, down = round(ASIDE * (right - left)), round(ASIDE * (bottom - top))
    return mask.crop((left + across, top + down, right - across, bottom - down)).getbbox() is not None


def may_be_left_out(mask: Image.Image, panel: Image.Image, *, is_flat: bool) -> bool:
    """Return whether what is left out of a panel may be a digit.

    Args:    mask: of what is left out, 0 and 255.
             panel: 255 in the panel and in what is left out of it.
             is_flat: whether the panel is of one level, as a plot's is and a photo is not.
    """
    from recipes.digits.ink.panels import may_be_digit  # noqa: PLC0415 - few pictures have a panel

    if mask.histogram()[255] > MOST_LEFT_OUT * panel.histogram()[255]:
        return False
    box, whole = mask.getbbox(), panel.getbbox()
    if box is None or whole is None or not reaches_middle(mask, whole) or (not is_flat and _reaches_side(mask, whole)):
        return False
    cells = Cells.of_mask(mask, box, _find_factor(box))
    components = cells.find_components()
    if part_loop(components, cells.columns) is not components:  # the paper between an open ring and the zero in it
        return False
    fill = panel.histogram()[255] / ((whole[2] - whole[0]) * (whole[3] - whole[1]))
    return may_be_digit(components, cells.columns, cells.rows, is_box=fill >= BOX_SHARE)


def _reaches_side(mask: Image.Image, panel: tuple[int, int, int, int]) -> bool:
    """Return whether the largest piece of what is left out reaches a side of the panel's box, as what a photo shows does."""
    factor = _find_factor(panel)
    cells = Cells.of_mask(mask, panel, factor)
    piece, across = Extent.of_bits(cells.find_components()[0], cells.columns), -(-(panel[2] - panel[0]) // factor)
    right, left = piece.right - (cells.columns - across), cells.columns - piece.left
    return min(piece.bottom, cells.rows - piece.top, right, left) == 0


class Cells(NamedTuple):
    """A grid's cells, a bit each, the last one lowest. Its last columns are empty: a row's end is not beside the next row's start."""

    bits: int
    columns: int
    rows: int

    @classmethod
    def of_mask(cls, mask: Image.Image, box: tuple[int, int, int, int], factor: int) -> "Cells":
        """Return the cells of `factor` pixels to a side that have ink in them, of the box."""
        left, top, right, bottom = box
        columns = (-(-(right - left) // factor) + MARGIN_CELLS + 7) // 8 * 8
        grid = mask.crop((left, top, left + columns * factor, bottom))  # right of the box is no ink
        grid = grid.reduce(factor) if factor > 1 else grid
        return cls(int(grid.tobytes().translate(_TO_TEXT), 2), columns, grid.height)

    @classmethod
    def of_text(cls, pixels: bytes, width: int, box: tuple[int, int, int, int]) -> "Cells":
        """Return the cells of a picture of b"0" and b"1", of the box: a pixel each, and at least MARGIN_CELLS of a row are beside the box.

        From the box's corner on, a row of the picture is a row of cells: what is left of the box follows what is right of it.
        """
        left, top, _, bottom = box
        own = pixels[top * width + left : bottom * width + left].ljust((bottom - top) * width, b"0")
        return cls(int(own, 2), width, bottom - top)

    def find_digits(self, width: int, *, is_part: bool = False) -> tuple[int, int, int]:
        """Return the cells that are no specks and no lines, how many digits are beside each other, and how many marks about the one.

        Args:    width: the columns from the first that hold ink.
                 is_part: whether no open loop is looked for about the digit.
        """
        components = self.find_components()
        kept, points, is_textured, loops = components, [], False, 0
        if len(components) == 1:
            if not may_stand_on_line(self.bits, self.columns, width, self.rows):
                return self.bits, 1, 0  # as most are
        else:
            framed, loops = _drop_frames(components, self, is_part=is_part)
            largest = framed[0].bit_count()
            kept = [component for component in framed if component.bit_count() >= SPECK_SHARE * largest]
            points = [component for component in framed[len(kept) :] if component.bit_count() >= POINT_SHARE * largest]
            is_textured = len(components) > TEXTURE
        digit, marks = part_lines(kept, self.columns)
        count = _count_digits(digit, self.columns) if len(digit) > 1 else 1
        if count > 1:
            marks = 0
        elif len(digit) + len(points) > 1:
            marks += count_marks([*digit, *points], self.columns, is_textured=is_textured)
            digit, aside = part_aside(digit, self.columns)
            marks = marks if is_textured else max(marks, aside)
        if count == 1:
            marks += loops
        return sum(digit), count, marks

    def find_components(self) -> list[int]:
        """Return the cells that touch; see `find_components`."""
        return find_components(self.bits, self.columns)

    def find_panel(self, width: float, height: float, *, is_photo: bool = False) -> int:
        """Return the cells of a solid panel that a digit may be left out of; 0 if there is none, as in most pictures.

        Args:    width, height: of the ink's box, in cells.
        """
        if width < PANEL_WIDTH * height or self.bits.bit_count() < PANEL_SHARE * width * height:
            return 0
        from recipes.digits.ink.panels import find_panel  # noqa: PLC0415 - strokes are not solid

        return find_panel(self.bits, self.columns, self.rows, may_be_sheet=is_photo)

    def render(self, kept: int, size: tuple[int, int], box: tuple[int, int, int, int], factor: int) -> Image.Image:
        """Return an "L" image of that size, 255 at these of the cells and at the empty ones about them: strokes have soft edges."""
        bits = (_spread(kept, self.columns) & ~self.bits | kept) & (1 << self.rows * self.columns) - 1
        pixels = bits.to_bytes(self.rows * self.columns // 8, "big")
        white = Image.frombytes("1", (self.columns, self.rows), pixels).convert("L")
        if factor > 1:
            white = white.resize((self.columns * factor, self.rows * factor), Image.Resampling.NEAREST)
        about = Image.new("L", size)
        about.paste(white, box[:2])
        return about


def _find_factor(box: tuple[int, int, int, int]) -> int:
    """Return how many pixels to a side a cell of the grid has."""
    return -(-max(box[2] - box[0], box[3] - box[1]) // GRID_CELLS)


def _spread(bits: int, columns: int) -> int:
    """Return the cells and the eight about each."""
    bits |= bits << 1 | bits >> 1
    return bits | bits << columns | bits >> columns


def _drop_frames(components: list[int], cells: Cells, *, is_part: bool) -> tuple[list[int], int]:
    """Return what a frame is drawn around, the largest first, and how many open loops were about it; all if there is neither.

    A frame is closed, or nearly, about most of the rest.
    """
    heights = _measure_heights(components, cells.columns)
    frame = heights.index(max(heights))
    highest = sorted(heights)[-2]
    if highest < FRAMED_HEIGHT * heights[frame]:
        return components, 0
    inside = _find_inside(components[frame], cells)
    framed = [component for component in components if component & inside]
    if not framed:
        within = components if is_part else part_loop(components, cells.columns)
        return within, int(within is not components)
    if max(_measure_heights(framed, cells.columns)) < FRAMED_HEIGHT * heights[frame]:
        return components, 0
    from recipes.digits.ink.panels import is_plain  # noqa: PLC0415 - few digits are framed

    if not is_plain(inside, cells.columns):  # the outline of a hollow digit
        return components, 0
    return _drop_frames(framed, cells, is_part=is_part) if len(framed) > 1 else (framed, 0)


def _find_inside(outline: int, cells: Cells) -> int:
    """Return the cells that cannot be reached from beyond the grid without crossing the outline, gaps of two cells bridged."""
    columns = cells.columns
    free = ~_spread(outline << 2 * columns, columns) & (1 << (cells.rows + 4) * columns) - 1  # with two rows above, and two below
    flood, reached = (1 << columns) - 1, 0
    while flood != reached:
        reached = flood
        flood = (flood | flood << 1 | flood >> 1 | flood << columns | flood >> columns) & free
    return (free ^ flood) >> 2 * columns


def _measure_heights(components: list[int], columns: int) -> list[int]:
    return [(each.bit_length() - 1) // columns - ((each & -each).bit_length() - 1) // columns + 1 for each in components]


def _count_digits(components: list[int], columns: int) -> int:
    """Return how many of the components are digits beside each other: a large share of the tallest, and with columns of their own."""
    heights = _measure_heights(components, columns)
    least_height, least_area = DIGIT_HEIGHT * max(heights), DIGIT_SHARE * components[0].bit_count()
    spans = sorted(
        _find_span(each, columns)
        for each, height in zip(components, heights, strict=True)
        if height >= least_height and each.bit_count() >= least_area
    )
    count, last_start, last_end = 0, 0, 0
    for start, end in spans:
        if count and last_end - start > MAX_OVERLAP * min(end - start, last_end - last_start):
            last_end = max(last_end, end)
        else:
            count, last_start, last_end = count + 1, start, end
    return count


def _find_span(component: int, columns: int) -> tuple[int, int]:
    """Return the component's first column and the one after its last, counted from the right."""
    row = project(component, columns)
    return (row & -row).bit_length() - 1, row.bit_length()
