"""Arrays without strokes, as code sends them that has not read a picture right: one level, slopes and spots of light, noise."""

import numpy as np
from PIL import Image

from training.drawings.non_digits import UInt8

SIDE = 28


def draw_arrays(count: int, *, seed: int) -> UInt8:
    """Return uint8 [count, 28, 28]: a ground of one to four levels a side, with noise or without."""
    random = np.random.default_rng([seed, *b"arrays"])
    drawn = np.zeros((count, SIDE, SIDE), np.uint8)
    for at in range(count):
        knots, middle, reach = int(random.integers(1, 5)), random.uniform(0, 255), random.uniform(0, 120)
        levels = random.uniform(middle - reach, middle + reach, (knots, knots)).clip(0, 255).astype(np.uint8)
        ground = np.asarray(Image.fromarray(levels).resize((SIDE, SIDE), Image.Resampling.BICUBIC), float)
        noise = random.choice((0.0, random.uniform(0, 25)))
        drawn[at] = (ground + random.normal(0, noise, ground.shape)).clip(0, 255).round()
    return drawn
