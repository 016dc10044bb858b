"""Printed words beside the digits: parts of letters' heights, close together, on one base line."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import median

from recipes.digits.writing.part import Part

MIN_LETTERS = 3
NEXT = 0.4  # of the higher one's height, how far apart letters are at most, from which a run of them is taken
TIGHT = 0.22  # of the highest's, how far apart the run's are usually
SMALL = 0.75  # of the page's digits, how high letters are at most
SURE, DIGIT, DOUBTFUL = 0.98, 0.5, 6  # trust: a number's digits usually have it, and all do but one in so many
ON_BASE, ON_BASE_SHARE = 0.08, 0.6  # of the highest, how far from the base line; how many are on it


def find_words(lines: Sequence[Sequence[Part]], digit_px: float) -> list[list[Part]]:
    """Return the words on the lines, each as its letters.

    Args:    digit_px: how high the page's digits usually are.
    """
    return [run for line in lines for run in _split(line) if _is_word(run, digit_px)]


def are_digits(word: Sequence[Part], trust: Callable[[Part], float | None]) -> bool:
    """Tell a number in small digits from a word, by how far the model's answer to each of its letters can be trusted.

    Args:    trust: None for one that it was not shown.
    """
    trusts = [trust(part) or 0.0 for part in word]
    return median(trusts) >= SURE and DOUBTFUL * sum(said < DIGIT for said in trusts) <= len(word)


def _split(line: Sequence[Part]) -> list[list[Part]]:
    """Return the runs of parts that are close to each other and of about a height."""
    runs: list[list[Part]] = []
    for part in line:
        last = runs[-1][-1] if runs else None
        if last and part.left - last.right <= NEXT * max(part.height, last.height) and 0.4 <= part.height / last.height <= 2.5:
            runs[-1].append(part)
        else:
            runs.append([part])
    return runs


def _is_word(run: Sequence[Part], digit_px: float) -> bool:
    highest = max(part.height for part in run)
    if len(run) < MIN_LETTERS or highest > SMALL * digit_px:
        return False
    gaps = [right.left - left.right for left, right in pairwise(run)]
    if median(gaps) > TIGHT * highest:
        return False
    base = median(part.bottom for part in run)
    return sum(abs(part.bottom - base) <= max(1.5, ON_BASE * highest) for part in run) >= ON_BASE_SHARE * len(run)
