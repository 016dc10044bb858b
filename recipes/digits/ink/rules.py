"""Printed lines out of a page's mask: digits that stand on a line or in a box are parted from it, and keep what crosses it.

The steps:  straight thin lines (lines.py) → those that run far → what is left of others → sides of boxes → a comb's teeth → out with them.
"""

from operator import itemgetter

from PIL import Image, ImageChops

from recipes.digits.ink.bits import Bits
from recipes.digits.ink.components import Component, find_components
from recipes.digits.ink.lines import MEETING_PX, Line, Ruling, draw_lines, find_ruling

BROKEN = 0.4  # of the page, the least length of a line's pieces together
ACROSS = 0.8  # of the page, the least length of a line that others are like
CROSSED = 2  # lines, by one from border to border
COLUMN_CROSSED, COLUMN_SLIM = 4, 25  # by a shorter one, which is printed too if it is so many times as long as thick; no digit is
SLIM = 8  # times its thickness, the least length of a box's side
EQUAL_PX = 3  # teeth of a comb are equally long, but for so much
TEETH = 3
MAX_ROUNDS = 20  # a row of boxes takes two or three; what takes more is texture
REMAINING_HEIGHT = 0.05  # of the picture's longer side; a digit is higher
MUCH_LONGER = 1.2  # times
ABOUT_PX = 2  # of a line, where what is left of it lies
REMAINS = 3  # times the thickest line, the most that is left of it


def remove_rules(mask: Image.Image, faint: Image.Image | None = None, *, across: float = 0) -> tuple[Image.Image, Image.Image | None]:
    """Return the mask (0 and 255) without printed lines, also a little aslant or bent, and a mask of them, None if there are none.

    Printed is what runs straight and thin far across the page or down it; what meets such lines, or others like itself, with both ends, as
    the sides of a box do; and what stands on such a line in a row of equals, as a comb's teeth do.

    Args:    faint: a mask in which pale lines have no gaps: what is printed there counts where it is much longer.
             across: of the picture, the least length of one of the lines; where all are shorter they are a digit's strokes.
    """
    turned = mask.transpose(Image.Transpose.TRANSPOSE)
    level, upright = _find_printed(mask)
    if faint is not None and faint is not mask:
        found = _find_printed(faint)
        if _measure(*found) > MUCH_LONGER * _measure(level, upright):
            level, upright = found
    if across and not (_goes_across(level, mask.width, across) or _goes_across(upright, mask.height, across)):
        return mask, None
    rules = [rule for rule in (draw_lines(mask, level), draw_lines(turned, upright)) if rule]
    if upright:
        rules[-1] = rules[-1].transpose(Image.Transpose.TRANSPOSE)
    for rule in rules:
        mask = ImageChops.subtract(mask, rule)
    return mask, (ImageChops.lighter(rules[0], rules[-1]) if rules else None)


def _find_printed(mask: Image.Image) -> tuple[list[Line], list[Line]]:
    """Return a mask's printed lines, the level ones, and the upright ones as level ones of the mask transposed."""
    return _choose(find_ruling(mask), find_ruling(mask.transpose(Image.Transpose.TRANSPOSE)))


def _goes_across(lines: list[Line], length_px: int, share: float) -> bool:
    """Tell whether a line goes so far from border to border, also where a stroke has parted it."""
    margin, middle = (1 - share) * length_px, length_px / 2
    first, last = [line for line in lines if line.start <= margin], [line for line in lines if line.end >= length_px - margin]
    return any(abs(one.find_row(middle) - other.find_row(middle)) <= one.thickness for one in first for other in last)


def _measure(level: list[Line], upright: list[Line]) -> float:
    """Return how long the lines are together."""
    return sum(line.length for line in (*level, *upright))


def _choose(across: Ruling, down: Ruling) -> tuple[list[Line], list[Line]]:
    """Return the printed lines of each direction."""
    sides_across, sides_down = _find_sides(across, down)
    level, upright = [*across.long, *sides_across], [*down.long, *sides_down]
    level, upright = [*level, *_find_broken(across, level)], [*upright, *_find_broken(down, upright)]
    level, upright = [*level, *_find_crossing(across.short, down.long)], [*upright, *_find_crossing(down.short, across.long)]
    return [*level, *_find_teeth(across.short, upright)], [*upright, *_find_teeth(down.short, level)]


