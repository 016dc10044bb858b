"""Signs that are as high as digits, and would be taken for ones and sevens: slashes, bars, brackets, and what has a dot above or below."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from recipes.digits.writing.columns import Columns
from recipes.digits.writing.neighbours import Budget, Neighbours
from recipes.digits.writing.part import Part

# Times the size of the largest digit beside it.
SLASH_HEIGHT, LONE_SLASH_HEIGHT, BAR_HEIGHT, BRACKET_HEIGHT = 1.1, 1.15, 1.2, 0.95
SLASH_LEAN, MAX_BAR_LEAN = (0.12, 1.0), 0.12  # columns a row, to the right
SLASH_GAP = 0.8  # of its height, how far from a digit a slash is at most; a one in a table's cell is farther
STRAIGHT = 0.6  # of its stroke: a slash's middle strays from a line by no more
EVEN, EVEN_SHARE = 1.6, 0.95  # of its stroke: no wider is a slash in so many of its rows; a seven's bar and a one's foot are
BENT = 0.9  # of its stroke, how far a bracket's ends are from its middle at least
MAX_BRACKET_WIDTH = 0.45  # of its height
END, MIDDLE = 0.12, (0.3, 0.7)  # of its height: where a bracket reaches to the one side, and where it stands on the other
DOT, MIN_DOT = 0.25, 0.05  # of the digits' height, a dot's size
DOT_GAP = (0.03, 0.4)  # of it, how far from its stroke
DEGREE = 0.5  # of the digit beside it, how high a degree sign is at most, and how far from its top
RINGS, RING = 2, (0.2, 0.6)  # a percent sign's; of its height, how high they are
BESIDE = 3  # digits to either side, by which heights are compared
ROUND = 0.5  # of a dot's box is ink


@dataclass(frozen=True, slots=True)
class Signs:
    """What of a line is no digit."""

    slashes: list[Part]
    others: list[Part]


def find_signs(line: Sequence[Part], others: Sequence[Part]) -> Signs:
    """Return the signs on a line; none if nothing else stands on it, because then nothing tells how high digits are.

    Args:    line: its digits from the left; signs may be among them.
             others: parts about the line that are no digits.
    """
    found, columns = Signs([], []), Columns(others)
    strokes = [_Stroke.of_part(part) for part in line]
    straight = [bool(stroke and stroke.is_straight()) for stroke in strokes]
    for at, (part, stroke) in enumerate(zip(line, strokes, strict=True)):
        begin, end = max(0, at - BESIDE), at + BESIDE + 1
        near = zip(line[begin:end], straight[begin:end], strict=True)
        beside = [each for each, is_one in near if not is_one and each is not part]
        if not beside:
            continue
        highest = max(beside, key=lambda each: each.digit_size)
        height = highest.digit_size
        if stroke and straight[at]:
            is_inside = 0 < at < len(line) - 1
            least = (SLASH_HEIGHT if is_inside else LONE_SLASH_HEIGHT) * height
            is_high = part.height >= least and _is_near(part, [*line[max(0, at - 1) : at], *line[at + 1 : at + 2]])
            if SLASH_LEAN[0] <= stroke.lean <= SLASH_LEAN[1] and is_high:
                found.slashes.append(part)
            elif abs(stroke.lean) < MAX_BAR_LEAN and part.height >= BAR_HEIGHT * height:
                found.others.append(part)
        is_bracket = stroke is not None and stroke.is_bracket() and part.height >= BRACKET_HEIGHT * height
        if is_bracket or _is_degree(part, highest) or _has_dot(part, columns, height) or is_percent(part):
            found.others.append(part)
    return found if len(found.slashes) + len(found.others) < len(line) else Signs([], [])


@dataclass(frozen=True, slots=True)
class _Stroke:
    """A part that has one run of ink a row.

    Args:    runs: (row, first column, column after the last) from the top.
             width: of its usual run.
             lean: how many columns it goes to the right for each row up.
             strayed: how far its middle is from the straight line, at most.
    """

    part: Part
    runs: Sequence[tuple[int, int, int]]
    width: float
    lean: float
    strayed: float

    @classmethod
    def of_part(cls, part: Part) -> "_Stroke | None":
        """Return a part as one stroke; None if it is more, or too wide."""
        runs = part.components[0].runs
        if len(part.components) > 1 or len(runs) > part.height or part.width > 0.9 * part.height:
            return None
        middles = [(row, (start + end) / 2) for row, start, end in runs]
        count = len(middles)
        mean_row, mean = sum(row for row, _ in middles) / count, sum(middle for _, middle in middles) / count
        variance = sum((row - mean_row) ** 2 for row, _ in middles)
        lean = -sum((row - mean_row) * (middle - mean) for row, middle in middles) / variance if variance else 0.0
        strayed = max(abs(middle - mean + lean * (row - mean_row)) for row, middle in middles)
        return cls(part, runs, median(end - start for _, start, end in runs), lean, strayed)

    def is_straight(self) -> bool:
        """Tell a slash or a bar from a one and a seven."""
        widths = sorted(end - start for _, start, end in self.runs)
        return self.strayed <= STRAIGHT * self.width and widths[int(EVEN_SHARE * len(widths))] <= EVEN * self.width

    def is_ring(self, other: Part) -> bool:
        """Tell a part that may be a percent sign's ring of this slash."""
        if not RING[0] * self.part.height <= other.height <= RING[1] * self.part.height or not self.part.top < other.row < self.part.bottom:
            return False
        aside = other.middle - (self.part.middle + self.lean * (self.part.row - other.row))
        return 0 < (aside if other.row > self.part.row else -aside) < self.part.height

    def is_bracket(self) -> bool:
        """Tell a bracket: its middle stands at one side of it, thin, and both of its ends reach the other side, and there no farther."""
        part = self.part
        if not self.width + BENT * self.width <= part.width <= MAX_BRACKET_WIDTH * part.height:
            return False
        ends = [runs for runs in (self._take(0, END), self._take(1 - END, 1)) if runs]
        middle = self._take(*MIDDLE)
        if len(ends) < 2 or not middle or max(end - start for _, start, end in middle) > 1.6 * self.width:
            return False
        near = max(2.0, 0.5 * self.width)
        left, right = part.left, part.right
        opens = all(start <= left + near + 0.35 * (right - left - self.width) for _, start, _ in middle) and all(
            max(end for _, _, end in runs) >= right - near for runs in ends
        )
        closes = all(end >= right - near - 0.35 * (right - left - self.width) for _, _, end in middle) and all(
            min(start for _, start, _ in runs) <= left + near for runs in ends
        )
        return (opens and min(start for _, start, _ in middle) <= left + near) or (
            closes and max(end for _, _, end in middle) >= right - near
        )

    def _take(self, begin: float, end: float) -> Sequence[tuple[int, int, int]]:
        """Return the runs of a share of the rows, from the top."""
        count = len(self.runs)
        return self.runs[round(begin * count) : max(round(begin * count) + 1, round(end * count))]


