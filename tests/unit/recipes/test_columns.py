"""A name that is longer than any column's says no column and no unit, however it begins, and is not gone through word by word."""

import pytest

from functions.shared.reading.units import find_other_unit
from recipes.columns import LONGEST_NAME, Quantity, find_column, is_name_of, is_nameless
from recipes.units import split_units

EXPERIENCE = Quantity("experience", "years")


@pytest.mark.parametrize("filling", [" ", "1", "_", "years "])
def test_takes_no_endless_name_for_a_columns(filling: str) -> None:
    short, long = f"experience{filling}", "experience" + filling * LONGEST_NAME
    assert (is_name_of(short, EXPERIENCE), is_name_of(long, EXPERIENCE)) == (True, False)
    assert (find_column([short], EXPERIENCE), find_column([filling * LONGEST_NAME + "x"], EXPERIENCE)) == (0, None)
    assert not is_nameless("1" * (LONGEST_NAME + 1))


def test_looks_for_units_in_names_only() -> None:
    assert find_other_unit("experience months", [EXPERIENCE]) == "months"
    assert find_other_unit("experience months" + " " * LONGEST_NAME, [EXPERIENCE]) == ""


def test_tells_the_units_and_the_other_words_of_a_name() -> None:
    assert split_units("Size [square feet] of a house in months") == (["square feet", "months"], ["size", "of", "a", "house", "in"])
    assert split_units("a sq ft " * 3)[0].count("square feet") == 3
