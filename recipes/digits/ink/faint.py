"""Pale ink made clear: the levels about the paper spread over all 256, and averaged over pixels, so that there is less noise.

Or the darkest few made all there are, where a picture has no others: it was saved with values of another scale.
"""

from PIL import Image

from recipes.digits.ink.paper import DARKEST, percentile, refuse_blank

WORK_PX = 96  # of the longer side: a digit of a fifth of it is as large as MNIST's
MOST = 10  # times; more would make ink of rounded levels
SPREAD_LEVELS = 200
LEAST_LEVELS = 4  # between the palest and the darkest hundredth of a picture


def amplify(grey: Image.Image) -> Image.Image:
    """Return an "L" image with all its contrast; raise BlankImage if it has none."""
    histogram = grey.histogram()
    low, high = percentile(histogram, 0.005), percentile(histogram, 0.995)
    if high - low < LEAST_LEVELS:
        refuse_blank()
    gain, middle = min(MOST, SPREAD_LEVELS / (high - low)), (low + high) / 2
    spread = grey.point([max(0, min(255, round(128 + gain * (level - middle)))) for level in range(256)])
    factor = -(-max(grey.size) // WORK_PX)
    return spread.reduce(factor) if factor > 1 else spread


def stretch_darkest(grey: Image.Image) -> Image.Image | None:
    """Return an "L" image of the darkest levels alone, from 0 on, as one of all levels; None if it has lighter ones, or one level."""
    darkest, lightest = grey.getextrema()
    if darkest or not 0 < lightest <= DARKEST:  # type: ignore[operator]  # of one band they are two numbers
        return None
    return grey.point([min(255, 255 * level // lightest) for level in range(256)])  # type: ignore[operator]  # as above
