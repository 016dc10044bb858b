"""Which parts stand in a row of others of their height, as small digits and letters do, and the pieces of a digit do not."""

from bisect import bisect_left
from collections.abc import Sequence

from recipes.digits.writing.neighbours import Budget
from recipes.digits.writing.part import MIN_SIDE_PX, Part

REACH = 2.5  # of its height, to either side
ALIKE = 1.6  # times as high at most
LEVEL = 0.4  # of its height, how far up or down
OTHERS = 2


def find_company(parts: Sequence[Part], budget: Budget, *, least: int = OTHERS) -> set[int]:
    """Return the ids of the parts that have others like them beside them.

    Args:    least: how many, at least.
    Raises:  TooLarge: so many parts are so close to each other that this would take too long.
    """
    rows: dict[tuple[int, int], list[Part]] = {}
    for part in sorted(parts, key=lambda part: part.middle):
        if part.height >= MIN_SIDE_PX:
            rows.setdefault(_find_key(part), []).append(part)
    return {id(part) for part in parts if part.height >= MIN_SIDE_PX and _has_others(part, rows, budget, least)}


def _find_key(part: Part) -> tuple[int, int]:
    level = part.height.bit_length()
    return level, round(part.row) >> level


def _has_others(part: Part, rows: dict[tuple[int, int], list[Part]], budget: Budget, least: int) -> bool:
    missing = least
    for level in range(part.height.bit_length() - 1, part.height.bit_length() + 2):
        at = round(part.row) >> level
        for row in (at - 1, at, at + 1):
            near = rows.get((level, row), [])
            first = bisect_left(near, part.left - REACH * part.height, key=lambda other: other.middle)
            last = bisect_left(near, part.right + REACH * part.height, key=lambda other: other.middle)
            budget.spend(1 + last - first)
            missing -= sum(other is not part and _is_like(part, other) for other in near[first:last])
            if missing <= 0:
                return True
    return False


def _is_like(part: Part, other: Part) -> bool:
    apart = max(part.left, other.left) >= min(part.right, other.right)
    alike = part.height <= ALIKE * other.height and other.height <= ALIKE * part.height
    return apart and alike and abs(part.row - other.row) <= LEVEL * part.height
