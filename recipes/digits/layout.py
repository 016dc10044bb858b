"""Which components of a page are digits, which belong together, and in what order they are read, by the geometry of their boxes."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from recipes.digits.company import find_company
from recipes.digits.components import Component
from recipes.digits.marks import MarkedLine, mark_line, sort_by_row
from recipes.digits.neighbours import Budget, Neighbours
from recipes.digits.part import Part
from recipes.digits.reading import find_lines
from recipes.digits.signs import is_percent, join_percents
from recipes.digits.touching import Chain, find_chains
from recipes.digits.underlines import part_underline
from recipes.digits.words import find_words
from recipes.errors import TooLarge

MIN_SIDE_PX = 6  # what is smaller has no shape
SMALL, SMALLEST = 0.4, 0.125  # of the usual digit's size: what is small must be drawn with strokes and have company; a digit is no smaller
COMPANY = 4  # digits of about the same size
MAX_DIGITS = 1000
MAX_SHOWN = 300  # pieces of a page, each half a millisecond
MAX_WRITTEN = 1500  # digits, letters and marks
POINT = 0.25  # of a digit's height, how large a point is, and how far from its foot
# Of the usual size: how far a broken digit's pieces are apart, how low one of them is, and how wide and high they are together.
BROKEN, LOW, MAX_BROKEN_WIDTH, MAX_BROKEN_HEIGHT = 0.1, 0.75, 0.9, 1.12
UNDERLINE, LONG = 1.15, 4.0  # of a digit's width, how wide the line under it is at least; of its height
SOLID, ROUND = 0.8, 0.74  # of its box is ink: a blob; one as wide as high, as holes are
UNREAD = 0.3  # of the digits' height, the least size of what is told of as unread
MAX_JOINED = 1.25  # of the usual size, the height of two halves together


@dataclass(frozen=True, slots=True)
class Layout:
    """What is on a page: its lines of digits, what stands after each digit, and the other parts that are no specks."""

    lines: list[MarkedLine]
    unread: list[Part]

    def is_bare(self) -> bool:
        """Whether nothing but digits is on the page."""
        return not self.unread and not any(line.marks for line in self.lines)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is written on a page, before it is known which parts are several digits.

    Args:    parts: all of it but words.
             words: as their letters.
             chains: the parts that may be several digits, by their id.
    """

    parts: list[Part]
    words: list[list[Part]]
    chains: Mapping[int, Chain]

    def list_doubtful(self) -> list[Part]:
        """Return what the model is to be shown beside the digits: the pieces of parts of which shapes do not tell how many they are."""
        return [piece for chain in self.chains.values() for piece in chain.list_doubtful()][:MAX_SHOWN]

    def find_alone(self) -> Part | None:
        """Return the only digit, if there is one and no part is cut."""
        digits, _ = select_digits(self.parts)
        return digits[0] if len(digits) == 1 else None

    def arrange(self, trust: Callable[[Part], float | None] = lambda _: None) -> Layout:
        """Return what is on the page, its parts cut as their shapes say, or as the model does.

        Args:    trust: how far the model's answer to a piece can be trusted; None for one that it was not shown.
        Raises:  TooLarge: there are too many digits.
        """
        cut = {key: chain.cut(trust) for key, chain in self.chains.items()}
        digits, others = select_digits([piece for part in self.parts for piece in cut.get(id(part), [part])])
        if len(digits) > MAX_DIGITS:
            refuse_too_many()
        others = sort_by_row(others)
        marked = [mark_line(line, others) for line in find_lines(digits)]
        marks = {id(part) for line in marked for part in line.marks}
        least = UNREAD * _find_middle(digits, lambda part: part.height)
        unread = [part for part in others if id(part) not in marks and part.size >= least]
        return Layout(marked, [*map(_join_all, self.words), *unread, *(sign for line in marked for sign in line.signs)])


def read_sheet(found: Iterable[Component], width: int, height: int) -> Sheet:
    """Return what is written on a page of that size.

    Raises:  TooLarge: so many marks are so close to each other that telling which belong together would take too long.
    """
    parts = find_parts(found, width, height)
    digit_px = _find_middle(parts, lambda part: part.height)
    written = [part for part in parts if part.height >= MIN_SIDE_PX]
    # Of more, lines would take long to find, and they are texture.
    words = find_words(find_lines(written), digit_px) if len(written) <= MAX_WRITTEN else []
    letters = {id(part) for word in words for part in word}
    parts = [part for part in parts if id(part) not in letters]
    return Sheet(parts, words, find_chains([part for part in parts if not is_percent(part) and not _is_blob(part)], digit_px))


def refuse_too_many() -> NoReturn:
    """Refuse a page of texture."""
    raise TooLarge(
        f"the picture holds more than {MAX_DIGITS:,} digits, or is noise",
        advice="Send a part of the page, or a picture with less texture.",
    )


def _join_all(parts: list[Part]) -> Part:
    return Part.from_component(Component(sorted(run for part in parts for run in part.gather().runs), sum(part.area for part in parts)))


def find_parts(found: Iterable[Component], width: int, height: int) -> list[Part]:
    """Return what is written on a page of that size, those components joined that belong together."""
    parts = [Part.from_component(each) for component in found if component.area >= MIN_SIDE_PX for each in part_underline(component)]
    parts = [part for part in parts if not _is_edge(part, width, height)]
    usual, budget = _find_usual_size(parts), Budget()
    parts = [part for part in parts if not _is_cut_off(part, width, height, usual)]
    return _join_parts(join_percents(parts, budget), budget)