def _is_near(part: Part, beside: Sequence[Part]) -> bool:
    return any(max(each.left - part.right, part.left - each.right) <= SLASH_GAP * part.height for each in beside)


def join_percents(parts: Sequence[Part], budget: Budget) -> list[Part]:
    """Return the parts with the three of each percent sign as one."""
    near = Neighbours[Part](budget)
    for part in parts:
        near.add(part)
    done: set[int] = set()
    for part in parts:
        stroke = _Stroke.of_part(part)
        if stroke and stroke.is_straight() and SLASH_LEAN[0] <= stroke.lean <= SLASH_LEAN[1]:
            rings = [each for each in near.find(part) if id(each) not in done and stroke.is_ring(each)]
            if len(rings) == RINGS and (rings[0].row < part.row) != (rings[1].row < part.row):
                for ring in rings:
                    part.join(ring)
                done.update(map(id, rings))
    return [part for part in parts if id(part) not in done]


def is_percent(part: Part) -> bool:
    """Tell a percent sign: a slash with a ring at its upper left and one at its lower right."""
    slash, *rings = sorted(map(Part.from_component, part.components), key=lambda each: -each.height)
    stroke = _Stroke.of_part(slash) if len(rings) == RINGS else None
    return stroke is not None and stroke.is_straight() and all(map(stroke.is_ring, rings))


def _is_degree(part: Part, digit: Part) -> bool:
    """Tell a degree sign from a zero: a ring no lower than the upper half of the digit beside it."""
    if part.bottom - digit.top > DEGREE * digit.height or part.height > DEGREE * digit.height or not part.is_square():
        return False
    row, column = int(part.row), int(part.middle)
    return not any(each == row and start <= column < end for component in part.components for each, start, end in component.runs)


def _has_dot(part: Part, others: Columns, height: float) -> bool:
    """Tell an exclamation or question mark, or an i: a dot right above or below the rest of it, or joined to it."""
    own = [Part.from_component(each) for each in part.components] if len(part.components) == 2 else []
    rest = max(own, key=lambda each: each.area, default=part)
    near = others.find(part.left - DOT * height, part.right + DOT * height)  # a dot is no larger
    return any(each is not rest and _is_dot_of(each, rest, height) for each in (*own, *near))


def _is_dot_of(dot: Part, stroke: Part, height: float) -> bool:
    if not MIN_DOT * height <= dot.size <= DOT * height or dot.size > 1.6 * min(dot.width, dot.height) or dot.fill < ROUND:
        return False
    gap = max(dot.top - stroke.bottom, stroke.top - dot.bottom)
    return DOT_GAP[0] * height <= gap <= DOT_GAP[1] * height and stroke.left - dot.width <= dot.middle <= stroke.right + dot.width
