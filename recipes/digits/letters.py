"""Words that the model tells from digits: it trusts few of their letters, but an O and an I as much as a 0 and a 1.

So letters are judged by those beside them. Words that are lower than the digits are told by their shapes before (writing/words.py).
"""

from collections.abc import Sequence
from itertools import groupby, pairwise
from statistics import median

from recipes.recipe import Box, FoundInstance, Picture, Trust

# By the most trust: how much likelier a part is a letter than a digit, as a logarithm. One digit in a hundred has less than .05.
DOUBTS = (0.05, 3.0), (0.5, 1.5), (0.9, -0.5)
SURE, SURE_LOW = -2.0, -1.0  # the same of more trust; the second of a low part, as an o is
DIGIT, LOW = 0.5, 0.75  # from which trust on a part counts as a digit; of their usual height, what is low
BOUND, FREE_BOUND = 3.0, 0.7  # what a change between word and digits costs: at close parts; at a gap, where a word pays it to go on too
CLOSE, BESIDE = 0.3, 0.5  # of the higher part's height, how far apart close ones are; of the lower one's, how much is beside the other
LETTERS = 2  # of a word at least


def set_words_aside(picture: Picture, trust: Trust) -> Picture:
    """Return the picture with the words among its digits as unread, one box each; as it is where it would hold no digit.

    Args:    trust: how far the model's answer to what was found can be trusted.
    """
    heights = [part.box[3] for part in picture.found if part.box and trust(part.instance) >= DIGIT]
    usual = median(heights or [0])
    found: list[FoundInstance] = []
    words: list[Box] = []
    lines = 0
    for _, each in groupby(picture.found, key=lambda part: part.line):
        line = list(each)
        kept: list[FoundInstance] = []
        runs = _split(line, [_weigh(part, trust(part.instance), usual) for part in line])
        for at, (run, is_word) in enumerate(runs):
            if is_word:
                words.append(_surround(run))
                kept[-1:] = [part._replace(after="mark") for part in kept[-1:]]
            else:
                kept += [run[0]._replace(before="mark"), *run[1:]] if at and not kept else run
        lines += bool(kept)
        found += [part._replace(line=lines) for part in kept]
    return picture._replace(found=found, unread=[*words, *picture.unread]) if found and words else picture


def _weigh(part: FoundInstance, trust: float, usual: float) -> float:
    """Return how much likelier a part is a letter than a digit.

    Args:    usual: how high the digits are.
    """
    is_low = part.box is not None and part.box[3] <= LOW * usual
    return next((weight for limit, weight in DOUBTS if trust < limit), SURE_LOW if is_low else SURE)


def _split(line: Sequence[FoundInstance], weights: Sequence[float]) -> list[tuple[list[FoundInstance], bool]]:
    """Return the likeliest division of a line into words and digits, and which they are.

    Args:    weights: of each part, how much likelier it is a letter.
    """
    bounds = [FREE_BOUND, *(BOUND if _are_close(left, right) else FREE_BOUND for left, right in pairwise(line)), FREE_BOUND]
    # How likely the best way is that ends in digits, and where it changes; and that ends in a word.
    digits: tuple[float, tuple[int, ...]] = 0.0, ()
    word: tuple[float, tuple[int, ...]] = -FREE_BOUND, (0,)
    for at, weight in enumerate(weights):
        if at:
            into, out = (word[0] - bounds[at], (*word[1], at)), (digits[0] - bounds[at], (*digits[1], at))
            stay = 0.0 if bounds[at] == BOUND else FREE_BOUND
            digits, word = max(digits, into), max((word[0] - stay, word[1]), out)
        word = word[0] + weight, word[1]
    _, changes = max(digits, (word[0] - bounds[-1], word[1]))
    ends = [*changes, len(line)]
    runs = [(list(line[: ends[0]]), False)] if ends[0] else []
    for number, (begin, end) in enumerate(pairwise(ends)):
        is_word = number % 2 == 0 and _are_letters(line[begin:end])
        if runs and not is_word and not runs[-1][1]:
            runs[-1][0].extend(line[begin:end])
        else:
            runs.append((list(line[begin:end]), is_word))
    return runs


def _are_letters(parts: Sequence[FoundInstance]) -> bool:
    """Tell a word from one sign among digits, and from two digits that run into each other, of which each is told as no digit."""
    if any(part.box is None for part in parts) or len(parts) < LETTERS:
        return False
    left, right = parts[0].box, parts[-1].box
    return len(parts) > LETTERS or (left is not None and right is not None and left[0] + left[2] <= right[0])


def _are_close(left: FoundInstance, right: FoundInstance) -> bool:
    """Tell parts beside each other that are no farther apart than letters are; a caption above a digit is not beside it."""
    if left.box is None or right.box is None:
        return False
    (x, top, width, height), (other_x, other_top, _, other_height) = left.box, right.box
    beside = min(top + height, other_top + other_height) - max(top, other_top)
    return other_x - x - width < CLOSE * max(height, other_height) and beside >= BESIDE * min(height, other_height)


def _surround(parts: Sequence[FoundInstance]) -> Box:
    """Return the box about parts."""
    boxes = [part.box for part in parts if part.box]
    left, top = min(x for x, *_ in boxes), min(y for _, y, *_ in boxes)
    return left, top, max(x + width for x, _, width, _ in boxes) - left, max(y + height for _, y, _, height in boxes) - top
