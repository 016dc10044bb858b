"""Columns of a table in each other's place: where the numbers of a row say so for certain."""

from array import array
from collections.abc import Iterable, Iterator

from functions.shared.reading.categories import SWAP_ADVICE
from functions.shared.reading.drafts import Draft
from recipes.columns import find_swapped_numbers
from recipes.errors import WrongShape
from recipes.recipe import Recipe


def refuse_swapped_numbers(drafts: Iterable[Draft], recipe: Recipe) -> Iterator[Draft]:
    """Yield the drafts, with an error those of which two columns hold each other's numbers."""
    for draft in drafts:
        if draft.instance and (swap := find_swapped_numbers(array("f", draft.instance), recipe.features)):
            draft.instance, draft.error = None, WrongShape(f"{draft.place}: {swap}", advice=SWAP_ADVICE)
        yield draft
