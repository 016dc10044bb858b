"""Straight thin lines in one direction of a page's mask: level ones, or upright ones of the page transposed. Pillow and plain Python."""

from dataclasses import dataclass
from itertools import islice

from PIL import Image, ImageChops, ImageDraw

from recipes.digits.ink.bits import Bits
from recipes.digits.ink.components import Component, find_components

MIN_SPAN = 0.4  # of the page's longer side; no digit's bar is so long
MIN_COVERAGE = 0.65  # of its span; the bars of a row of sevens cover less
MIN_STRETCH = 0.05  # of the page's longer side, without a break; the rows of a page of small digits have none
CELL_PX = 4
SHORT_PX = 12
SOLID = 0.8  # of a short line's span is ink; what is less is a row of dashes
MAX_SLOPE = 0.12
MEETING_PX = 3
BRIDGED = 25  # of so many cells across the page one is bridged where strokes cross a line
ABOUT = 2  # rows and cells about ink
MAX_SHORT = 200  # that are compared with each other
MAX_TRIED = 600  # the longest pieces, which may be short lines


@dataclass(slots=True)
class Line:
    """A straight thin line: from column `start` to `end` in pixels, its row `at + slope × column`, and how thick it is.

    Args:    radius: its vertical runs are no longer than twice this.
             pieces: the cells that it consists of.
    """

    start: float
    end: float
    at: float
    slope: float
    thickness: float
    radius: int
    pieces: list[Component]

    @property
    def length(self) -> float:
        """Pixels from end to end."""
        return self.end - self.start

    @property
    def middle(self) -> float:
        """The column between its ends."""
        return (self.start + self.end) / 2

    def move(self, cells: int, rows: int) -> None:
        """Move it to the right by so many cells, and down by so many rows."""
        across = cells * CELL_PX
        self.start, self.end, self.at = self.start + across, self.end + across, self.at + rows - self.slope * across
        for piece in self.pieces:
            piece.runs = [(row + rows, start + cells, end + cells) for row, start, end in piece.runs]

    def find_row(self, column: float) -> float:
        """Return the row that it has in a column."""
        return self.at + self.slope * column

    def meets(self, other: "Line", end: float) -> bool:
        """Tell whether a line of the other direction has its end on this one: `end` is one of this direction's rows."""
        column = other.find_row(end)
        reach = MEETING_PX + other.thickness
        return self.start - reach <= column <= self.end + reach and abs(self.find_row(column) - end) <= MEETING_PX + self.thickness / 2


@dataclass(frozen=True, slots=True)
class Ruling:
    """The straight thin lines of one direction: those that run far across the page, and the shorter ones, longest first.

    Args:    length_px: the page's in this direction.
    """

    length_px: int
    long: list[Line]
    short: list[Line]


@dataclass(frozen=True, slots=True)
class _Thin:
    """Ink of short vertical runs, and its cells: how much of each is ink."""

    mask: Image.Image
    cells: Image.Image
    radius: int

    @classmethod
    def find(cls, bits: Bits, radius: int) -> "_Thin":
        # A run higher than 2 × radius survives this: it is a stroke, or one that crosses the line.
        thin = bits.subtract(bits.shrink(0, radius).spread(0, radius)).to_mask()
        return cls(thin, thin.reduce((CELL_PX, 1)), radius)

    def find_pieces(self, bridge: int) -> list[Component]:
        inked = Bits.from_mask(self.cells.point([0] + [255] * 255), max(1, bridge))
        # Without what is not level for three cells, most of a page of writing: plain Python sees only the rest.
        level = inked.spread(0, 1).shrink(1, 0).spread(1, 0)
        return find_components((inked & level).spread(bridge, 0).to_mask().tobytes(), self.cells.width)


def draw_lines(mask: Image.Image, lines: list[Line]) -> Image.Image | None:
    """Return a mask of the lines' ink; None if there are no lines. Where a stroke crosses a line the ink is the stroke's."""
    drawn, bits = None, Bits.from_mask(mask)
    for radius in {line.radius for line in lines}:
        thin = _Thin.find(bits, radius)
        columns, rows = thin.cells.size
        found = bytearray(columns * rows)
        for piece in (piece for line in lines if line.radius == radius for piece in line.pieces):
            for row, start, end in piece.runs:
                found[row * columns + start : row * columns + end] = b"\xff" * (end - start)
        about = Image.frombytes("L", thin.cells.size, bytes(found)).resize((columns * CELL_PX, rows), Image.Resampling.NEAREST)
        about = about.crop((0, 0, *mask.size))
        pen = ImageDraw.Draw(about)  # also over what a stroke beside the line has kept from being a straight piece
        for line in lines:
            ends = (line.start, line.find_row(line.start)), (line.end, line.find_row(line.end))
            pen.line(ends, fill=255, width=round(line.thickness) + 2)
        ink = ImageChops.darker(thin.mask, about)
        drawn = ink if drawn is None else ImageChops.lighter(drawn, ink)
    return drawn


