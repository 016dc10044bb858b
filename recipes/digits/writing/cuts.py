"""Where a component may be cut apart: paths from its top to its bottom that cross as little of its ink as they can."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

from recipes.digits.ink.components import Component

HEIGHT_CELLS = 30  # a component is reduced to about so many rows before paths are looked for
REACH = 0.22  # of the height, how far a path may stray to either side
STEP_CELLS = 3  # between the columns about which paths are looked for
STRAYING = ((0, 0.0), (-1, 0.3), (1, 0.3), (-2, 0.75), (2, 0.75))  # cells of ink that a step from so many columns aside costs
ENTRY = 1.0  # strokes more that a path pays where it comes upon ink: two digits touch in one place, a ring is crossed in two
MAX_INK = 4.0  # strokes, the most that a path crosses
APART_CELLS = 2  # paths that are nearer to each other are one


@dataclass(frozen=True, slots=True)
class Cut:
    """A path from top to bottom.

    Args:    columns: for each row of the component in pixels, the first column that is on its right.
             strokes: how many strokes' width of ink it crosses.
             crossings: in how many places.
    """

    columns: Sequence[int]
    strokes: float
    crossings: int

    def move(self, right_px: int) -> "Cut":
        """Return the path so far to the right, or to the left."""
        return replace(self, columns=[column + right_px for column in self.columns]) if right_px else self


class Grid:
    """A component's ink in cells: of each, the share that is ink.

    Args:    left, right: its first column, and the one after its last.
    """

    def __init__(self, component: Component, left: int, right: int) -> None:
        runs = component.runs
        self._left, self._top = left, runs[0][0]
        self._rows_px = runs[-1][0] + 1 - self._top
        self._factor = max(1, round(self._rows_px / HEIGHT_CELLS))
        self._width, height = -(-(right - left) // self._factor), -(-self._rows_px // self._factor)
        factor = self._factor
        pixels = [[0] * (self._width + 1) for _ in range(height)]  # and a column for what is behind the last
        for row, start, end in runs:
            cells = pixels[(row - self._top) // factor]
            first, before = divmod(start - left, factor)
            last, beyond = divmod(end - left, factor)
            for column in range(first, last):
                cells[column] += factor
            cells[first] -= before
            cells[last] += beyond
        self._cells = [[count / factor**2 for count in cells[:-1]] for cells in pixels]
        lengths = sorted(end - start for _, start, end in runs)
        self.stroke_px = lengths[len(lengths) // 2]
        self._stroke = max(1.0, self.stroke_px / self._factor)
        self._passed = [self._find_passed(aside) for aside, _ in STRAYING]
        self._steps = [self._price_steps(*each) for each in zip(STRAYING, self._passed, strict=True)]

    def _find_passed(self, aside: int) -> list[list[float]]:
        """Return the ink that a step to each cell from so far aside crosses: the cell's, and of those beside it that it passes."""
        if abs(aside) < 2:
            share = 1.4 if aside else 1.0
            return [[share * ink for ink in row] for row in self._cells]
        between = aside // 2
        return [[ink + beside for ink, beside in zip(row, _shift(row, between), strict=True)] for row in self._cells]

    def _price_steps(self, straying: tuple[int, float], passed: list[list[float]]) -> list[list[float]]:
        """Return what a step to each cell from so far aside costs."""
        aside, stray = straying
        entry, above = ENTRY * self._stroke, [[0.0] * self._width, *self._cells]
        return [
            [
                crossed + stray + (entry * (ink - before) if ink > before else 0.0)
                for ink, crossed, before in zip(row, crossed_ink, _shift(last, aside), strict=True)
            ]
            for row, crossed_ink, last in zip(self._cells, passed, above, strict=False)
        ]

    @property
    def columns(self) -> int:
        """How many columns there are, which is what looking for cuts takes time for."""
        return self._width

    def find_cuts(self) -> list[Cut]:
        """Return the cuts that cross little ink, from the left; none crosses another."""
        reach = max(2, round(REACH * len(self._cells)))
        found = [self._find_path(centre, reach) for centre in range(STEP_CELLS, self._width - 1, STEP_CELLS)]
        kept: list[tuple[float, list[int]]] = []
        for ink, path in sorted(found):
            if ink > MAX_INK * self._stroke:
                break
            if all(sum(abs(a - b) for a, b in zip(path, other, strict=True)) >= APART_CELLS * len(path) for _, other in kept):
                kept.append((ink, path))
        cuts: list[Cut] = []
        path = [0] * len(self._cells)
        for ink, columns in sorted(kept, key=lambda one: sum(one[1])):
            path = [max(pair) for pair in zip(path, columns, strict=True)]
            columns_px = [self._left + path[row // self._factor] * self._factor for row in range(self._rows_px)]
            cuts.append(Cut(columns_px, ink / self._stroke, self._count_crossings(path)))
        return cuts

    def _count_crossings(self, path: Sequence[int]) -> int:
        inked = [cells[column] > 0.5 for cells, column in zip(self._cells, path, strict=True)]
        return sum(here and not above for above, here in zip([False, *inked], inked, strict=False))

    def _find_path(self, centre: int, reach: int) -> tuple[float, list[int]]:
        """Return the ink that the best path about a column crosses, and its columns: from row to row it strays by two at most."""
        first, last = max(0, centre - reach), min(self._width, centre + reach + 1)
        costs = [0.02 * abs(column - centre) for column in range(first, last)]
        history = []
        for steps in zip(*self._steps, strict=True):
            history.append(costs)
            around = zip(
                costs,
                [inf, *costs],
                [*costs[1:], inf],
                [inf, inf, *costs],
                [*costs[2:], inf, inf],
                *(step[first:last] for step in steps),
                strict=False,
            )
            costs = []
            for here, left, right, far_left, far_right, down, from_left, from_right, from_far_left, from_far_right in around:
                best = here + down
                if (other := left + from_left) < best:
                    best = other
                if (other := right + from_right) < best:
                    best = other
                if (other := far_left + from_far_left) < best:
                    best = other
                if (other := far_right + from_far_right) < best:
                    best = other
                costs.append(best)
        at = min(range(len(costs)), key=costs.__getitem__)
        path, crossed = [], 0.0
        for row, before in zip(reversed(range(len(history))), reversed(history), strict=True):
            path.append(first + at)
            ways = (
                (before[at + aside] + steps[row][first + at], passed[row][first + at], at + aside)
                for (aside, _), steps, passed in zip(STRAYING, self._steps, self._passed, strict=True)
                if 0 <= at + aside < len(before)
            )
            _, passed_ink, at = min(ways)
            crossed += passed_ink
        return crossed, path[::-1]


def _shift(row: Sequence[float], aside: int) -> list[float]:
    """Return for each column what stands so many columns to its right in a row; nothing beyond its ends."""
    return [*row[aside:], *[0.0] * aside] if aside >= 0 else [*[0.0] * -aside, *row[:aside]]


def slice_component(component: Component, cuts: Sequence[Cut]) -> list[Component]:
    """Return the ink before the first cut, between each two, and after the last; one may be empty."""
    top = component.runs[0][0]
    slices = [Component() for _ in range(len(cuts) + 1)]
    for row, start, end in component.runs:
        begin = start
        for piece, cut in zip(slices, cuts, strict=False):
            border = cut.columns[row - top]
            if begin < border:
                _add_run(piece, row, begin, min(end, border))
                begin = border
            if begin >= end:
                break
        else:
            _add_run(slices[-1], row, begin, end)
    return slices


def cut_out(component: Component, left: Cut | None, right: Cut | None) -> Component:
    """Return the ink between two cuts; None is the component's end."""
    runs = component.runs
    top = runs[0][0]
    first, last = min(left.columns) if left else 0, max(right.columns) if right else inf
    runs = [run for run in runs if run[2] > first and run[1] < last]  # few of a row of many digits, which has many pieces
    if left:
        runs = [(row, max(start, left.columns[row - top]), end) for row, start, end in runs]
    if right:
        runs = [(row, start, min(end, right.columns[row - top])) for row, start, end in runs]
    runs = [run for run in runs if run[1] < run[2]]
    return Component(runs, sum(end - start for _, start, end in runs))


def _add_run(component: Component, row: int, start: int, end: int) -> None:
    component.runs.append((row, start, end))
    component.area += end - start
