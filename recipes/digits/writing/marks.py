"""What stands beside the digits of a line: a gap, a point or comma, a minus, a slash, a colon, an equals sign, or another mark."""

from bisect import bisect_left
from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from operator import attrgetter
from statistics import median

from recipes.digits.writing.columns import Columns
from recipes.digits.writing.part import Part
from recipes.digits.writing.signs import find_signs
from recipes.recipe import Separator

# All of the line's digits' usual height, if nothing else is said.
MIN_POINT, MAX_POINT, POINT_FROM = 0.06, 0.4, 0.7  # its size, and how far down its middle is
MIN_MINUS, MAX_MINUS, MINUS_BAND = 0.15, 1.2, (0.2, 0.8)  # its width, and where its middle is
FLAT, MAX_THICKNESS = 1.8, 0.25  # a minus is so many times wider than high
GAP, GAP_OF_USUAL = 0.8, 2.0  # times the line's usual gap
LONE_GAP = 1.2  # where a line has one gap only
REACH = 0.35  # above and below the line's digits
BEFORE = 1.2  # how far from the line's ends a mark may be
LEAST = 0.3  # the size of a mark of no known kind
OVER = 0.2  # of its width, how far a minus may be above a digit
UNDER = 0.2  # how far under a digit a point may stand
STACKED, APART = 2, 0.15  # a colon's dots, an equals sign's strokes; how far one is above the other


@dataclass(frozen=True, slots=True)
class MarkedLine:
    """A line of digits, what stands before the first and after each, and the parts that are those marks.

    Args:    signs: parts of the line that are no digits, and no marks of a known kind.
    """

    digits: list[Part]
    before: Separator
    after: list[Separator]
    marks: list[Part]
    signs: list[Part]


def mark_line(line: Sequence[Part], others: Sequence[Part]) -> MarkedLine:
    """Return a line without its slashes and signs, and what stands beside each of its digits.

    Args:    line: its digits from the left; slashes and brackets may be among them.
             others: parts that are no digits, sorted by their middle row; see `sort_by_row`.
    """
    near = _find_near(line, others)
    found = find_signs(line, near)
    signs = set(map(id, [*found.slashes, *found.others]))
    digits = [part for part in line if id(part) not in signs]
    height = median(part.height for part in digits)
    usual_gap = median(right.left - left.right for left, right in pairwise(digits)) if len(digits) > 1 else 0.0
    limit = max(GAP * height, GAP_OF_USUAL * usual_gap) if len(digits) > 2 else LONE_GAP * height
    kinds: list[Separator] = []
    marks: list[Part] = []
    slashes, columns = set(found.slashes), Columns([*near, *found.slashes, *found.others])
    for left, right in pairwise([None, *digits, None]):
        around = columns.find(left.middle if left else -inf, right.middle if right else inf)
        between = [part for part in around if _is_between(part, left, right, height)]
        kind, known = _recognize(between, slashes, [digit for digit in (left, right) if digit], height)
        marks += known
        kinds.append(kind or ("gap" if left and right and right.left - left.right > limit else ""))
    return MarkedLine(digits, kinds[0], kinds[1:], marks, found.others)


def sort_by_row(parts: Sequence[Part]) -> list[Part]:
    """Return parts from the top."""
    return sorted(parts, key=attrgetter("row"))


def _find_near(line: Sequence[Part], others: Sequence[Part]) -> list[Part]:
    """Return the parts in the line's rows and beside its digits."""
    height = median(part.height for part in line)
    top, bottom = min(part.top for part in line) - REACH * height, max(part.bottom for part in line) + REACH * height
    left, right = line[0].left - BEFORE * height, max(part.right for part in line) + BEFORE * height
    begin, end = bisect_left(others, top, key=attrgetter("row")), bisect_left(others, bottom, key=attrgetter("row"))
    return [part for part in others[begin:end] if left < part.middle < right]


def _is_between(part: Part, left: Part | None, right: Part | None, height: float) -> bool:
    """Tell what stands between two digits, before the first, or after the last; a point may stand under a digit's arm."""
    if left and not (left.middle < part.middle and part.right > left.right - UNDER * height):
        return False
    if right and not part.middle < (right.middle if left else right.left):
        return False
    beside = [each for each in (left, right) if each]
    above, below = min(each.top for each in beside) - REACH * height, max(each.bottom for each in beside) + REACH * height
    reach = BEFORE * height
    return (
        above < part.row < below
        and (left is not None or part.right > beside[0].left - reach)
        and (right is not None or part.left < beside[0].right + reach)
    )


def _recognize(parts: Sequence[Part], slashes: Set[Part], beside: Sequence[Part], height: float) -> tuple[Separator, list[Part]]:
    """Return what the parts between two digits are, and which of them."""
    base = median(digit.bottom for digit in beside)
    apart = [part for part in parts if not any(_is_over(part, digit) for digit in beside)]
    flats = [part for part in apart if _is_flat(part, height)]
    level = set(flats)
    dots = [part for part in parts if MIN_POINT * height <= part.size <= MAX_POINT * height and part not in level]
    if found := [part for part in parts if part in slashes]:
        return "slash", found
    if _are_stacked(flats, height):
        return "equals", flats
    if _are_stacked(dots, height):
        return "colon", dots
    if found := [part for part in flats if MINUS_BAND[0] < 1 - (base - part.row) / height < MINUS_BAND[1]]:
        return "minus", found
    small = set(dots)
    if any(part.size >= LEAST * height and part not in small for part in apart):
        return "mark", []
    found = [part for part in dots if 1 - (base - part.row) / height > POINT_FROM]
    return ("point" if found else ""), found


def _is_flat(part: Part, height: float) -> bool:
    is_bar = part.width >= FLAT * part.height and part.height <= MAX_THICKNESS * height
    return is_bar and MIN_MINUS * height <= part.width <= MAX_MINUS * height


def _is_over(part: Part, digit: Part) -> bool:
    """Tell a digit's own bar, which its ink did not reach."""
    return min(part.right, digit.right) - max(part.left, digit.left) > OVER * part.width


def _are_stacked(parts: Sequence[Part], height: float) -> bool:
    """Tell two dots or strokes, one above the other."""
    if len(parts) != STACKED:
        return False
    one, other = parts
    return abs(one.row - other.row) >= APART * height and max(one.left, other.left) < min(one.right, other.right)
