"""Whether the rows and the columns of many instances are in each other's place: upright ones are higher than wide as a rule."""

from collections.abc import Sequence
from functools import reduce
from operator import or_

from functions.shared.reading.drafts.polarity import DARK
from functions.shared.reading.notes import Note
from recipes.instances import format_shape
from recipes.recipe import Recipe

# Of handwriting 80 % is higher than wide, 9 % wider than high. Of 20,000 draws of 12 none had twice as many of the latter.
LEAST, LOOKED_AT, TIMES = 12, 24, 2
_IS_INK = bytes(DARK) + b"\1" * (256 - DARK)  # dim ink too: of what was scaled in another way little is bright


def may_be_transposed(instances: Sequence[bytes], recipe: Recipe) -> bool:
    """Return whether far more instances are wider than high than the other way round.

    Args:    instances: bright on dark. Of few, nothing can be told; of many, the first are looked at.
    """
    if not recipe.is_upright or len(instances) < LEAST:
        return False
    sides = [measure_ink(levels, recipe.instance_shape[-1]) for levels in instances[:LOOKED_AT]]
    wider = sum(wide > high for high, wide in sides)
    return 2 * wider > len(sides) and wider >= TIMES * sum(high > wide for high, wide in sides)


def note_transposed(recipe: Recipe) -> Note:
    """Return what is said of them."""
    return Note(
        "maybe-transposed",
        "most instances are wider than high, as they are where rows and columns are in each other's place: some data sets have them so",
        f"If they are, turn them: x.reshape(-1, {format_shape(recipe.instance_shape)}).transpose(0, 2, 1).",
    )


def measure_ink(levels: bytes, width: int) -> tuple[int, int]:
    """Return how high and how wide the ink of an instance is, in pixels; zeros if it has none."""
    bits = levels.translate(_IS_INK)
    top, bottom = bits.find(1), bits.rfind(1)
    if top < 0:
        return 0, 0
    columns = reduce(or_, [int.from_bytes(bits[at : at + width]) for at in range(0, len(bits), width)])  # a byte each
    last, first = columns.bit_length(), (columns & -columns).bit_length()
    return bottom // width - top // width + 1, (last - first) // 8 + 1
