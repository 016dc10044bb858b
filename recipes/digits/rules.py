"""Ruled lines, margins and frames out of a page's mask: digits that stand on a line are parted by that, and keep what crosses it."""

from PIL import Image, ImageChops

from recipes.digits.components import Component, find_components
from recipes.digits.page import spread

MIN_SPAN = 0.4  # of the page's longer side; no digit's bar is so long
MIN_COVERAGE = 0.65  # of its span; the bars of a row of sevens cover less
MIN_STRETCH = 0.05  # of the page's longer side, without a break; the rows of a page of small digits have none
CELL_PX = 4
Line = tuple[float, float]  # a row, and how much lower it is for each cell to the right


def remove_rules(mask: Image.Image) -> Image.Image:
    """Return the mask (0 and 255) without thin lines that run far across it or down it, also a little aslant or bent."""
    across = _find_rules(mask)
    down = _find_rules(mask.transpose(Image.Transpose.TRANSPOSE))
    for rules in (across, down and down.transpose(Image.Transpose.TRANSPOSE)):
        if rules is not None:
            mask = ImageChops.subtract(mask, rules)
    return mask


def _find_rules(mask: Image.Image) -> Image.Image | None:
    """Return a mask of the horizontal lines, if there are any: pixels of short vertical runs which, seen together, are long and flat."""
    radius = max(1, round(max(mask.size) / 500))
    # A run higher than 2 × radius survives this: it is a stroke, or one that crosses the line.
    lower = ImageChops.invert(spread(ImageChops.invert(mask), 0, radius))
    thin = ImageChops.subtract(mask, spread(lower, 0, radius))
    cells = thin.reduce((CELL_PX, 1))
    raw, columns = cells.tobytes(), cells.width
    min_span = MIN_SPAN * max(mask.size) / CELL_PX
    if columns < min_span or not raw.strip(b"\0"):
        return None
    bridge = max(1, columns // 25)  # over the strokes that cross the line
    pieces = find_components(spread(cells.point([0] + [255] * 255), bridge, 0).tobytes(), columns)
    height = 2 * radius + 1
    long = [
        piece
        for piece in pieces
        if _measure_span(piece) >= min_span
        and piece.area <= 2.5 * height * _measure_span(piece)
        and _is_drawn_through(
            _find_covered_columns(piece, raw, columns), _measure_span(piece) - 2 * bridge, MIN_STRETCH * max(mask.size) / CELL_PX
        )
    ]
    if not long:
        return None
    lines = [_fit_line(piece) for piece in long]
    found = bytearray(len(raw))
    for piece in pieces:
        if any(piece is one for one in long) or any(_is_on_line(piece, line, height) for line in lines):
            for row, start, end in piece.runs:
                found[row * columns + start : row * columns + end] = b"\xff" * (end - start)
    about = Image.frombytes("L", cells.size, bytes(found)).resize((columns * CELL_PX, mask.height), Image.Resampling.NEAREST)
    return ImageChops.darker(thin, about.crop((0, 0, *mask.size)))


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


def _fit_line(piece: Component) -> Line:
    """Return the line through a piece, by least squares over its runs' centres, weighted by their lengths."""
    weights = [(end - start, (start + end) / 2, row) for row, start, end in piece.runs]
    total = sum(weight for weight, _, _ in weights)
    mean_x, mean_y = sum(weight * x for weight, x, _ in weights) / total, sum(weight * y for weight, _, y in weights) / total
    variance = sum(weight * (x - mean_x) ** 2 for weight, x, _ in weights)
    slope = sum(weight * (x - mean_x) * (y - mean_y) for weight, x, y in weights) / variance if variance else 0.0
    return mean_y - slope * mean_x, slope


def _is_on_line(piece: Component, line: Line, tolerance: int) -> bool:
    """Tell a line's piece that a stroke along it has parted from the rest."""
    at, slope = line
    return all(abs(row - at - slope * (start + end) / 2) <= tolerance for row, start, end in piece.runs)
