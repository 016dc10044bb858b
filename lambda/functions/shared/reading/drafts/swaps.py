"""Columns of a table where rows or each other are expected: where names or numbers say so for certain."""

from array import array
from collections.abc import Iterable, Iterator
from itertools import chain

from functions.shared.reading.categories import SWAP_ADVICE
from functions.shared.reading.drafts.draft import Draft
from recipes.columns import describe, find_swapped_numbers
from recipes.errors import WrongShape
from recipes.recipe import Recipe


def refuse_swapped_numbers(drafts: Iterable[Draft], recipe: Recipe) -> Iterator[Draft]:
    """Yield the drafts, with an error those of which two columns hold each other's numbers."""
    for draft in drafts:
        if draft.instance and (swap := find_swapped_numbers(array("f", draft.instance), recipe.features)):
            draft.instance, draft.error = None, WrongShape(f"{draft.place}: {swap}", advice=SWAP_ADVICE)
        yield draft


def refuse_columns_as_rows(drafts: Iterable[Draft], recipe: Recipe) -> Iterator[Draft]:
    """Yield the drafts; raise WrongShape if the first is named as a column is: its rows are then pairs of a column's name and a value."""
    rest = iter(drafts)
    first = next(rest, None)
    if first is None:
        return
    name = str(first.about.get("name", "")).strip()
    columns = [*recipe.features, *([recipe.target] if recipe.target else [])]
    if any(name.casefold() == column.name.casefold() for column in columns):
        meant = ", ".join(describe(column) for column in recipe.features)
        raise WrongShape(
            f"{first.place} has the name {name!r}, which is a column's: each row is to be an instance, not one value of it",
            advice=f"Write a row for each instance, with a column for each of {meant}.",
        )
    yield from chain([first], rest)
