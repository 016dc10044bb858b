"""Parts that may be two pieces of one broken digit, which shapes do not tell: each pair is shown to the model as one, and it tells."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from recipes.digits.writing.company import find_company
from recipes.digits.writing.neighbours import Budget, Neighbours
from recipes.digits.writing.part import Part
from recipes.digits.writing.touching import Judge

# Of the digits' usual size: how far the pieces are apart, how large each is; how wide and high they are together.
APART, LEAST, MAX_WIDTH, HEIGHT = 0.1, 0.2, 1.2, (0.5, 1.5)
OVER = 0.2  # of the narrower one's width, how much of it is over or under the other
DIGIT, SURE, DOUBTED = 0.9, 0.98, 0.5  # trust from which two are one digit; even if each is trusted; below which a piece is none
MAX_PAIRS = 60  # that the model is shown


@dataclass(frozen=True, slots=True)
class Pair:
    """Two parts, and both as one.

    Args:    is_stacked: whether one is over the other, and the smaller one in no row of others like it, as a small digit is.
    """

    pieces: tuple[Part, Part]
    whole: Part
    is_stacked: bool

    def is_digit(self, trust: Judge) -> bool:
        """Tell whether the model trusts that both are one digit, and not each of them."""
        said = trust(self.whole) or 0.0
        return said >= DIGIT and (min(trust(piece) or 0.0 for piece in self.pieces) < DOUBTED or (self.is_stacked and said >= SURE))


def find_pairs(parts: Sequence[Part], usual: int, budget: Budget) -> list[Pair]:
    """Return the pairs of parts that are close and together as large as a digit, MAX_PAIRS at most.

    Args:    usual: the digits' size.
    Raises:  TooLarge: so many parts are so close to each other that this would take too long.
    """
    pairs: list[Pair] = []
    company = find_company(parts, budget)
    near = Neighbours[Part](budget)
    for part in parts:
        if len(pairs) >= MAX_PAIRS:
            break
        if part.size >= LEAST * usual and part.height <= HEIGHT[1] * usual:
            pairs += [pair for other in near.find(part) if (pair := _pair(other, part, usual, company))]
            near.add(part)
    return pairs[:MAX_PAIRS]


def join_pairs(parts: Sequence[Part], pairs: Sequence[Pair], trust: Judge) -> list[Part]:
    """Return the parts, those pairs as one that are a digit; of pairs with a common piece the one that is trusted most."""
    joined: dict[int, list[Part]] = {}
    for pair in sorted(pairs, key=lambda pair: -(trust(pair.whole) or 0.0)):
        one, other = map(id, pair.pieces)
        if one not in joined and other not in joined and pair.is_digit(trust):
            joined[one], joined[other] = [pair.whole], []
    return [each for part in parts for each in joined.get(id(part), [part])]


def _pair(one: Part, other: Part, usual: int, company: set[int]) -> Pair | None:
    across = max(one.left, other.left) - min(one.right, other.right)
    down = max(one.top, other.top) - min(one.bottom, other.bottom)
    width, height = max(one.right, other.right) - min(one.left, other.left), max(one.bottom, other.bottom) - min(one.top, other.top)
    is_digit = width <= MAX_WIDTH * usual and HEIGHT[0] * usual <= height <= HEIGHT[1] * usual
    if not is_digit or max(across, down) > APART * min(usual, height):
        return None
    whole = replace(one, components=list(one.components))
    whole.join(other)
    smaller = min(one, other, key=lambda part: part.size)
    return Pair((one, other), whole, id(smaller) not in company and -across > OVER * min(one.width, other.width))
