"""The ink on paper that no plane fits: a shadow's edge, a vignette, a gleam. Pillow and plain Python.

Ink is narrow: what is left when everything narrow is filled up is the paper, and it keeps a shadow's edge where it is.
"""

from PIL import Image, ImageChops, ImageFilter

from recipes.digits.ink.page import shrink, spread
from recipes.digits.ink.paper import Ink, compute_energy, find_percentile, list_levels

SMALL_PX = 112  # the longer side of the copy on which the side that the ink is on is looked for
WIDEST = 5  # strokes have less than two fifths of the picture's longer side
COARSE_CELLS, MEDIAN_CELLS = 28, 15
DARKEST = 32  # levels: black paper says little of the light on it


def measure_uneven(grey: Image.Image) -> Ink:
    """Return how far each pixel of an "L" image stands out from the paper about it, on the side the ink is."""
    factor = -(-max(grey.size) // SMALL_PX)
    small = grey.reduce(factor) if factor > 1 else grey
    radius = max(2, max(small.size) // WIDEST)
    about = _estimate_surroundings(small)
    dark = _measure_energy(small, about, radius)
    light = _measure_energy(ImageChops.invert(small), ImageChops.invert(about), radius)
    return _measure_narrow(grey, radius * factor, is_light=light > dark)


def _measure_energy(dark: Image.Image, about: Image.Image, radius: int) -> int:
    """Return the energy of what is darker than its surroundings, and narrow: either alone is fooled."""
    narrow = ImageChops.subtract(_fill(dark, radius), dark)
    return compute_energy(ImageChops.darker(narrow, ImageChops.subtract(about, dark)).histogram(), 3)


def _measure_narrow(grey: Image.Image, radius: int, *, is_light: bool) -> Ink:
    dark = ImageChops.invert(grey) if is_light else grey
    filled = _fill(dark, radius)
    raised = _even_out(ImageChops.subtract(filled, dark), ImageChops.invert(filled) if is_light else filled)
    levels = list_levels(raised.histogram())
    paper = find_percentile(levels, 0.3)  # noise is filled up, too; more than half may be ink
    noise = max(2.0, (paper - find_percentile(levels, 0.02)) / 1.5)
    return Ink.of_image(ImageChops.subtract(raised, Image.new("L", raised.size, paper)), noise, is_alone=False)


def _even_out(raised: Image.Image, paper: Image.Image) -> Image.Image:
    """Return the ink as it would be if all paper were as dark as the darkest: light falls on both."""
    darkest = max(DARKEST, find_percentile(list_levels(paper.histogram()), 0.1))
    shares = [min(255, 255 * darkest // max(1, level)) for level in range(256)]
    return ImageChops.multiply(raised, paper.point(shares))


def _fill(dark: Image.Image, radius: int) -> Image.Image:
    """Return the image with what is dark and narrower than two radii as light as what is about it."""
    width, height = dark.size
    wide = dark.crop((-radius, -radius, width + radius, height + radius))  # so that a slope goes on beyond the border
    return shrink(spread(wide, radius, radius), radius, radius).crop((radius, radius, radius + width, radius + height))


def _estimate_surroundings(grey: Image.Image) -> Image.Image:
    """Return about each pixel the median of a part of the picture: on either side of a shadow roughly the paper."""
    coarse = grey.resize((COARSE_CELLS, COARSE_CELLS), Image.Resampling.BOX).filter(ImageFilter.MedianFilter(MEDIAN_CELLS))
    return coarse.resize(grey.size, Image.Resampling.BILINEAR)
