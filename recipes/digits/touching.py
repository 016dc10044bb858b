"""Components that are several digits which touch, cut apart: of all ways to cut one, that whose pieces are likeliest digits.

A piece is judged by its width and height, a cut by the ink that it crosses, and where a model can be asked, the pieces by that too.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import exp, inf, log

from recipes.digits.components import Component
from recipes.digits.cuts import Cut, Grid, slice_component

MIN_WIDTH, ASKED_MIN_WIDTH = 0.75, 0.6  # of a digit's height: what is narrower is one digit; the second where a model is asked
SURE_WIDTH = 1.05  # what is wider is several: MNIST's digits are no wider than the highest are high; a model that is asked knows better
MAX_WIDTH = 25  # a rule, a frame, a drawing
# Of a digit's height: a one's usual width and its spread, other digits', and how common either is.
ONE_WIDTH, ONE_SPREAD, ONE_SHARE = 0.22, 0.10, 0.25
WIDTH, SPREAD, SHARE = 0.68, 0.17, 0.75
LEAST_HEIGHT, HEIGHT_WEIGHT = 0.9, 6.0  # of the component's height, and what a piece costs that is lower
# What a cut costs, and what each stroke beyond the free ones and each crossing beyond the first adds.
CUT_COST, FREE_STROKES, STROKE_WEIGHT = 0.5, 1.0, 1.0
DOUBTFUL_CUT_COST, DOUBTFUL_FREE_STROKES, DOUBTFUL_STROKE_WEIGHT = 2.0, 0.3, 1.5  # where the width allows one digit
SLIGHT = 0.6  # strokes; what hangs together by less costs no more there
CROSSING_WEIGHT = 1.5
NESTED = 0.6  # of the narrower one's width, how far two digits overlap at most
CLOSE = 4.0  # ways that are so much less likely than the best are not asked about
JUDGE_WEIGHT = 3.0
MAX_ASKED = 400  # pieces of a page, each a millisecond
MAX_COLUMNS = 6000  # of cells on a page, in which cuts are looked for: a second

Box = tuple[int, int, int, int]  # left, top, right, bottom
Judge = Callable[[Sequence[Component]], Sequence[float]]  # pieces → how likely each is a digit, 0 to 1


@dataclass(slots=True)
class _Chain:
    """A component in slices, and what joining slices `begin` to `end` into one digit is worth.

    Args:    height: a digit's.
             whole_height: the component's.
             is_wide: whether a cut costs little, because the width alone says that it is several digits, or the model is asked.
    """

    component: Component
    cuts: Sequence[Cut]
    boxes: Sequence[Box | None]
    height: float
    whole_height: int
    is_wide: bool
    is_asked: bool
    worth: dict[tuple[int, int], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Rate each piece by its shape."""
        count = len(self.boxes)
        for begin in range(count):
            for end in range(begin + 1, count + 1):
                box = _join(self.boxes[begin:end])
                if box is not None:
                    cost = self._rate_cut(self.cuts[end - 1]) if end < count else 0.0
                    self.worth[begin, end] = _rate(box, self.height, self.whole_height) - cost

    def _rate_cut(self, cut: Cut) -> float:
        """Return what a cut costs: digits touch in one place, and by little more than a stroke."""
        cost = CROSSING_WEIGHT * max(0, cut.crossings - 1)
        if self.is_wide:
            return cost + (0.0 if self.is_asked else CUT_COST) + STROKE_WEIGHT * max(0.0, cut.strokes - FREE_STROKES)
        cut_cost = CUT_COST if cut.crossings <= 1 and cut.strokes < SLIGHT else DOUBTFUL_CUT_COST
        return cost + cut_cost + DOUBTFUL_STROKE_WEIGHT * max(0.0, cut.strokes - DOUBTFUL_FREE_STROKES)

    def take(self, begin: int, end: int) -> Component:
        """Return the ink of the slices from `begin` to before `end`."""
        cuts = [self.cuts[at - 1] for at in (begin, end) if 0 < at < len(self.boxes)]
        return slice_component(self.component, cuts)[1 if begin else 0]

    def has_nested(self, pieces: Sequence[tuple[int, int]]) -> bool:
        """Tell whether a piece stands for the most part under or over the next, as those of a ring with a gap do."""
        boxes = [box for box in (_join(self.boxes[begin:end]) for begin, end in pieces) if box]
        return any(left[2] - right[0] > NESTED * min(left[2] - left[0], right[2] - right[0]) for left, right in pairwise(boxes))

    def find_best(self) -> tuple[float, list[tuple[int, int]]]:
        """Return the likeliest pieces, from the left."""
        best: list[tuple[float, list[tuple[int, int]]]] = [(0.0, [])]
        for end in range(1, len(self.boxes) + 1):
            ways = ((best[begin][0] + self.worth.get((begin, end), -inf), begin) for begin in range(end))
            score, begin = max(ways)
            best.append((score, [*best[begin][1], (begin, end)]))
        return best[-1]

    def find_close(self) -> list[tuple[int, int]]:
        """Return the pieces of all ways that are not much less likely than the best."""
        count = len(self.boxes)
        before, after = [0.0] + [-inf] * count, [-inf] * count + [0.0]
        for end in range(1, count + 1):
            before[end] = max(before[begin] + self.worth.get((begin, end), -inf) for begin in range(end))
        for begin in range(count - 1, -1, -1):
            after[begin] = max(after[end] + self.worth.get((begin, end), -inf) for end in range(begin + 1, count + 1))
        return [(begin, end) for (begin, end), worth in self.worth.items() if before[begin] + worth + after[end] >= after[0] - CLOSE]


