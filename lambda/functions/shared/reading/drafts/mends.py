"""The line of code that mends values which are on no scale that is known."""

from collections.abc import Iterable

from functions.shared.reading.drafts.draft import Draft
from functions.shared.reading.drafts.levels import FAINT_LEVEL
from functions.shared.reading.drafts.polarity import BRIGHT
from functions.shared.reading.drafts.scale import HALF, build_normal_scale
from recipes.recipe import Recipe

MEND_OUTSIDE = 'Keep the values from 0 to 255: x.clip(0, 255).round().astype("uint8").'
LEAST_OVERSHOT, LEAST_INK = -64, 1 / 50
MEND_COLOUR = 'If each value is a colour of 32 bits, red, green and blue: (x & 255).astype("uint8") is its blue.'
# What mends values that are not negative, by the most that they may be.
MENDS = (
    (1 / 255 + 1e-6, 'The values look as if they were divided by 255 twice: (x * 255 * 255).round().astype("uint8").'),
    (1 + HALF, 'Values from 0 to 1 must be multiplied by 255 and rounded: (x * 255).round().astype("uint8").'),
    (FAINT_LEVEL - 1, 'Bring the values to 0-255, if the ink reaches the highest of them: (x * (255 / x.max())).round().astype("uint8").'),
    (255, 'Round the values: x.round().astype("uint8").'),
    (300, MEND_OUTSIDE),
    (1023, 'If the values are of 10 bits: (x * (255 / 1023)).round().astype("uint8").'),
    (4095, 'If the values are of 12 bits: (x * (255 / 4095)).round().astype("uint8").'),
    (65_535, 'If the values are of 16 bits: (x / 257).round().astype("uint8").'),
    (0xFFFFFFFF, MEND_COLOUR),
)
# What mends values that are not positive, by the least that they may be.
MENDS_BELOW = (
    (-1 - HALF, 'The values have a minus: (x * -255).round().astype("uint8").'),
    (-255, 'The values have a minus: (-x).round().astype("uint8").'),
    (-(1 << 24), MEND_COLOUR),  # opaque, as Java has them
)
MEND_SIGNED_BYTES = (
    'If these are bytes that were read as signed: x.astype("int8").view("uint8"). If 128 was taken away: (x + 128).astype("uint8").'
)
MEND_NORMAL = """The values look normalised by the mean {} and the deviation {}, and rounded. Undo that: \
((x * {} + {}) * 255).round().clip(0, 255).astype("uint8")."""
MEND_OTHER_NORMAL = """The values look normalised. Bring each picture to 0-255 by itself: \
((x - x.min()) * (255 / (x.max() - x.min()))).round().astype("uint8"), or undo the mean and the deviation: \
((x * deviation + mean) * 255).round().clip(0, 255).astype("uint8")."""


def advise(drafts: Iterable[Draft], recipe: Recipe) -> str:
    """Return the line of code that mends the values of rows that are on no scale that is known, or nothing if that is not clear."""
    rows = [draft.values for draft in drafts if draft.values]
    if not rows:
        return ""
    low, high = min(map(min, rows)), max(map(max, rows))
    if low >= 0:
        return next((mend for most, mend in MENDS if high <= most), "")
    if high <= 0 and (mend := next((mend for least, mend in MENDS_BELOW if low >= least), "")):
        return mend
    if -128 <= low < -1 and high <= 127 and all(value == int(value) for row in rows for value in row):
        return MEND_SIGNED_BYTES
    # Where a picture was made larger or sharper, its edges go beyond 0 and 255, and its ink is bright.
    is_overshot = low >= LEAST_OVERSHOT and all(sum(value > BRIGHT for value in row) >= LEAST_INK * len(row) for row in rows)
    return MEND_OUTSIDE if is_overshot else _advise_normal(low, high, recipe)


def _advise_normal(low: float, high: float, recipe: Recipe) -> str:
    """Return what undoes a normalisation: the recipe's own, if the values lie between its ends."""
    if recipe.normal:
        (mean, deviation), scale = recipe.normal, build_normal_scale(recipe.normal)
        if abs(low - scale.low) < 0.01 and high < scale.high + 0.01:
            return MEND_NORMAL.format(mean, deviation, deviation, mean)
    return MEND_OTHER_NORMAL
