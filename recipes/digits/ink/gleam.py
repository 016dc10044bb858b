"""A lamp's gleam on empty paper: a patch that is soft everywhere, where a stroke has an edge somewhere."""

from itertools import accumulate

from PIL import Image, ImageChops

FULL, SOLID_SHARE, MIN_ASPECT = 40, 0.45, 0.4  # levels; of its box a patch covers so much, and is no longer than 1 / 0.4 of its width
STEPS = 16  # of the longer side: over one of them the edge of a stroke rises by far more than that of a gleam
SOFT, EDGE_SHARE = 150, 0.01  # levels; of the pixels


def is_gleam(ink: Image.Image) -> bool:
    """Tell a solid patch without an edge.

    Args:    ink: "L", from 0, the paper, to 255; cut to what is looked at.
    """
    width, height = ink.size
    step = max(1, round(max(ink.size) / STEPS))
    if min(ink.size) < max(MIN_ASPECT * max(ink.size), step + 1) or sum(ink.histogram()[FULL:]) < SOLID_SHARE * width * height:
        return False
    inner = ink.crop((0, 0, width - step, height - step))
    across = ImageChops.difference(inner, ink.crop((step, 0, width, height - step)))
    down = ImageChops.difference(inner, ink.crop((0, step, width - step, height)))
    below = list(accumulate(ImageChops.lighter(across, down).histogram()))
    return below[-1] - below[SOFT] < EDGE_SHARE * below[-1]
