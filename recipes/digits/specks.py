"""Which of a mask's pixels are one digit's: lonely ones and specks are not, and parts beside each other are several digits'.

A mask is worked on as one integer, so that an operation is of all its cells at once.
"""

from dataclasses import dataclass

from PIL import Image

GRID_CELLS = 56
SPECK_SHARE = 0.04  # of the largest component's area; the detached bar of a 5 has a fifth
DIGIT_HEIGHT, DIGIT_SHARE = 0.5, 0.1  # of the tallest component and of the largest: less is a part of a digit
MAX_OVERLAP = 0.25  # of the narrower's columns: parts of one digit are above each other
_TO_WHITE = bytes([0]) + bytes([255]) * 255


def remove_lonely(mask: Image.Image) -> Image.Image:
    """Return the pixels of a mask (0 and 255) with two of their four neighbours in it, too."""
    width, height = mask.size
    stride = width + 1  # so that a row's end is not beside the next row's start
    pixels = int.from_bytes(mask.crop((0, 0, stride, height)).tobytes(), "big")
    left, right, above, below = pixels >> 8, pixels << 8, pixels >> 8 * stride, pixels << 8 * stride
    two = (left & right) | (above & below) | ((left | right) & (above | below))
    return Image.frombytes("L", (stride, height), (pixels & two).to_bytes(stride * height, "big")).crop((0, 0, width, height))


def remove_specks(mask: Image.Image, box: tuple[int, int, int, int]) -> tuple[Image.Image, int]:
    """Return a mask that is white around every component but specks, the mask itself if it has none; and how many digits there are.

    Args:    mask: 0 and 255.
             box: of what is not 0. The components are looked for on a grid of it: a small digit's cells are small, too.
    """
    factor = -(-max(box[2] - box[0], box[3] - box[1]) // GRID_CELLS)
    cells = _Cells.of_mask(mask, box, factor)
    components = cells.find_components()
    largest = components[0].bit_count()
    kept = [component for component in components if component.bit_count() >= SPECK_SHARE * largest]
    count = 1 if len(kept) == 1 else _count_digits(kept, cells.columns)
    if len(kept) == len(components):
        return mask, count
    white = _Cells(sum(kept), cells.columns, cells.rows).render()
    if factor > 1:
        white = white.resize((cells.columns * factor, cells.rows * factor), Image.Resampling.NEAREST)
    about = Image.new("L", mask.size)
    about.paste(white, box[:2])
    return about, count


@dataclass(frozen=True, slots=True)
class _Cells:
    """A grid's cells, a bit each, the last one lowest. Its last column is empty, so that a row's end is not beside the next row's start."""

    bits: int
    columns: int
    rows: int

    @classmethod
    def of_mask(cls, mask: Image.Image, box: tuple[int, int, int, int], factor: int) -> "_Cells":
        """Return the cells of `factor` pixels to a side that have ink in them, of the box."""
        left, top, right, bottom = box
        columns = (-(-(right - left) // factor) + 8) // 8 * 8
        grid = mask.crop((left, top, left + columns * factor, bottom))  # right of the box is no ink
        if factor > 1:
            grid = grid.reduce(factor)
            grid = Image.frombytes("L", grid.size, grid.tobytes().translate(_TO_WHITE))
        return cls(int.from_bytes(grid.convert("1", dither=Image.Dither.NONE).tobytes(), "big"), columns, grid.height)

    def find_components(self) -> list[int]:
        """Return the cells that touch, diagonals included, as bits; the largest component first."""
        left, components = self.bits, []
        while left:
            flood, reached = left & -left, 0
            while flood != reached:
                reached = flood
                flood |= flood << 1 | flood >> 1
                flood = (flood | flood << self.columns | flood >> self.columns) & left
            components.append(flood)
            left ^= flood
        return sorted(components, key=int.bit_count, reverse=True)

    def render(self) -> Image.Image:
        """Return an "L" image, 255 at the cells and about them: strokes have soft edges."""
        bits = self.bits | self.bits << 1 | self.bits >> 1
        bits |= bits << self.columns | bits >> self.columns
        pixels = (bits & (1 << self.rows * self.columns) - 1).to_bytes(self.rows * self.columns // 8, "big")
        return Image.frombytes("1", (self.columns, self.rows), pixels).convert("L")


def _count_digits(components: list[int], columns: int) -> int:
    """Return how many of the components are digits beside each other: a large share of the tallest, and with columns of their own."""
    heights = [(each.bit_length() - 1) // columns - ((each & -each).bit_length() - 1) // columns + 1 for each in components]
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
    row = 0
    while component:
        row |= component & (1 << columns) - 1
        component >>= columns
    return (row & -row).bit_length() - 1, row.bit_length()