def _find_broken(ruling: Ruling, printed: list[Line]) -> list[Line]:
    """Return further lines beside those across the page, of which strokes hide so much that only pieces are left."""
    long = [line for line in printed if line.length >= ACROSS * ruling.length_px]
    if len(long) < 2:
        return []
    slope = sorted(line.slope for line in long)[len(long) // 2]
    thickness = 1.5 * max(line.thickness for line in long) + 1
    thin = [line for line in ruling.short if line.thickness <= thickness]
    groups: list[list[Line]] = []
    last = 0.0
    for row, line in sorted(((_find_offset(line, slope), line) for line in thin), key=itemgetter(0)):
        if not groups or row - last > thickness:
            groups.append([])
        groups[-1].append(line)
        last = row
    enough_px = BROKEN * ruling.length_px
    return [_join(group, slope, ruling.length_px) for group in groups if _measure_covered(group) >= enough_px]


def _measure_covered(group: list[Line]) -> float:
    """Return the columns that pieces of a line cover together: most are found twice, as fine lines and as coarse ones."""
    covered, reached = 0.0, 0.0
    for line in sorted(group, key=lambda line: line.start):
        covered += max(0.0, line.end - max(line.start, reached))
        reached = max(reached, line.end)
    return covered


def _join(group: list[Line], slope: float, length_px: int) -> Line:
    """Return one line across the page through the pieces."""
    longest = max(group, key=lambda line: line.length)
    pieces = [piece for line in group for piece in line.pieces]
    return Line(0, length_px, _find_offset(longest, slope), slope, longest.thickness, longest.radius, pieces)


def _find_offset(line: Line, slope: float) -> float:
    """Return the row of the page's left border that a line of this slope through the line's middle has."""
    return line.find_row(line.middle) - slope * line.middle


def _find_sides(across: Ruling, down: Ruling) -> tuple[list[Line], list[Line]]:
    """Return the lines that meet with both ends lines which do the same, or which run far, or the page's border: sides of boxes."""
    level, upright = ([line for line in ruling.short if line.length >= SLIM * line.thickness] for ruling in (across, down))
    for _ in range(MAX_ROUNDS):
        count = len(level) + len(upright)
        level = [line for line in level if _is_closed(line, [*down.long, *upright], across.length_px)]
        upright = [line for line in upright if _is_closed(line, [*across.long, *level], down.length_px)]
        if len(level) + len(upright) == count:
            return level, upright
    return [], []


def _is_closed(line: Line, others: list[Line], border: int) -> bool:
    ends = [end for end in (line.start, line.end) if MEETING_PX < end < border - MEETING_PX]
    if not ends:  # from border to border: a line if it crosses others
        return sum(other.meets(line, other.find_row(line.at)) for other in others) >= CROSSED
    return all(any(other.meets(line, end) for other in others) for end in ends)


def _find_crossing(lines: list[Line], long: list[Line]) -> list[Line]:
    """Return the thin lines that cross several of those which run far: a cash book's columns, whose ends lie free."""
    thin = [line for line in lines if line.length >= COLUMN_SLIM * line.thickness]
    return [line for line in thin if sum(_is_crossed(line, other) for other in long) >= COLUMN_CROSSED]


def _is_crossed(line: Line, other: Line) -> bool:
    row = other.find_row(line.at)
    return line.start <= row <= line.end and other.meets(line, row)


def _find_teeth(lines: list[Line], bases: list[Line]) -> list[Line]:
    """Return the lines of equal length that stand in a row on a printed line, or hang from it: a comb's."""
    teeth: list[Line] = []
    for base in bases:
        slim = [line for line in lines if line.thickness <= 1.5 * base.thickness + 1]
        for standing in ([line for line in slim if base.meets(line, line.end)], [line for line in slim if base.meets(line, line.start)]):
            for line in standing:
                equals = [one for one in standing if abs(one.length - line.length) <= EQUAL_PX + 0.05 * line.length]
                if len(equals) >= TEETH:
                    teeth.append(line)
    return teeth


def is_remains(mask: Image.Image) -> bool:
    """Tell whether what is left without the lines is low everywhere: pieces of them, and no digit."""
    components = find_components(mask.tobytes(), mask.width)
    return all(each.runs[-1][0] - each.runs[0][0] < REMAINING_HEIGHT * max(mask.size) for each in components)


def drop_remains(components: list[Component], rules: Image.Image) -> list[Component]:
    """Return the components without what the removal of the lines has left of them: crossings, corners and frayed edges."""
    about = Bits.from_mask(rules, ABOUT_PX).spread(ABOUT_PX, ABOUT_PX).to_mask().tobytes()
    limit = REMAINS * max(2, round(max(rules.size) / 220))

    def is_rest(component: Component) -> bool:
        runs = component.runs
        if component.area > limit * limit or runs[-1][0] - runs[0][0] >= limit or max(end - start for _, start, end in runs) > limit:
            return False
        return any(about[row * rules.width + start : row * rules.width + end].strip(b"\0") for row, start, end in runs)

    return [component for component in components if not is_rest(component)]
