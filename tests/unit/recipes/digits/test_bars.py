"""A display's bars are one digit where their ends meet; strokes that stand side by side, in a column or on a line are not."""

import pytest

from recipes.digits.ink.components import Component
from recipes.digits.writing.bars import join_bars
from recipes.digits.writing.neighbours import Budget
from recipes.digits.writing.part import Part

Box = tuple[int, int, int, int]  # left, top, right, bottom
TOP, MIDDLE, FOOT = (8, 0, 42, 8), (8, 46, 42, 54), (8, 92, 42, 100)
UPPER_LEFT, UPPER_RIGHT, LOWER_LEFT, LOWER_RIGHT = (0, 7, 8, 47), (42, 7, 50, 47), (0, 53, 8, 93), (42, 53, 50, 93)


def bar(box: Box) -> Part:
    left, top, right, bottom = box
    return Part.from_component(Component([(row, left, right) for row in range(top, bottom)], (right - left) * (bottom - top)))


def moved(box: Box, right_px: int) -> Box:
    return box[0] + right_px, box[1], box[2] + right_px, box[3]


def join(*boxes: Box) -> list[Box]:
    return sorted((part.left, part.top, part.right, part.bottom) for part in join_bars([bar(box) for box in boxes], Budget()))


@pytest.mark.parametrize(
    ("digit", "whole"),
    [
        ((UPPER_RIGHT, LOWER_RIGHT), (42, 7, 50, 93)),
        ((TOP, UPPER_RIGHT, LOWER_RIGHT), (8, 0, 50, 93)),
        (((27, 0, 42, 8), UPPER_RIGHT, LOWER_RIGHT), (27, 0, 50, 93)),  # a bar that is not twice as long as thick
        ((UPPER_LEFT, UPPER_RIGHT, MIDDLE, LOWER_RIGHT), (0, 7, 50, 93)),
        ((TOP, FOOT, UPPER_LEFT, UPPER_RIGHT, LOWER_LEFT, LOWER_RIGHT), (0, 0, 50, 100)),
    ],
)
def test_bars_whose_ends_meet_are_one_digit_and_the_next_is_another(digit: tuple[Box, ...], whole: Box) -> None:
    assert join(*digit, *(moved(box, 75) for box in digit)) == [whole, moved(whole, 75)]


@pytest.mark.parametrize(
    "apart",
    [
        ((0, 0, 8, 40), (12, 0, 20, 40)),  # ones side by side
        ((0, 0, 8, 40), (0, 60, 8, 100)),  # ones in a column
        ((0, 0, 40, 8), (0, 14, 40, 22)),  # an equals sign
        ((0, 0, 8, 80), (12, 36, 40, 44)),  # a one and a minus
        ((0, 0, 8, 80), (12, 70, 40, 78)),  # the same, lower
        ((30, 0, 38, 60), (0, 64, 70, 70)),  # a one on a line
        ((0, 0, 8, 60), (12, 52, 20, 60)),  # a one and a point
        ((0, 0, 20, 60), (24, 0, 64, 5)),  # a thick stroke and a thin one
    ],
)
def test_other_strokes_stay_apart(apart: tuple[Box, ...]) -> None:
    assert join(*apart) == sorted(apart)


def test_a_long_chain_of_bars_is_one_part_of_all_of_them() -> None:
    chain = [bar((100, 10 * number, 103, 10 * number + 8)) for number in range(3000)]
    first, ends = chain[0], (chain[0].top, chain[-1].bottom)
    assert join_bars(chain, Budget()) == [first]
    assert (len(first.components), first.top, first.bottom) == (3000, *ends)
