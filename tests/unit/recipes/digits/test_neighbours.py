"""Telling which marks belong together takes time in proportion to them, or is refused."""

import pytest

from recipes.digits.ink.components import Component
from recipes.digits.writing import neighbours
from recipes.digits.writing.layout import find_parts
from recipes.errors import TooLarge


def make_marks(count: int, width: int) -> list[Component]:
    """Return marks of 3 × 3 pixels in rows, five pixels apart."""
    found = []
    for number in range(count):
        row, left = 5 * (5 * number // width), 5 * number % width
        found.append(Component([(row + line, left, left + 3) for line in range(3)], 9))
    return found


def test_refuses_a_page_of_too_many_marks() -> None:
    with pytest.raises(TooLarge, match=r"holds 20,001 marks; the limit is 20,000"):
        find_parts(make_marks(neighbours.MAX_MARKS + 1, 30_000), 30_000, 106)


def count_comparisons(marks: list[Component], width: int, height: int, monkeypatch: pytest.MonkeyPatch) -> int:
    spent = 0

    def spend(_: neighbours.Budget, comparisons: int) -> None:
        nonlocal spent
        spent += comparisons

    with monkeypatch.context() as patch:
        patch.setattr(neighbours.Budget, "spend", spend)
        find_parts(marks, width, height)
    return spent


@pytest.mark.parametrize(("width", "height"), [(30_000, 106), (106, 30_000), (1780, 1780)])
def test_compares_each_mark_with_few(width: int, height: int, monkeypatch: pytest.MonkeyPatch) -> None:
    marks = make_marks(1000, width)
    assert count_comparisons(marks, width, height, monkeypatch) < 40 * len(marks)


def test_refuses_a_page_on_which_all_marks_are_close_to_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "MAX_COMPARISONS", 40_000)
    strokes = [Component([(row, 4 * number + row, 4 * number + row + 1) for row in range(300)], 300) for number in range(40)]
    dots = [Component([(row, 4 * number + row + 2, 4 * number + row + 3)] * 6, 6) for number in range(39) for row in range(0, 300, 2)]
    with pytest.raises(TooLarge, match="more marks close to each other"):
        find_parts([*strokes, *dots], 1780, 1780)
