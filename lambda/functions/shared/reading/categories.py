"""Categories of a table: texts into their codes, and what is said of values that the model does not know."""

from array import array
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from functions.shared.reading.notes import Note
from recipes.columns import LOST_LETTER, UNKNOWN_CODE, Category
from recipes.errors import Malformed, WrongShape
from recipes.recipe import Recipe

UNKNOWN = "unknown_categories"  # the field of a prediction, and of a job's line: the names of the columns
UTF_8 = "Save it in UTF-8: spreadsheets call it CSV UTF-8."
SWAP_ADVICE = "Bring each column under its own name."
ADVICE = "The answer is made as if the column said nothing. GET /model lists the values that are known."


def encode(values: Sequence[Any], recipe: Recipe, place: str) -> list[Any]:
    """Return a row's values with its texts' codes: what is no category's, and lists and objects, stay as they are.

    Raises:  WrongShape: two columns are swapped.
             Malformed: letters of a text that is not known were lost.
    """
    codes = [
        column.find_code("" if value is None else str(value))
        if isinstance(column, Category) and not isinstance(value, list | dict)
        else value
        for value, column in zip(values, recipe.features, strict=True)
    ]
    if codes.count(UNKNOWN_CODE) > 1 and (swap := find_swap(values, recipe)):
        raise WrongShape(f"{place}: {swap}", advice=SWAP_ADVICE)
    for column, value, code in zip(recipe.features, values, codes, strict=True):
        if code == UNKNOWN_CODE and isinstance(column, Category) and LOST_LETTER in str(value):
            raise Malformed(f"{place}, {column.name} is {str(value)[:40]!r}: letters were lost, since the text is not UTF-8", advice=UTF_8)
    return codes


def find_swap(values: Sequence[Any], recipe: Recipe) -> str:
    """Return what is swapped in a row of texts: two categories of which each has a value of the other's, and not its own; "" if nothing."""
    held = [
        (column, str(value))
        for value, column in zip(values, recipe.features, strict=True)
        if isinstance(column, Category) and isinstance(value, str) and column.find_code(value) == UNKNOWN_CODE
    ]
    for (first, text), (second, other) in combinations(held, 2):
        if UNKNOWN_CODE not in {first.find_code(other), second.find_code(text)}:
            return f"{first.name} is {text[:40]!r}, a value of {second.name}, and {second.name} is {other[:40]!r}, a value of {first.name}"
    return ""


def find_unknown(instance: bytes, recipe: Recipe) -> list[str]:
    """Return the names of the categories of which an instance has none of the known values."""
    codes = array("f", instance)
    known = (range(len(each.values)) if isinstance(each, Category) else None for each in recipe.features)
    return [each.name for each, code, among in zip(recipe.features, codes, known, strict=True) if among is not None and code not in among]


def list_unknown_notes(counts: Mapping[str, int]) -> tuple[Note, ...]:
    """Return the note on values that are not known.

    Args:    counts: in how many rows, by the column's name.
    """
    held = ", ".join(f"{name} ({count:,} {'row' if count == 1 else 'rows'})" for name, count in counts.items())
    return (Note("unknown-categories", f"values that the model does not know are in {held}", ADVICE),) if counts else ()
