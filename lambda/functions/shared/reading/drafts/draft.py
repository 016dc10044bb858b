"""A row whose numbers are parsed and whose scale is not yet known."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from functions.shared.reading.notes import Note
from functions.shared.reading.units import find_value_in_other_unit
from recipes import instances
from recipes.errors import InvalidInput, WrongShape
from recipes.recipe import Recipe


@dataclass(slots=True)
class Draft:
    """What a reader made of one row.

    Args:    number: from 1.
             instance: its bytes, if its values are the recipe's as they are.
             error: why they are not.
             values: its numbers where they may be meant on another scale; all are finite.
             place: what the row is called in errors: line 3, instances[0].
             is_picture: whether it is a picture: what is made from one has the right scale and polarity.
             about, label, count: as of a Row.
             notes: on how it was read, of a row that tells that itself, as a record of JSON tells its columns.
    """

    number: int
    instance: bytes | None = None
    error: InvalidInput | None = None
    values: Sequence[float] | None = None
    place: str = ""
    is_picture: bool = False
    about: Mapping[str, Any] = field(default_factory=dict)
    label: int | float | str | None = None
    count: int = 1
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        """Keep no bytes of the row by the error: many drafts wait until all of the first are there."""
        if self.error:
            self.error.release_frames()


def list_notes(drafts: Iterable[Draft]) -> tuple[Note, ...]:
    """Return what rows tell of how they were read; of each kind of note the first."""
    notes: dict[str, Note] = {}
    for draft in drafts:
        for note in draft.notes:
            notes.setdefault(note.code, note)
    return tuple(notes.values())


def draft_numbers(number: int, values: Sequence[Any], place: str, recipe: Recipe) -> Draft:
    """Return the draft of a row's values, which may be anything."""
    size, names = recipe.instance_size, recipe.features if len(recipe.features) > 1 else ()
    try:
        instance = instances.from_numbers(
            values[:size],
            recipe.dtype,
            lambda index: f"{place}, {names[index].name}" if names else f"{place}, value {index + 1}",
        )
        if len(values) != size:
            raise WrongShape(f"{place} has {len(values):,} values; expected {size:,}")
        return Draft(number, instance, place=place)
    except InvalidInput as error:
        is_row = len(values) == size and may_be_scaled(values, recipe)
        error = find_value_in_other_unit(values, place, recipe) or error
        return Draft(number, error=error, values=values if is_row else None, place=place)


def may_be_scaled(values: Sequence[Any], recipe: Recipe) -> bool:
    """Return whether values are numbers, all finite, of a recipe whose instances are pictures: those have a scale."""
    if not recipe.takes_pictures or recipe.dtype != "uint8" or not are_numbers(values):
        return False
    try:
        return math.isfinite(math.fsum(values))
    except OverflowError:
        return False


def are_numbers(values: Sequence[Any]) -> bool:
    """Return whether all values are numbers; true is none."""
    return all(type(value) in {int, float} for value in values)