def select_digits(parts: list[Part]) -> tuple[list[Part], list[Part]]:
    """Return the parts that are digits, and the others; either in no order."""
    usual = _find_usual_size(parts)
    digits = _drop_lonely([part for part in parts if _is_digit(part, usual)], usual)
    chosen = set(map(id, digits))
    return digits, [part for part in parts if id(part) not in chosen]


def _find_usual_size(parts: list[Part]) -> int:
    """Return the size that half of the ink is in parts of."""
    return _find_middle(parts, lambda part: part.digit_size)


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
    company = find_company(parts, budget)
    for part in sorted(parts, key=lambda part: -part.area):
        hosts = [other for other in near.find(part, least_size=part.size) if id(part) not in company and _is_piece_of(part, other)]
        if hosts:
            (hosts[0] if len(hosts) == 1 else _find_nearest(part, hosts, budget)).join(part)
        else:
            whole.append(part)
            near.add(part)
    return _join_halves(whole, company, budget)


def _join_halves(whole: list[Part], company: set[int], budget: Budget) -> list[Part]:
    usual = _find_usual_size(whole)
    done: list[Part] = []
    near = Neighbours[Part](budget)
    for part in whole:
        candidates = near.find(part) if part.height <= MAX_JOINED * usual else []
        lone = id(part) not in company
        other = next(
            (
                other
                for other in candidates
                if (_are_halves(part, other, usual) or (lone and _are_fragments(part, other, usual)))
                and not _is_underline(part, other)
                and not _is_underline(other, part)
            ),
            None,
        )
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
    if part.area > 0.5 * host.area or part.size > 0.65 * host.digit_size:
        return False
    across, down = _measure_gaps(part, host)
    if _is_underline(part, host):
        return False
    if across > 0 and part.size <= POINT * host.height and part.row > host.bottom - POINT * host.height:
        return across <= 0.02 * host.digit_size  # else a point beside it
    alone = part.height > 0.35 * host.height and part.fill < 0.6 and part.width < 1.5 * part.height  # it might be a smaller digit
    return across <= (0.03 if alone else 0.1) * host.digit_size and down <= (0.06 if alone else 0.2) * host.digit_size


def _is_underline(part: Part, other: Part) -> bool:
    """Tell a line under something, or over it, which is wider: a digit's own bar is not."""
    _, down = _measure_gaps(part, other)
    return part.width > UNDERLINE * other.width and part.width > LONG * part.height and -down <= part.height


def _are_halves(one: Part, other: Part, usual: int) -> bool:
    """Tell two halves of a digit, one above the other, together as high as digits are, or as they are wide."""
    across, down = _measure_gaps(one, other)
    together = max(one.bottom, other.bottom) - min(one.top, other.top)
    return (
        -across >= 0.5 * min(one.width, other.width)
        and down <= 0.12 * together
        and -down <= 0.3 * min(one.height, other.height)
        and together <= MAX_JOINED * max(usual, one.width, other.width)
    )


def _are_fragments(one: Part, other: Part, usual: int) -> bool:
    """Tell two pieces of a digit, however they lie to each other: close, one of them low, and together no larger than a digit."""
    across, down = _measure_gaps(one, other)
    return (
        max(across, down) <= BROKEN * usual
        and min(one.height, other.height) <= LOW * usual
        and min(one.size, other.size) > POINT * usual
        and max(one.right, other.right) - min(one.left, other.left) <= MAX_BROKEN_WIDTH * usual
        and max(one.bottom, other.bottom) - min(one.top, other.top) <= MAX_BROKEN_HEIGHT * usual
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
    if (
        part.size < max(MIN_SIDE_PX, usual * SMALLEST)
        or part.width > _measure_flattest(part, usual) * part.height
        or part.height > 25 * part.width
    ):
        return False
    if _is_blob(part):
        return part.size < 2 * MIN_SIDE_PX and part.size > usual / 2  # so small that strokes run together
    return part.size > SMALL * usual or (part.size**2 > 2.2 * part.area and part.size > 2 * MIN_SIDE_PX)


def _is_blob(part: Part) -> bool:
    """Tell what is solid from strokes: an upright stroke by itself is solid, too."""
    return part.fill > (ROUND if part.is_square() else SOLID) and part.width > 0.6 * part.height


def _measure_flattest(part: Part, usual: int) -> float:
    """Return how many times wider than high a digit may be: a low two of strokes is flatter than a dash's bar is high."""
    return 3.0 if part.fill < 0.5 and part.height > 0.25 * usual else 2.0


def _drop_lonely(parts: list[Part], usual: int) -> list[Part]:
    """Return the parts without the small ones that are alone: small digits stand beside each other, commas and bits of something do not."""
    sizes = sorted(part.size for part in parts)
    company = find_company(parts, Budget(), least=1) if sizes and sizes[0] <= SMALL * usual else set()

    def is_alone(part: Part) -> bool:
        return id(part) not in company or bisect_right(sizes, 1.6 * part.size) - bisect_left(sizes, 0.6 * part.size) < COMPANY

    return [part for part in parts if part.size > SMALL * usual or not is_alone(part)]