def find_ruling(mask: Image.Image) -> Ruling:
    """Return the level lines of a mask of 0 and 255: ink of short vertical runs which, seen together, is long and flat."""
    longer, box = max(mask.size), mask.getbbox()
    if mask.width < SHORT_PX or box is None:
        return Ruling(mask.width, [], [])
    # Most pages have margins. As much of them is left as bridges reach into, and what is beyond the border does not count.
    columns = -(-mask.width // CELL_PX)
    bridge = max(1, columns // BRIDGED)
    left, right = max(0, box[0] // CELL_PX - bridge - ABOUT) * CELL_PX, (-(-box[2] // CELL_PX) + bridge + ABOUT) * CELL_PX
    top, bottom = max(0, box[1] - ABOUT), min(mask.height, box[3] + ABOUT)
    bits = Bits.from_mask(mask.crop((left, top, min(mask.width, right), bottom)))
    fine, coarse = (_Thin.find(bits, radius) for radius in (max(1, round(longer / 500)), max(2, round(longer / 220))))
    long = _find_long(fine, longer, bridge) if columns >= MIN_SPAN * longer / CELL_PX else []
    short = sorted([*_find_short(fine), *_find_short(coarse)], key=lambda line: -line.length)[: 2 * MAX_SHORT]
    short = [line for line in short if not any(_is_on_line(line.pieces[0], other, round(line.thickness + 1)) for other in long)]
    for line in (*long, *short):
        line.move(left // CELL_PX, top)
    return Ruling(mask.width, long, short[:MAX_SHORT])


def _find_short(thin: _Thin) -> list[Line]:
    """Return the lines of one piece each; of texture only the longest, because fitting a line to each piece takes a second."""
    raw, columns = thin.cells.tobytes(), thin.cells.width
    pieces = sorted(((_measure_span(piece), piece) for piece in thin.find_pieces(1)), key=lambda one: -one[0])
    long = ((span, piece) for span, piece in pieces[:MAX_TRIED] if span * CELL_PX >= SHORT_PX)
    solid = (piece for span, piece in long if len(_find_covered_columns(piece, raw, columns)) >= SOLID * (span - 2))
    lines = (_fit(piece, raw, columns, thin.radius) for piece in solid)
    return list(islice((line for line in lines if _is_straight(line)), 2 * MAX_SHORT))


def _find_long(thin: _Thin, longer: int, bridge: int) -> list[Line]:
    """Return the lines that run far across the page, each with the pieces of it that strokes have parted from the rest."""
    min_span, min_stretch = MIN_SPAN * longer / CELL_PX, MIN_STRETCH * longer / CELL_PX
    raw, columns = thin.cells.tobytes(), thin.cells.width
    height = 2 * thin.radius + 1
    pieces = thin.find_pieces(bridge)
    long = []
    for piece in pieces:
        span = _measure_span(piece)
        if span >= min_span and piece.area <= 2.5 * height * span:
            covered = _find_covered_columns(piece, raw, columns)
            if _is_drawn_through(covered, span - 2 * bridge, min_stretch):
                long.append(_fit(piece, raw, columns, thin.radius))
    chosen = {id(line.pieces[0]) for line in long}
    for piece in pieces if long else ():
        if id(piece) not in chosen:
            line = next((line for line in long if _is_on_line(piece, line, height)), None)
            if line is not None:
                line.pieces.append(piece)
    return long


def _measure_span(piece: Component) -> int:
    return max(end for _, _, end in piece.runs) - min(start for _, start, _ in piece.runs)


def _find_covered_columns(piece: Component, raw: bytes, columns: int) -> list[int]:
    """Return the columns of cells in which the piece has ink of its own, not only a bridge's, for half of a cell at least."""
    ink: dict[int, int] = {}
    for row, start, end in piece.runs:
        for column, level in enumerate(raw[row * columns + start : row * columns + end], start):
            if level:
                ink[column] = ink.get(column, 0) + level
    return sorted(column for column, level in ink.items() if level >= 127)


def _is_drawn_through(covered: list[int], span: int, min_stretch: float) -> bool:
    """Tell a line from a row of bars: most of it is there, and somewhere much of it at a stretch, but for single cells that noise took."""
    if len(covered) < MIN_COVERAGE * span:
        return False
    since = longest = 0
    for at in range(1, len(covered)):
        if covered[at] - covered[at - 1] > 2:
            since = at
        longest = max(longest, at - since + 1)
    return longest >= min_stretch


def _fit(piece: Component, raw: bytes, columns: int, radius: int) -> Line:
    """Return the line through a piece's own ink, by least squares over its cells, weighted by their ink."""
    total = x_sum = y_sum = xx = xy = 0.0
    ink: dict[int, int] = {}
    for row, start, end in piece.runs:
        for column, level in enumerate(raw[row * columns + start : row * columns + end], start):
            if level:
                x = (column + 0.5) * CELL_PX
                total += level
                x_sum += level * x
                y_sum += level * row
                xx += level * x * x
                xy += level * x * row
                ink[column] = ink.get(column, 0) + level
    mean_x, mean_y = x_sum / total, y_sum / total
    variance = xx / total - mean_x * mean_x
    slope = (xy / total - mean_x * mean_y) / variance if variance > 1 else 0.0
    first, last = min(ink), max(ink)
    full = max(1.0, total / len(ink))
    # The outermost cells may hold ink in part only.
    left, right = (first + 1 - min(1.0, ink[first] / full)) * CELL_PX, (last + min(1.0, ink[last] / full)) * CELL_PX
    return Line(left, right, mean_y - slope * mean_x, slope, total / 255 / len(ink), radius, [piece])


def _is_straight(line: Line) -> bool:
    """Tell a line from a curved stroke: its ink is no farther from it than it is thick."""
    if abs(line.slope) > MAX_SLOPE:
        return False
    reach = line.thickness / 2 + 1.5
    piece = line.pieces[0]
    off = sum(end - start for row, start, end in piece.runs if abs(row - line.find_row((start + end) / 2 * CELL_PX)) > reach)
    return off <= 0.1 * piece.area


def _is_on_line(piece: Component, line: Line, tolerance: int) -> bool:
    """Tell a line's piece that a stroke along it has parted from the rest."""
    return all(abs(row - line.find_row((start + end) / 2 * CELL_PX)) <= tolerance for row, start, end in piece.runs)
