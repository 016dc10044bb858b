"""The one field of a JSON object, which holds a table's only column whatever it is called: what its name says of the numbers in it."""

from typing import Any

from functions.shared.reading.notes import Note
from functions.shared.reading.tables.header import LABELS, is_of_rows
from functions.shared.reading.units import refuse_other_units
from recipes.columns import describe, find_column, is_name_of, is_nameless
from recipes.errors import WrongShape
from recipes.recipe import Recipe

ANSWERS = ("prediction", "output", "answer")


def read_name(name: str, value: Any, called: str, recipe: Recipe) -> tuple[Note, ...]:
    """Return a note if a field is called neither as the column is nor in a way that says nothing.

    Args:    value: the field's; the names of records in it tell their columns themselves.
             called: what has the field, as it is shown.
    Raises:  WrongShape: it is called as what is predicted, as an answer or as what counts the rows, or its name tells another unit.
    """
    first = value[0] if isinstance(value, list) and value else value
    if len(recipe.features) != 1 or (isinstance(first, dict) and find_column(list(first), recipe.features[0]) is not None):
        return ()
    (feature,) = recipe.features
    if is_nameless(name) or is_name_of(name, feature):
        return ()
    refuse_other_units([name], called, recipe)
    spelled = {name.lower(), name.lower().removesuffix("s")}
    is_target = recipe.target is not None and is_name_of(name, recipe.target)
    if is_target or spelled & {*LABELS, *ANSWERS} or any(map(is_of_rows, spelled)):
        raise WrongShape(
            f"{called} has a {name[:40]!r} alone; expected {describe(feature)}",
            advice=f"Call it {feature.name} if that is what it holds.",
        )
    detail = f"the field {name[:40]!r} was read as {describe(feature)}"
    return (Note("other-names", detail, f"Name it {feature.name}."),) if isinstance(first, int | float | str | list) else ()
