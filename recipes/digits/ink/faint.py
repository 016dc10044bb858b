"""Pale ink made clear: the levels about the paper spread over all 256, and averaged over pixels, so that there is less noise."""

from PIL import Image

from recipes.digits.ink.paper import percentile, refuse_blank

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