def cut_touching(components: Sequence[Component], digit_px: float, judge: Judge | None = None) -> Iterator[list[Component]]:
    """Give the digits of each component, from the left: the component alone if it is one digit.

    Args:    digit_px: how high digits usually are.
             judge: what pieces are shown to where their shape does not decide; asked once.
    """
    chains = _build_chains(components, digit_px, is_asked=judge is not None)
    if judge and chains:
        _ask(list(chains.values()), judge)
    for index, component in enumerate(components):
        chain = chains.get(index)
        best = chain.find_best()[1] if chain else []
        pieces = [chain.take(*piece) for piece in best] if chain and not chain.has_nested(best) else []
        yield [piece for piece in pieces if piece.area] if len(pieces) > 1 else [component]


def _build_chains(components: Sequence[Component], digit_px: float, *, is_asked: bool) -> dict[int, _Chain]:
    chains = {}
    left_columns = MAX_COLUMNS
    for index, component in enumerate(components):
        box = _find_box(component)
        if box is None:
            continue
        left, top, right, bottom = box
        height = max(bottom - top, digit_px)
        width = (right - left) / height
        if not (ASKED_MIN_WIDTH if is_asked else MIN_WIDTH) < width < MAX_WIDTH or bottom - top < 0.5 * digit_px:
            continue
        grid = Grid(component, left, right)
        left_columns -= grid.columns
        if left_columns < 0:
            break
        cuts = grid.find_cuts()
        boxes = [_find_box(piece) for piece in slice_component(component, cuts)]
        chains[index] = _Chain(component, cuts, boxes, height, bottom - top, is_wide=is_asked or width > SURE_WIDTH, is_asked=is_asked)
    return chains


def _ask(chains: Sequence[_Chain], judge: Judge) -> None:
    """Add to each piece's worth what the judge says of it."""
    asked = [(chain, piece) for chain in chains for piece in _find_doubtful(chain)][:MAX_ASKED]
    answers = judge([chain.take(*piece) for chain, piece in asked])
    for chain in chains:
        doubtful = {piece: answer for (one, piece), answer in zip(asked, answers, strict=True) if one is chain}
        if doubtful:
            chain.worth = {piece: chain.worth[piece] + JUDGE_WEIGHT * log(max(answer, 1e-3)) for piece, answer in doubtful.items()}


def _find_doubtful(chain: _Chain) -> list[tuple[int, int]]:
    close = chain.find_close()
    return close if len(close) > 1 else []


def _find_box(component: Component) -> Box | None:
    """Return a component's box, None if it has no ink."""
    runs = component.runs
    if not runs:
        return None
    return min(start for _, start, _ in runs), runs[0][0], max(end for _, _, end in runs), runs[-1][0] + 1


def _join(boxes: Sequence[Box | None]) -> Box | None:
    inked = [box for box in boxes if box]
    if not inked:
        return None
    lefts, tops, rights, bottoms = zip(*inked, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _rate(box: Box, height: float, whole_height: int) -> float:
    """Return the log-likelihood that a piece is a digit, by its width and height."""
    width = (box[2] - box[0]) / height
    one = ONE_SHARE * exp(-(((width - ONE_WIDTH) / ONE_SPREAD) ** 2) / 2) / ONE_SPREAD
    other = SHARE * exp(-(((width - WIDTH) / SPREAD) ** 2) / 2) / SPREAD
    low = max(0.0, LEAST_HEIGHT - (box[3] - box[1]) / whole_height)
    return log(one + other + 1e-4) - 0.5 - HEIGHT_WEIGHT * low
