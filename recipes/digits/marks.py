"""What stands between the digits of a line: a gap, a point or comma, a minus, a slash."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from statistics import median

from recipes.digits.part import Part
from recipes.recipe import Separator

# All of the line's digits' usual height, if nothing else is said.
MIN_POINT, MAX_POINT, POINT_FROM = 0.06, 0.4, 0.7  # its size, and how far down its middle is
MIN_MINUS, MAX_MINUS, MINUS_BAND = 0.15, 1.2, (0.2, 0.8)  # its width, and where its middle is
FLAT, MAX_THICKNESS = 1.8, 0.25  # a minus is so many times wider than high
GAP, GAP_OF_USUAL = 0.8, 2.0  # times the line's usual gap
LONE_GAP = 1.2  # where a line has one gap only
SLASH_HEIGHT, SLASH_LEAN = 1.1, (0.12, 1.0)  # a slash is higher than digits, and leans to the right
STRAIGHT = 0.6  # of its stroke: a slash's middle strays from a line by no more
REACH = 0.35  # above and below the line's digits


@dataclass(frozen=True, slots=True)
class MarkedLine:
    """A line of digits, what stands after each, and the parts that are those marks."""

    digits: list[Part]
    after: list[Separator]
    marks: list[Part]


def mark_line(line: Sequence[Part], others: Sequence[Part]) -> MarkedLine:
    """Return a line without its slashes, and what stands after each of its digits.

    Args:    line: its digits from the left; slashes may be among them.
             others: parts that are no digits, sorted by their middle row; see `sort_by_row`.
    """
    height = median(part.height for part in line)
    slashes = [part for at, part in enumerate(line) if 0 < at < len(line) - 1 and _is_slash(part, line[at - 1], line[at + 1], height)]
    digits = [part for part in line if not any(part is slash for slash in slashes)]
    marks = list(slashes)
    after: list[Separator] = []
    usual_gap = median(right.left - left.right for left, right in pairwise(digits)) if len(digits) > 1 else 0.0
    limit = max(GAP * height, GAP_OF_USUAL * usual_gap) if len(digits) > 2 else LONE_GAP * height
    for left, right in pairwise(digits):
        if any(left.middle < slash.middle < right.middle for slash in slashes):
            after.append("slash")
            continue
        kind: Separator = "gap" if right.left - left.right > limit else ""
        for part in _find_between(left, right, others, height):
            mark = _recognize(part, (left.bottom + right.bottom) / 2, height)
            if mark:
                kind = mark
                marks.append(part)
        after.append(kind)
    return MarkedLine(digits, [*after, ""], marks)


def sort_by_row(parts: Sequence[Part]) -> list[Part]:
    """Return parts from the top."""
    return sorted(parts, key=attrgetter("row"))


def _find_between(left: Part, right: Part, others: Sequence[Part], height: float) -> list[Part]:
    top, bottom = min(left.top, right.top) - REACH * height, max(left.bottom, right.bottom) + REACH * height
    begin, end = bisect_left(others, top, key=attrgetter("row")), bisect_left(others, bottom, key=attrgetter("row"))
    return [part for part in others[begin:end] if left.middle < part.middle < right.middle and part.right > left.right - 0.2 * height]


def _recognize(part: Part, base: float, height: float) -> Separator:
    down = 1 - (base - part.row) / height
    flat = part.width >= FLAT * part.height and part.height <= MAX_THICKNESS * height
    if flat and MIN_MINUS * height <= part.width <= MAX_MINUS * height and MINUS_BAND[0] < down < MINUS_BAND[1]:
        return "minus"
    if MIN_POINT * height <= part.size <= MAX_POINT * height and down > POINT_FROM and not flat:
        return "point"
    return ""


def _is_slash(part: Part, left: Part, right: Part, height: float) -> bool:
    """Tell a slash from a one: it is straight, leans to the right, and is higher than the digits beside it."""
    if (
        part.height < SLASH_HEIGHT * max(height, min(left.height, right.height))
        or part.width > 0.9 * part.height
        or len(part.components) > 1
    ):
        return False
    middles = [(row, (start + end) / 2, end - start) for row, start, end in part.components[0].runs]
    count = len(middles)
    if count > part.height:  # two strokes beside each other
        return False
    mean_row, mean = sum(row for row, _, _ in middles) / count, sum(middle for _, middle, _ in middles) / count
    variance = sum((row - mean_row) ** 2 for row, _, _ in middles)
    lean = -sum((row - mean_row) * (middle - mean) for row, middle, _ in middles) / variance if variance else 0.0
    stroke = median(width for _, _, width in middles)
    strayed = max(abs(middle - mean + lean * (row - mean_row)) for row, middle, _ in middles)
    return SLASH_LEAN[0] <= lean <= SLASH_LEAN[1] and strayed <= STRAIGHT * stroke
