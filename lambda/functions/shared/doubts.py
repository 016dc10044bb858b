"""What is said of many instances of which the model is certain of few: something was done to all of them, perhaps."""

from collections.abc import Mapping

from functions.shared.reading.notes import Note
from recipes.recipe import Recipe
from recipes.trust import VERDICTS

LEAST = 12  # of fewer, doubt of each says as much


def list_doubt_notes(verdicts: Mapping[str, int], recipe: Recipe) -> tuple[Note, ...]:
    """Return a note if the model is certain of less than half of the instances; of a model without verdicts nothing.

    Args:    verdicts: how often each was given.
    """
    count, certain = sum(verdicts.get(each, 0) for each in VERDICTS), verdicts.get(VERDICTS[0], 0)
    if count < LEAST or 2 * certain >= count:
        return ()
    detail = f"the model is certain of {certain:,} of {count:,} {recipe.noun}s"
    return (Note("mostly-doubted", detail, "Look at some: all may be mirrored, turned or scaled in another way, or show something else."),)
