"""What is written on a page: which of its parts are digits, and in what order they are read, by the geometry of their boxes."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import NoReturn

from recipes.digits.ink.components import Component
from recipes.digits.writing.company import find_company
from recipes.digits.writing.dollars import is_dollar
from recipes.digits.writing.joining import find_parts
from recipes.digits.writing.marks import MarkedLine, mark_line, sort_by_row
from recipes.digits.writing.neighbours import Budget
from recipes.digits.writing.part import MIN_SIDE_PX, Part, find_middle, find_usual_size
from recipes.digits.writing.pieces import Pair, find_pairs, join_pairs
from recipes.digits.writing.reading import find_lines
from recipes.digits.writing.signs import is_percent
from recipes.digits.writing.touching import Chain, Judge, find_chains
from recipes.digits.writing.words import are_digits, find_words
from recipes.errors import TooLarge

SMALL, SMALLEST = 0.4, 0.125  # of the usual digit's size: what is small must be drawn with strokes and have company; a digit is no smaller
COMPANY = 4  # digits of about the same size
MAX_DIGITS = 1000
MAX_SHOWN = 450  # pieces of a page, each half a millisecond of the model, and one to crop
MAX_WRITTEN = 1500  # digits, letters and marks
SOLID, ROUND = 0.8, 0.74  # of its box is ink: a blob; one as wide as high, as holes are
HOLED = 1.25  # runs of ink a row: with more there are holes in it
UNREAD = 0.3  # of the digits' height, the least size of what is told of as unread


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

    Args:    parts: all of it but words, frames and dollar signs.
             words: as their letters.
             frames: drawn about others.
             dollars: as whole parts; a piece of touching digits may look like one.
             chains: the parts that may be several digits, by their id.
             pairs: of parts that may be one digit.
    """

    parts: list[Part]
    words: list[list[Part]]
    frames: list[Part]
    dollars: list[Part]
    chains: Mapping[int, Chain]
    pairs: list[Pair]

    def list_doubtful(self) -> list[Part]:
        """Return what the model is to be shown beside the digits: the pieces of parts of which shapes do not tell how many they are."""
        pairs = [part for pair in self.pairs for part in (pair.whole, *pair.pieces)]
        letters = (letter for word in self.words for letter in word)
        return list(islice(chain(pairs, *(each.list_doubtful() for each in self.chains.values()), letters), MAX_SHOWN))

    def find_alone(self) -> Part | None:
        """Return the only digit, if there is one and no part is cut."""
        digits, _ = select_digits(self.parts)
        return digits[0] if len(digits) == 1 else None

    def arrange(self, trust: Judge | None = None) -> Layout:
        """Return what is on the page, its parts cut as their shapes say, or as the model does.

        Raises:  TooLarge: there are too many digits.
        """
        cut = {key: chain.cut(trust) for key, chain in self.chains.items()}
        numbers = [word for word in self.words if trust and are_digits(word, trust)]
        words = [word for word in self.words if word not in numbers]
        parts = join_pairs(self.parts, self.pairs, trust) if trust else self.parts
        parts = [*parts, *(digit for number in numbers for digit in number)]
        digits, others = select_digits([piece for part in parts for piece in cut.get(id(part), [part])])
        if len(digits) > MAX_DIGITS:
            refuse_too_many()
        others = sort_by_row([*others, *self.dollars])
        marked = [mark_line(line, others) for line in find_lines(digits)]
        marks = {id(part) for line in marked for part in line.marks}
        least = UNREAD * find_middle(digits, lambda part: part.height)
        unread = [part for part in others if id(part) not in marks and part.size >= least]
        return Layout(marked, [*map(_join_all, words), *self.frames, *unread, *(sign for line in marked for sign in line.signs)])


def read_sheet(found: Iterable[Component], width: int, height: int) -> Sheet:
    """Return what is written on a page of that size.

    Raises:  TooLarge: so many marks are so close to each other that telling which belong together would take too long; or too many digits.
    """
    parts, frames = find_parts(found, width, height)
    digit_px = find_middle(parts, lambda part: part.height)
    written = [part for part in parts if part.height >= MIN_SIDE_PX]
    # Of more, lines would take long to find, and they are texture.
    words = find_words(find_lines(written), digit_px) if len(written) <= MAX_WRITTEN else []
    letters = {id(part) for word in words for part in word}
    parts = [part for part in parts if id(part) not in letters]
    dollars = [part for part in parts if is_dollar(part)]
    parts = [part for part in parts if part not in dollars]
    if len(select_digits(parts)[0]) > MAX_DIGITS:
        refuse_too_many()  # before cuts are looked for, which takes a second
    several = [part for part in parts if not is_percent(part) and not _is_blob(part)]
    pairs = find_pairs(parts, find_usual_size(parts), Budget())
    return Sheet(parts, words, frames, dollars, find_chains(several, digit_px), pairs)


def refuse_too_many() -> NoReturn:
    """Refuse a page of texture."""
    raise TooLarge(
        f"the picture holds more than {MAX_DIGITS:,} digits, or is noise",
        advice="Send a part of the page, or a picture with less texture.",
    )


def _join_all(parts: list[Part]) -> Part:
    return Part.from_component(Component(sorted(run for part in parts for run in part.gather().runs), sum(part.area for part in parts)))


def select_digits(parts: list[Part]) -> tuple[list[Part], list[Part]]:
    """Return the parts that are digits, and the others; either in no order."""
    usual = find_usual_size(parts)
    digits = _drop_lonely([part for part in parts if _is_digit(part, usual)], usual)
    chosen = set(map(id, digits))
    return digits, [part for part in parts if id(part) not in chosen]


def _is_digit(part: Part, usual: int) -> bool:
    """Tell a digit from specks, dashes, commas and blobs."""
    if part.size < max(MIN_SIDE_PX, usual * SMALLEST) or part.width > _measure_flattest(part, usual) * part.height or part.is_line():
        return False
    if _is_blob(part):
        return part.size < 2 * MIN_SIDE_PX and part.size > usual / 2  # so small that strokes run together
    return part.size > SMALL * usual or (part.size**2 > 2.2 * part.area and part.size > 2 * MIN_SIDE_PX)


def _is_blob(part: Part) -> bool:
    """Tell what is solid from strokes: an upright stroke by itself is solid, too; a bold eight is nearly, but for its holes."""
    is_solid = part.fill > (ROUND if part.is_square() else SOLID) and part.width > 0.6 * part.height
    return is_solid and sum(len(each.runs) for each in part.components) < HOLED * part.height


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
