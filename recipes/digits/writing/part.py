"""Components that are one digit, or a part of it."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter

from recipes.digits.ink.components import Component

MIN_SIDE_PX = 6  # what is smaller has no shape
MAX_ALONE = 1.2  # of its height: what is wider is several digits
LINE = 25  # times as long as thick: a drawn line, and no stroke of a digit
OUTLINE_RUNS = 256  # of a part's, by which distances are measured


@dataclass(slots=True, eq=False)
class Part:
    """Components that are one digit, or a part of it, in the box (left, top, right, bottom), and some of their runs."""

    components: list[Component]
    left: int
    top: int
    right: int
    bottom: int
    area: int
    outline: list[tuple[int, int, int]]

    @classmethod
    def from_component(cls, component: Component) -> "Part":
        """Return a part of one component."""
        runs = component.runs
        left, right = min(map(itemgetter(1), runs)), max(map(itemgetter(2), runs))
        return cls([component], left, runs[0][0], right, runs[-1][0] + 1, component.area, runs[:: len(runs) // OUTLINE_RUNS + 1])

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """The column between its sides."""
        return (self.left + self.right) / 2

    @property
    def row(self) -> float:
        """The row between its top and its bottom."""
        return (self.top + self.bottom) / 2

    @property
    def size(self) -> int:
        """The longer side."""
        return max(self.width, self.height)

    @property
    def digit_size(self) -> int:
        """The size of its digits: the longer side, or of what is wider than a digit, which is several beside each other, the height."""
        return self.width if self.height < self.width <= MAX_ALONE * self.height else self.height

    @property
    def fill(self) -> float:
        """The share of the box that is ink."""
        return self.area / (self.width * self.height)

    def is_square(self) -> bool:
        """Whether it is about as wide as high."""
        return 3 * self.height <= 4 * self.width <= 5 * self.height + self.height // 3

    def is_line(self) -> bool:
        """Whether it is a drawn line, level or upright."""
        return self.size > LINE * min(self.width, self.height)

    def join(self, other: "Part") -> None:
        """Take the other's components in."""
        self.components += other.components
        self.left, self.top = min(self.left, other.left), min(self.top, other.top)
        self.right, self.bottom = max(self.right, other.right), max(self.bottom, other.bottom)
        self.area += other.area
        self.outline = [*self.outline, *other.outline]
        self.outline = self.outline[:: len(self.outline) // OUTLINE_RUNS + 1]

    def gather(self) -> Component:
        """Return all of its ink as one component."""
        if len(self.components) == 1:
            return self.components[0]
        return Component(sorted(run for each in self.components for run in each.runs), self.area)


def find_usual_size(parts: list[Part]) -> int:
    """Return the size that half of the ink is in parts of."""
    return find_middle(parts, lambda part: part.digit_size)


def find_middle(parts: list[Part], measure: Callable[[Part], int]) -> int:
    """Return the measure that half of the ink is in parts of: specks have little ink, however many there are; lines do not count."""
    parts = [part for part in parts if not part.is_line()] or parts
    half, below = sum(part.area for part in parts) / 2, 0
    for part in sorted(parts, key=measure):
        below += part.area
        if below >= half:
            return measure(part)
    return 0
