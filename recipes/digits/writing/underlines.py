"""A line drawn under a digit that its foot touches: with it a seven is a one on its base."""

from bisect import bisect_left
from itertools import groupby
from math import ceil
from operator import itemgetter

from recipes.digits.ink.components import Component

MAX_THICKNESS = 0.2  # of the component's height
LEAST_WIDTH = 0.8  # of it
BEYOND = 0.12  # of it, how far the line goes beyond the digit on either side; a two's base and a one's foot go less far


def part_underline(component: Component) -> list[Component]:
    """Return a component, or what stands on the line under it and that line."""
    runs = component.runs
    top, bottom = runs[0][0], runs[-1][0] + 1
    height = bottom - top
    begin = bisect_left(runs, (ceil(bottom - MAX_THICKNESS * height),))
    low = [(row, min(start for _, start, _ in each), max(end for _, _, end in each)) for row, each in _group(runs[begin:])]
    wide = [(row, left, right) for row, left, right in low if right - left >= LEAST_WIDTH * height]
    first = wide[0][0] if wide else bottom
    if not wide or first in {top, low[0][0]}:
        return [component]
    above = runs[: bisect_left(runs, (first,))]
    digit_left, digit_right = min(left for _, left, _ in above), max(right for _, _, right in above)
    line_left, line_right = min(left for _, left, _ in wide), max(right for _, _, right in wide)
    if digit_left - line_left < BEYOND * height or line_right - digit_right < BEYOND * height:
        return [component]
    return [_take(component, top, first), _take(component, first, bottom)]


def _group(runs: list[tuple[int, int, int]]) -> list[tuple[int, list[tuple[int, int, int]]]]:
    return [(row, list(each)) for row, each in groupby(runs, key=itemgetter(0))]


def _take(component: Component, begin: int, end: int) -> Component:
    runs = [run for run in component.runs if begin <= run[0] < end]
    return Component(runs, sum(right - left for _, left, right in runs))
