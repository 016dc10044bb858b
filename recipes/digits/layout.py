"""Which components of a page are digits, which belong together, and in what order they are read, by the geometry of their boxes."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from recipes.digits.components import Component
from recipes.digits.neighbours import Budget, Neighbours
from recipes.digits.touching import Judge, cut_touching

MIN_SIDE_PX = 6  # what is smaller has no shape
SMALL, SMALLEST = 0.4, 0.125  # of the usual digit's size: what is small must be drawn with strokes and have company; a digit is no smaller
COMPANY = 4  # digits of about the same size
SLOPE_REACH = 3.0  # heights to the right in which a digit's neighbour is looked for
MAX_SLOPE = 0.15  # eight degrees and a half
MAX_JOINED = 1.25  # of the usual size, the height of two halves together
OUTLINE_RUNS = 256  # of a part's, by which distances are measured


@dataclass(slots=True)
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
        left, right = min(start for _, start, _ in runs), max(end for _, _, end in runs)
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
    def size(self) -> int:
        """The longer side."""
        return max(self.width, self.height)

    @property
    def fill(self) -> float:
        """The share of the box that is ink."""
        return self.area / (self.width * self.height)

    def join(self, other: "Part") -> None:
        """Take the other's components in."""
        self.components += other.components
        self.left, self.top = min(self.left, other.left), min(self.top, other.top)
        self.right, self.bottom = max(self.right, other.right), max(self.bottom, other.bottom)
        self.area += other.area
        self.outline = [*self.outline, *other.outline]
        self.outline = self.outline[:: len(self.outline) // OUTLINE_RUNS + 1]


def select_digits(found: Iterable[Component], width: int, height: int, judge: Judge | None = None) -> list[Part]:
    """Return the digits of a page of that size, each with all its parts, in no order.

    Args:    judge: what pieces of components are shown to that may be several digits.

    Raises:  TooLarge: so many marks are so close to each other that telling which belong together would take too long.
    """
    parts = [Part.from_component(component) for component in found if component.area >= MIN_SIDE_PX]
    parts = [part for part in parts if not _is_edge(part, width, height)]
    if not parts:
        return []
    usual, budget = _find_usual_size(parts), Budget()
    parts = [part for part in parts if not _is_cut_off(part, width, height, usual)]
    parts = _cut_touching(parts, judge, budget)
    parts = _join_parts(parts, budget)
    usual = _find_usual_size(parts) if parts else 0
    parts = [part for part in parts if _is_digit(part, usual)]
    return _drop_lonely(parts, usual)


def find_lines(parts: list[Part]) -> list[list[Part]]:
    """Return the lines of digits from the top, each from the left; they may slope by a few degrees."""
    slope = _estimate_slope(parts)

    def across(part: Part) -> float:
        return (part.top + part.bottom) / 2 - slope * (part.left + part.right) / 2

    lines: list[list[Part]] = []
    for part in sorted(parts, key=across):
        line = lines[-1] if lines else []
        middle = sum(map(across, line)) / len(line) if line else 0.0
        if line and across(part) - middle < 0.5 * max(part.size, *(other.size for other in line)):
            line.append(part)
        else:
            lines.append([part])
    return [sorted(line, key=lambda part: part.left + part.right) for line in lines]


def _cut_touching(parts: list[Part], judge: Judge | None, budget: Budget) -> list[Part]:
    """Return the parts with those cut apart that are several digits; several that touch are no higher than one."""
    digit_px = _find_middle(parts, lambda part: part.height)
    near = Neighbours[Part](budget)
    for part in parts:
        near.add(part)
    # The half of a digit is as wide as several would be.
    whole = [part for part in parts if not any(_are_halves(part, other, 3 * part.height) for other in near.find(part) if other is not part)]
    pieces = cut_touching([part.components[0] for part in whole], digit_px, judge)
    cut = {id(part): [Part.from_component(piece) for piece in each] for part, each in zip(whole, pieces, strict=True) if len(each) > 1}
    return [each for part in parts for each in cut.get(id(part), [part])]


def _find_usual_size(parts: list[Part]) -> int:
    """Return the size that half of the ink is in parts of."""
    return _find_middle(parts, lambda part: part.size)


def _find_middle(parts: list[Part], measure: Callable[[Part], int]) -> int:
    """Return the measure that half of the ink is in parts of: specks have little ink, however many there are."""
    half, below = sum(part.area for part in parts) / 2, 0
    for part in sorted(parts, key=measure):
        below += part.area
        if below >= half:
            return measure(part)
    return 0


def _is_edge(part: Part, width: int, height: int) -> bool:
    """Tell the table beside the paper, a frame, or a shadow along the border: it touches the border and follows it far."""
    along_x, along_y = part.width > 0.5 * width, part.height > 0.5 * height
    at_x, at_y = part.left <= 1 or part.right >= width - 1, part.top <= 1 or part.bottom >= height - 1
    frame = along_x and along_y and part.fill < 0.15
    return frame or (at_y and along_x and part.width > 3 * part.height) or (at_x and along_y and part.height > 6 * part.width)


def _is_cut_off(part: Part, width: int, height: int, usual: int) -> bool:
    """Tell what the border leaves of something else: a sliver along it, a corner, or a wedge that lies flush with it."""
    at_x, at_y = part.left <= 1 or part.right >= width - 1, part.top <= 1 or part.bottom >= height - 1
    if at_x and at_y and not 0.5 * usual <= part.size <= 1.6 * usual:
        return True
    if at_x and part.fill > 0.6 and _count_flush_rows(part, width) > 0.6 * part.height:
        return True
    return (at_x and part.width < 0.35 * usual and part.height < 0.85 * usual) or (at_y and part.height < 0.25 * usual)


def _count_flush_rows(part: Part, width: int) -> int:
    """Return in how many rows the part touches the left or the right border."""
    return len({row for component in part.components for row, start, end in component.runs if start <= 1 or end >= width - 1})


def _join_parts(parts: list[Part], budget: Budget) -> list[Part]:
    """Return the parts with the small ones in the larger ones they are part of, and the two halves of a broken digit as one."""
    whole: list[Part] = []
    near = Neighbours[Part](budget)
    for part in sorted(parts, key=lambda part: -part.area):
        hosts = [other for other in near.find(part, least_size=part.size) if _is_piece_of(part, other)]
        if hosts:
            (hosts[0] if len(hosts) == 1 else _find_nearest(part, hosts, budget)).join(part)
        else:
            whole.append(part)
            near.add(part)
    return _join_halves(whole, budget)


def _join_halves(whole: list[Part], budget: Budget) -> list[Part]:
    usual = _find_usual_size(whole) if whole else 0
    done: list[Part] = []
    near = Neighbours[Part](budget)
    for part in whole:
        candidates = near.find(part) if part.height <= MAX_JOINED * usual else []
        other = next((other for other in candidates if _are_halves(part, other, usual)), None)
        if other is None:
            done.append(part)
            near.add(part)
        else:
            other.join(part)
    return done


def _measure_gaps(one: Part, other: Part) -> tuple[int, int]:
    """Return how far the boxes are apart, across and down; negative where they overlap."""
    return max(one.left, other.left) - min(one.right, other.right), max(one.top, other.top) - min(one.bottom, other.bottom)


def _is_piece_of(part: Part, host: Part) -> bool:
    """Tell a detached bar, a broken stroke or a speck: much less ink than its host, and close to it."""
    if part.area > 0.5 * host.area or part.size > 0.65 * host.size:
        return False
    across, down = _measure_gaps(part, host)
    alone = part.height > 0.35 * host.height and part.fill < 0.6 and part.width < 1.5 * part.height  # it might be a smaller digit
    return across <= (0.03 if alone else 0.1) * host.size and down <= (0.06 if alone else 0.2) * host.size


def _are_halves(one: Part, other: Part, usual: int) -> bool:
    """Tell two halves of a digit, one above the other, together as high as digits are."""
    across, down = _measure_gaps(one, other)
    together = max(one.bottom, other.bottom) - min(one.top, other.top)
    return (
        -across >= 0.5 * min(one.width, other.width)
        and down <= 0.12 * together
        and -down <= 0.3 * min(one.height, other.height)
        and together <= MAX_JOINED * usual
    )


def _find_nearest(part: Part, hosts: list[Part], budget: Budget) -> Part:
    """Return the host whose runs are nearest to the part's."""
    ours = part.outline[:: len(part.outline) // 32 + 1]

    def measure_distance(host: Part) -> int:
        theirs = host.outline[:: len(host.outline) // 128 + 1]
        budget.spend(len(ours) * len(theirs) // 4)  # each takes a quarter of the time of two boxes
        return min((a - d) ** 2 + max(0, b - f, e - c) ** 2 for a, b, c in ours for d, e, f in theirs)

    return min(hosts, key=measure_distance)


def _is_digit(part: Part, usual: int) -> bool:
    """Tell a digit from specks, dashes, commas and blobs."""
    if part.size < max(MIN_SIDE_PX, usual * SMALLEST) or part.width > 2 * part.height or part.height > 25 * part.width:
        return False
    if part.fill > 0.8 and part.width > 0.6 * part.height:
        return part.size < 2 * MIN_SIDE_PX and part.size > usual / 2  # so small that strokes run together
    return part.size > SMALL * usual or (part.size**2 > 2.2 * part.area and part.size > 2 * MIN_SIDE_PX)


def _drop_lonely(parts: list[Part], usual: int) -> list[Part]:
    """Return the parts without the small ones that are alone of their size: small digits come as a group, bits of something else do not."""
    sizes = sorted(part.size for part in parts)
    return [
        part
        for part in parts
        if part.size > SMALL * usual or bisect_right(sizes, 1.6 * part.size) - bisect_left(sizes, 0.6 * part.size) >= COMPANY
    ]


def _estimate_slope(parts: list[Part]) -> float:
    """Return the median slope from each digit to its nearest neighbour on the right, 0 where there are none."""
    slopes = []
    by_left = sorted(parts, key=lambda part: part.left)
    for index, part in enumerate(by_left):
        nearest: tuple[float, float] | None = None
        for other in by_left[index + 1 :]:
            across = (other.left + other.right - part.left - part.right) / 2
            if across > SLOPE_REACH * part.size + other.size:
                break
            down = (other.bottom - part.bottom + other.top - part.top) / 2
            if across > 0 and abs(down) < 0.5 * min(part.size, other.size) and (nearest is None or across < nearest[0]):
                nearest = across, down
        if nearest is not None:
            slopes.append(nearest[1] / nearest[0])
    if len(slopes) < 2:
        return 0.0
    return max(-MAX_SLOPE, min(MAX_SLOPE, sorted(slopes)[len(slopes) // 2]))
