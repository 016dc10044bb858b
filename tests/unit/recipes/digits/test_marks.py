"""What stands beside digits is found without a look at all that stands about their line, and is what such a look finds."""

import pytest

from recipes.digits.ink.components import Component
from recipes.digits.writing import marks, signs
from recipes.digits.writing.columns import Columns
from recipes.digits.writing.part import Part

DIGITS = 300


def make_part(left: int, top: int, width: int, height: int) -> Part:
    runs = [(row, left, left + width) for row in range(top, top + height)]
    return Part.from_component(Component(runs, width * height))


def make_zero(left: int) -> Part:
    sides = [run for row in range(3, 37) for run in ((row, left, left + 3), (row, left + 17, left + 20))]
    whole = [(row, left, left + 20) for row in (0, 1, 2, 37, 38, 39)]
    runs = sorted([*sides, *whole])
    return Part.from_component(Component(runs, sum(end - start for _, start, end in runs)))


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the comparisons of a digit with what may stand beside it, as they are made."""
    names: list[str] = []
    for module, name in ((marks, "_is_between"), (signs, "_is_dot_of"), (marks, "_is_over")):
        compare = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *given, name=name, compare=compare: names.append(name) or compare(*given))
    return names


@pytest.mark.parametrize(("width", "height", "top"), [(4, 4, 36), (4, 4, 15), (9, 3, 18)], ids=["points", "dots", "minuses"])
def test_compares_each_digit_with_what_stands_beside_it(looked_at: list[str], width: int, height: int, top: int) -> None:
    line = [make_zero(40 * number) for number in range(DIGITS)]
    others = [make_part(40 * number + 26, top, width, height) for number in range(DIGITS)]
    marks.mark_line(line, marks.sort_by_row(others))
    assert DIGITS <= len(looked_at) <= 20 * DIGITS


def test_finds_each_point_and_minus() -> None:
    line = [make_zero(40 * number) for number in range(4)]
    others = [make_part(26, 36, 4, 4), make_part(66, 18, 9, 3), make_part(-20, 18, 9, 3)]
    marked = marks.mark_line(line, marks.sort_by_row(others))
    assert (marked.before, marked.after) == ("minus", ["point", "minus", "", ""])
    assert {id(part) for part in marked.marks} == set(map(id, others))


def test_gives_parts_in_their_order() -> None:
    parts = [make_part(left, 0, 2, 2) for left in (9, 1, 5, 5, 3)]
    columns = Columns(parts)
    assert columns.find(2, 6) == [parts[at] for at in (1, 2, 3, 4)]
    assert columns.find(6.5, 9) == []
    assert columns.find(float("-inf"), float("inf")) == parts
