"""The bars of a display's digits, which have gaps between them: those whose ends meet are one digit, else each upright one is a one."""

from collections.abc import Iterator, Mapping, Sequence

from recipes.digits.writing.neighbours import Budget, Neighbours
from recipes.digits.writing.part import Part

LEAST_LENGTH, LEAST_FILL = 1.8, 0.5  # times a bar's thickness; of its box
ALIKE = 1.6  # times as thick at most
GAP, CORNER = 0.8, 1.4  # of the thickness, how far bars that meet are apart; how far an end's middle is from the corner


def join_bars(parts: Sequence[Part], budget: Budget) -> list[Part]:
    """Return the parts, those bars joined whose ends meet: in line one above the other, or at a corner.

    Raises:  TooLarge: so many bars are so close to each other that telling which meet would take too long.
    """
    near = Neighbours[Part](budget)
    meeting: dict[Part, list[Part]] = {}
    for part in filter(_is_bar, parts):
        meeting[part] = [other for other in near.find(part) if _meet(part, other)]
        for other in meeting[part]:
            meeting[other].append(part)
        near.add(part)
    done: set[Part] = set()
    for first, *others in filter(_is_digit, _find_groups(meeting)):
        for other in others:
            first.join(other)
        done.update(others)
    return [part for part in parts if part not in done]


def _find_groups(meeting: Mapping[Part, Sequence[Part]]) -> Iterator[list[Part]]:
    """Give the bars that hang together; each once, and in each group the first of them first.

    Args:    meeting: of each bar those that it meets.
    """
    seen: set[Part] = set()
    for bar in meeting:
        group = [] if bar in seen else [bar]
        seen.add(bar)
        for each in group:  # which grows meanwhile
            group += [other for other in meeting[each] if other not in seen]
            seen.update(meeting[each])
        if group:
            yield group


def _is_digit(bars: Sequence[Part]) -> bool:
    """Tell a digit's bars from a one with a minus at its end: with a level bar there are three at least, as in a seven."""
    return len(bars) > 2 or all(bar.height > bar.width for bar in bars)


def _measure_thickness(part: Part) -> float:
    return part.area / part.size


def _is_bar(part: Part) -> bool:
    return part.size >= LEAST_LENGTH * _measure_thickness(part) and part.fill >= LEAST_FILL and len(part.components) == 1


def _meet(one: Part, other: Part) -> bool:
    thickness, other_thickness = _measure_thickness(one), _measure_thickness(other)
    across = max(one.left, other.left) - min(one.right, other.right)
    down = max(one.top, other.top) - min(one.bottom, other.bottom)
    if max(across, down) > GAP * min(thickness, other_thickness) or not 1 / ALIKE <= thickness / other_thickness <= ALIKE:
        return False
    upright, level = (one, other) if one.height > one.width else (other, one)
    if level.height > level.width:
        return across <= -0.5 * thickness and down >= 0  # both upright
    reach = CORNER * thickness
    at_row = min(abs(level.row - upright.top), abs(level.row - upright.bottom)) <= reach
    at_end = min(abs(upright.middle - level.left), abs(upright.middle - level.right)) <= reach
    return upright.height > upright.width and at_row and at_end
