"""A row of low parts close together is a word by its shape, and a number where the model trusts that its letters are digits."""

import pytest

from recipes.digits.ink.components import Component
from recipes.digits.writing.layout import Layout, Sheet, read_sheet
from recipes.digits.writing.part import Part

SMALL, LARGE, LETTERS = 24, 80, 6


def stroke(left: int, top: int, height: int) -> Component:
    width = height // 4
    return Component([(row, left, left + width) for row in range(top, top + height)], width * height)


@pytest.fixture
def sheet() -> Sheet:
    large = [stroke(20 + 60 * at, 100, LARGE) for at in range(5)]
    return read_sheet([*large, *(stroke(20 + 10 * at, 220, SMALL) for at in range(LETTERS))], 400, 300)


def count(layout: Layout) -> tuple[list[int], int]:
    return [len(line.digits) for line in layout.lines], len(layout.unread)


def test_is_unread_as_a_word_by_its_shape_and_its_letters_are_shown(sheet: Sheet) -> None:
    assert count(sheet.arrange()) == ([5], 1)
    assert sum(part.height == SMALL for part in sheet.list_doubtful()) == LETTERS


@pytest.mark.parametrize(("doubted", "lines"), [(0, [5, LETTERS]), (1, [5, LETTERS]), (2, [5]), (LETTERS, [5])])
def test_is_a_number_where_nearly_all_letters_are_trusted(sheet: Sheet, doubted: int, lines: list[int]) -> None:
    letters = sorted((part for part in sheet.list_doubtful() if part.height == SMALL), key=lambda part: part.left)

    def trust(part: Part) -> float:
        return 0.1 if part in letters[:doubted] else 0.99

    assert count(sheet.arrange(trust)) == (lines, 2 - len(lines))


def test_stays_a_word_where_the_model_was_not_shown_it(sheet: Sheet) -> None:
    assert count(sheet.arrange(lambda _: None)) == ([5], 1)
