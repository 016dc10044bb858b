"""Two pieces of a broken digit are one where the model trusts that; two digits stay two."""

import pytest

from recipes.digits.ink.components import Component
from recipes.digits.writing.neighbours import Budget
from recipes.digits.writing.part import Part
from recipes.digits.writing.pieces import find_pairs, join_pairs

USUAL = 80


def block(left: int, top: int, width: int, height: int) -> Part:
    return Part.from_component(Component([(row, left, left + width) for row in range(top, top + height)], width * height))


UPPER, LOWER = block(0, 0, 50, 40), block(10, 44, 40, 36)
LEFT, RIGHT = block(0, 0, 24, 80), block(28, 0, 24, 80)


def join(parts: list[Part], whole: float, *pieces: float) -> list[Part]:
    """Return the parts as they are joined where the model trusts any two of them as one so far, and each of them so far."""
    trusts = {id(part): trust for part, trust in zip(parts, pieces, strict=True)}
    return join_pairs(parts, find_pairs(parts, USUAL, Budget()), lambda part: trusts.get(id(part), whole))


@pytest.mark.parametrize("parts", [[UPPER, LOWER], [LEFT, RIGHT]])
def test_pieces_of_which_one_is_no_digit_are_one_that_is(parts: list[Part]) -> None:
    (whole,) = join(parts, 0.95, 0.99, 0.1)
    assert (whole.left, whole.top, whole.area) == (0, 0, sum(part.area for part in parts))
    assert [len(part.components) for part in parts] == [1, 1]


def test_pieces_that_are_trusted_are_one_only_where_one_is_over_the_other() -> None:
    assert len(join([UPPER, LOWER], 0.99, 0.99, 0.99)) == 1
    assert join([LEFT, RIGHT], 0.99, 0.99, 0.99) == [LEFT, RIGHT]
    assert join([UPPER, LOWER], 0.95, 0.99, 0.99) == [UPPER, LOWER]


@pytest.mark.parametrize("parts", [[UPPER, LOWER], [LEFT, RIGHT]])
def test_what_is_not_trusted_together_stays_apart(parts: list[Part]) -> None:
    assert join(parts, 0.8, 0.1, 0.1) == parts


@pytest.mark.parametrize(
    "other",
    [block(10, 54, 40, 36), block(62, 0, 20, 80), block(0, 44, 50, 90), block(54, 0, 50, 40), block(10, 44, 10, 8)],
    ids=["below", "beside", "too high", "too wide", "too small"],
)
def test_what_is_far_apart_or_of_no_digits_size_together_is_not_looked_at(other: Part) -> None:
    assert find_pairs([UPPER, other], USUAL, Budget()) == []
    assert len(find_pairs([UPPER, LOWER], USUAL, Budget())) == 1


def test_small_digits_in_a_row_above_a_large_one_are_no_part_of_it() -> None:
    large, small = block(0, 28, 70, 80), [block(24 * at, 0, 16, 24) for at in range(3)]
    assert join([large, *small], 0.99, 0.99, 0.99, 0.99, 0.99) == [large, *small]
    assert len(join([large, small[0]], 0.99, 0.99, 0.99)) == 1


def test_a_piece_goes_to_the_one_that_it_is_trusted_with_most() -> None:
    middle, lower = block(0, 28, 40, 26), block(0, 56, 40, 24)
    upper = block(0, 0, 40, 26)
    parts = [upper, middle, lower]
    pairs = find_pairs(parts, 60, Budget())
    best = next(pair for pair in pairs if pair.pieces == (middle, lower))
    joined = join_pairs(parts, pairs, lambda part: 0.99 if part is best.whole else 0.95 if part not in parts else 0.0)
    assert joined == [upper, best.whole]
