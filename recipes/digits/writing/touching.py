"""Parts that may be several digits which touch: the ways to cut them, and of these the one whose pieces are likeliest digits.

A piece is judged by its width and height, and by the model where it was shown the piece; a cut by the ink that it crosses.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from operator import itemgetter

from recipes.digits.ink.components import Component
from recipes.digits.writing.cuts import Cut, Grid, cut_out, slice_component
from recipes.digits.writing.likelihood import Box, rate_cut, rate_seen_cut, rate_shape, rate_trust
from recipes.digits.writing.part import Part

MIN_WIDTH = 0.6  # of a digit's height: what is narrower is one digit
SURE_WIDTH = 1.05  # what is wider is several: MNIST's digits are no wider than the highest are high; a model knows better
WIDEST = 1.5  # of it, how wide a piece may be
WIDEST_ALONE = 1.8  # of it, how wide a digit is at most
MAX_WIDTH = 25  # a rule, a frame, a drawing
LOW = 0.5  # of a digit's height: what is lower is no row of digits
SURE, SURE_ALONE = 0.998, 0.92  # what the model trusts so far is one digit; the second where nothing tells how high digits are
NONE, SCRIBBLE = 0.05, 0.7  # less is no trust; so much of the ink without it is a scribble's, as of a digit that is crossed out
NESTED = 0.6  # of the narrower one's width, how far two digits overlap at most
CLOSE = 4.0  # a way that is so much less likely than the best needs no look
SHARED = 0.5, 1.0  # of a stroke on either side of a cut: ink that may be of both digits
MAX_COLUMNS = 4500  # of cells on a page, in which cuts are looked for: 150 pairs of digits, three quarters of a second
MAX_RUNS = 1_000_000  # that all looks at all pieces go through: drawings of rings and noise have more, a row of 25 digits a third
COLUMNS_A_PART = 2  # less for each part, because cropping a thousand digits takes a second by itself

Piece = tuple[int, int]  # the slices from the first to before the last
Worth = dict[Piece, float]
Judge = Callable[[Part], float | None]  # how far the model's answer to a piece can be trusted; None for one that it was not shown


@dataclass(slots=True)
class Chain:
    """A part in slices, any of which may be joined to digits.

    Args:    boxes: of the slices; None for one without ink.
             height: a digit's.
             is_wide: whether the width alone says that it is several digits.
             shared_px: how far from a cut ink may be of both digits: each is tried.
             sure: from which trust on the whole is one digit.
    """

    part: Part
    cuts: Sequence[Cut]
    boxes: Sequence[Box | None]
    height: float
    is_wide: bool
    shared_px: Sequence[int]
    sure: float
    _ink: Component
    _parts: dict[tuple[int, int, int], Part] = field(default_factory=dict)

    @classmethod
    def from_part(cls, part: Part, grid: Grid, ink: Component, height: float, sure: float) -> "Chain":
        """Return a part in slices."""
        cuts = grid.find_cuts()
        boxes = [_find_box(piece) for piece in slice_component(ink, cuts)]
        shared_px = [round(share * grid.stroke_px) for share in SHARED]
        return cls(part, cuts, boxes, height, part.width > SURE_WIDTH * height, shared_px, sure, ink)

    def cut(self, trust: Judge | None) -> list[Part]:
        """Return the likeliest digits, from the left; by their shapes alone if there is no judge."""
        close = self._find_close()
        if len(close) == 1:
            return [self.part]
        if trust and (trust(self.part) or 0.0) >= self.sure:
            return [self.part]
        seen = {piece: best for piece in close if (best := self._find_better(piece, trust))} if trust else {}
        worth = self._rate_seen({piece: rated for piece, (rated, _) in seen.items()}) if seen else self._rate(is_shown=False)
        pieces = self._find_best(worth)
        if self._has_nested(pieces):
            pieces = self._find_best(worth, is_apart=True) if seen else []
        parts = [seen[piece][1] if piece in seen else self.take(piece) for piece in pieces] or [self.part]
        return [self.part] if trust and self._is_scribble(parts, trust) else parts

    def _is_scribble(self, pieces: Sequence[Part], trust: Judge) -> bool:
        """Tell ink of which nearly all is in pieces without trust, and a piece is trusted beside them: as a one, mostly."""
        trusts = [trust(piece) or 0.0 for piece in pieces]
        untold = sum(piece.area for piece, said in zip(pieces, trusts, strict=True) if said < NONE)
        return max(trusts) >= NONE and untold >= SCRIBBLE * sum(piece.area for piece in pieces)

    def _find_better(self, piece: Piece, trust: Judge) -> tuple[float, Part] | None:
        """Return how likely a piece is a digit by its trust, without or with the ink that it may share, and that; None if not shown."""
        looks = zip(self._list_looks(piece), (0.0, *SHARED), strict=False)
        rated = [(rate_trust(value, shared), part) for part, shared in looks if (value := trust(part)) is not None]
        return max(rated, key=itemgetter(0), default=None)

    def list_doubtful(self) -> list[Part]:
        """Return the pieces that the model is to be shown, and the whole if it might be a digit: none if all is clear without it."""
        close = self._find_close()
        if len(close) == 1:
            return []
        whole = [self.part] if self.part.width <= WIDEST_ALONE * self.height else []
        return [*whole, *(part for piece in close for part in self._list_looks(piece) if part is not self.part)]

    def count_runs(self) -> int:
        """Return how many runs are gone through to look at each piece in each way."""
        return len(self._list_pieces()) * (1 + len(self.shared_px)) * len(self._ink.runs)

    def _list_looks(self, piece: Piece) -> list[Part]:
        """Return a piece as it is cut, and with the ink that it may share with the next."""
        shared = [] if piece == (0, len(self.boxes)) else self.shared_px
        return [self.take(piece), *(self.take(piece, shared_px=share) for share in shared)]

    def take(self, piece: Piece, *, shared_px: int = 0) -> Part:
        """Return the ink of these slices, and of so much on either side; always the same part."""
        begin, end = piece
        if piece == (0, len(self.boxes)):
            return self.part
        key = begin, end, shared_px
        if key not in self._parts:
            left = self.cuts[begin - 1].move(-shared_px) if begin else None
            right = self.cuts[end - 1].move(shared_px) if end < len(self.boxes) else None
            self._parts[key] = Part.from_component(cut_out(self._ink, left, right))
        return self._parts[key]

    def _rate(self, *, is_shown: bool) -> Worth:
        """Return the worth of each piece by its shape.

        Args:    is_shown: whether the model says more, so that a cut costs little even where the width allows one digit.
        """
        costs = [*(rate_cut(cut, is_wide=self.is_wide, is_shown=is_shown) for cut in self.cuts), 0.0]
        return {piece: rate_shape(box, self.height, self.part.height) - costs[piece[1] - 1] for piece, box in self._list_pieces().items()}

    def _rate_seen(self, rated: Mapping[Piece, float]) -> Worth:
        """Return the worth of each piece that the model was shown, of which is known how likely its answer makes a digit."""
        costs, boxes = [*(rate_seen_cut(cut, is_wide=self.is_wide) for cut in self.cuts), 0.0], self._list_pieces()
        return {
            piece: rate_shape(boxes[piece], self.height, self.part.height, is_seen=True) + likely - costs[piece[1] - 1]
            for piece, likely in rated.items()
        }

    def _list_pieces(self) -> dict[Piece, Box]:
        """Return the box of each piece that is no wider than a digit; and of the whole."""
        count = len(self.boxes)
        pieces: dict[Piece, Box] = {}
        for begin in range(count):
            box: Box | None = None
            for end in range(begin + 1, count + 1):
                box = _join(box, self.boxes[end - 1])
                if box is not None:
                    if box[2] - box[0] > WIDEST * self.height:
                        break
                    pieces[begin, end] = box
        return {**pieces, (0, count): (self.part.left, self.part.top, self.part.right, self.part.bottom)}

    def _has_nested(self, pieces: Sequence[Piece]) -> bool:
        """Tell whether a piece stands for the most part under or over the next, as those of a ring with a gap do."""
        all_ = self._list_pieces()
        return any(_is_nested(all_[left], all_[right]) for left, right in pairwise(pieces))

    def _find_best(self, worth: Worth, *, is_apart: bool = False) -> list[Piece]:
        """Return the likeliest pieces, from the left; none if there is no such way.

        Args:    is_apart: whether none may stand under or over the next.
        """
        boxes, count = self._list_pieces(), len(self.boxes)
        ways: list[list[tuple[float, list[Piece]]]] = [[(0.0, [])], *([] for _ in range(count))]
        for (begin, end), value in sorted(worth.items(), key=lambda one: one[0][1]):
            before = [way for way in ways[begin] if not (is_apart and way[1] and _is_nested(boxes[way[1][-1]], boxes[begin, end]))]
            if before:
                score, pieces = max(before)
                ways[end].append((score + value, [*pieces, (begin, end)]))
        return max(ways[count], default=(-inf, []))[1]

    def _find_close(self) -> list[Piece]:
        """Return the pieces of all ways that are not much less likely than the best."""
        worth, count = self._rate(is_shown=True), len(self.boxes)
        before, after = [0.0] + [-inf] * count, [-inf] * count + [0.0]
        for end in range(1, count + 1):
            before[end] = max(before[begin] + worth.get((begin, end), -inf) for begin in range(end))
        for begin in range(count - 1, -1, -1):
            after[begin] = max(after[end] + worth.get((begin, end), -inf) for end in range(begin + 1, count + 1))
        return [(begin, end) for (begin, end), value in worth.items() if before[begin] + value + after[end] >= after[0] - CLOSE]


def find_chains(parts: Sequence[Part], digit_px: float) -> dict[int, Chain]:
    """Return the parts that may be several digits, by the part's id.

    Args:    digit_px: how high digits usually are.
    """
    chains = {}
    left_columns, left_runs = MAX_COLUMNS - COLUMNS_A_PART * len(parts), MAX_RUNS
    sure = SURE_ALONE if sum(part.height >= LOW * digit_px for part in parts) == 1 else SURE
    for part in parts:
        height = max(part.height, digit_px)
        if not MIN_WIDTH * height < part.width < MAX_WIDTH * height or part.height < LOW * digit_px:
            continue
        ink = part.gather()
        grid = Grid(ink, part.left, part.right)
        left_columns -= grid.columns
        if left_columns < 0:
            break
        chain = Chain.from_part(part, grid, ink, height, sure)
        if (runs := chain.count_runs()) <= left_runs:
            left_runs -= runs
            chains[id(part)] = chain
    return chains


def _is_nested(left: Box, right: Box) -> bool:
    return left[2] - right[0] > NESTED * min(left[2] - left[0], right[2] - right[0])


def _find_box(component: Component) -> Box | None:
    """Return a component's box, None if it has no ink."""
    runs = component.runs
    if not runs:
        return None
    return min(start for _, start, _ in runs), runs[0][0], max(end for _, _, end in runs), runs[-1][0] + 1


def _join(one: Box | None, other: Box | None) -> Box | None:
    if one is None or other is None:
        return one or other
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])
