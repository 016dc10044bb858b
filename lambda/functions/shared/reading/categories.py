"""Categories of a table: texts into their codes, and what is said of values that the model does not know."""

from array import array
from collections.abc import Mapping, Sequence
from typing import Any

from functions.shared.reading.rows import Note
from recipes.columns import Category
from recipes.recipe import Recipe

UNKNOWN = "unknown_categories"  # the field of a prediction, and of a job's line: the names of the columns
ADVICE = "The answer is made as if the column said nothing. GET /model lists the values that are known."


def encode(values: Sequence[Any], recipe: Recipe) -> list[Any]:
    """Return a row's values with its texts' codes: what is no category's, and lists and objects, stay as they are."""
    return [
        column.find_code("" if value is None else str(value))
        if isinstance(column, Category) and not isinstance(value, list | dict)
        else value
        for value, column in zip(values, recipe.features, strict=True)
    ]


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
