"""On which scale the values of pictures are that are no drawings: whole numbers from 0 to 255, or shares of 255.

Nothing else is certain: a photo need not hold its darkest and its brightest value, so that values from -1 to 1 may be halves or normalised.
"""

from collections.abc import Iterable

from functions.shared.reading.drafts.draft import Draft
from functions.shared.reading.drafts.levels import DIMMEST
from functions.shared.reading.drafts.mends import MENDS, MENDS_BELOW
from functions.shared.reading.drafts.scale import SCALES, Kind, Scale, find_kind
from functions.shared.reading.notes import Note
from recipes.recipe import Recipe

DARK = Note(
    "dark",
    f"at least one instance has no value over {DIMMEST} of 255: it is nearly black, or on another scale",
    "Send whole numbers from 0 to 255, the brightest about 255.",
)
MEND_NORMALISED = """The values look normalised. Undo that with the mean and the deviation of each channel: \
((x * deviation + mean) * 255).round().clip(0, 255).astype("uint8"); of values from -1 to 1: ((x + 1) * 127.5).round().astype("uint8")."""
MEND_MEAN = 'If the mean of each channel was taken away, as Keras does for some models: (x + mean).round().clip(0, 255).astype("uint8").'
LEVELS = {Kind.LEVELS, Kind.FAINT, Kind.DIM, Kind.FEW_DIM}


def choose_photo_scale(drafts: Iterable[Draft], recipe: Recipe) -> Scale | Kind:
    """Return the scale that rows are on: shares of 255 where some are fractions from 0 to 1 and none are levels; else LEVELS."""
    kinds = {find_kind(draft, recipe) for draft in drafts}
    return SCALES[Kind.UNIT] if Kind.UNIT in kinds and not kinds & LEVELS else Kind.LEVELS


def advise_photo(draft: Draft) -> str:
    """Return the line of code that mends the values of a row that are on no scale that is read, or nothing if that is not clear."""
    if not draft.values:
        return ""
    low, high = min(draft.values), max(draft.values)
    if low >= 0:
        return next((mend for most, mend in MENDS if high <= most and "ink" not in mend), "")
    if high <= 0 and (mend := next((mend for least, mend in MENDS_BELOW if low >= least), "")):
        return mend
    if low > -4 and high < 4:
        return MEND_NORMALISED
    return MEND_MEAN if low > -160 and high < 256 else ""
