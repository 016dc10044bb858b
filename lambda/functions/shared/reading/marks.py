"""What an answer says of ink that stands about a picture's one instance: it was not read."""

from typing import Any

from functions.shared.reading.notes import Note
from recipes.recipe import ImageInstance, Recipe

MARKS = "marks_found"  # the field of a prediction, and of a job's line


def describe_picture(found: ImageInstance, frames: int) -> dict[str, Any]:
    """Return what is said of a picture beside its prediction; nothing if it has one frame and one instance and nothing else."""
    about: dict[str, Any] = {"frames": frames} if frames > 1 else {}
    return {**about, MARKS: found.marks} if found.marks else about


def list_mark_notes(shown: str, recipe: Recipe, advice: str) -> tuple[Note, ...]:
    """Return the note on pictures with such ink.

    Args:    shown: which pictures show it, with the verb, as in "the picture shows"; "" for none.
             advice: how to have it read.
    """
    detail = f"{shown} ink beside the {recipe.noun}, such as a sign, a point or a line, which was not read"
    return (Note("unread-marks", detail, advice),) if shown else ()
