"""What is written on a large, unevenly lit page: how far each pixel stands out from the paper, and which of them are ink.

The steps, each a function below:  which side the ink is on → how wide its strokes are → the paper without them → what parts ink from noise.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from PIL import Image, ImageChops, ImageFilter

from recipes.digits.ink.median import filter_median
from recipes.digits.ink.paper import MIN_CONTRAST, percentile, refuse_blank
from recipes.digits.ink.specks import remove_noise

COARSE_CELLS = 64
STROKES_PX = 512  # the longer side of the copy on which the strokes are looked for
RAISED = 32  # levels
SIGMAS = 5  # of a hundred thousand pixels of paper none stands out by so much
INK_SHARE = 0.35  # of the full ink's contrast: edges and pale strokes stand out by more, ruled lines and stains by less
FAINT_SHARE = 0.5  # of that: a pale line that is aslant has no gaps there, because where it changes its row each has half of its ink
MUCH_FAINT = 1.3  # times the ink is what stands out by so much, where there are such lines; soft edges alone are less


@dataclass(frozen=True, slots=True)
class Page:
    """What is written on a page.

    Args:    ink: an "L" image of how far each pixel stands out from the paper.
             mask: an "L" image of 0 and 255: which of them are ink.
             faint: one of what stands out by half as much, where that is much more: pale printed lines, of which `mask` has dashes, are
             whole there. Else the same mask.
             noise: one sigma of the paper's, in levels.
    """

    ink: Image.Image
    mask: Image.Image
    faint: Image.Image
    noise: float


def read_page(grey: Image.Image) -> Page:
    """Return what is written on a page.

    Args:    grey: an "L" image, dark on light or light on dark; paper covers more of it than ink.
    Raises:  BlankImage: nothing stands out from the paper.
    """
    light, radius = _find_strokes(grey)
    if light:
        grey = ImageChops.invert(grey)
    paper = _estimate_paper(grey, radius)
    raised = ImageChops.subtract(paper, grey, offset=RAISED)  # so that what is brighter than the paper is not lost
    histogram = raised.histogram()
    level = percentile(histogram, 0.5)
    noise = float(level - percentile(histogram, 0.16))  # on the side where there is no ink
    floor = max(MIN_CONTRAST, round(SIGMAS * noise))
    ink = raised.point([max(0, value - level) for value in range(256)])
    histogram = ink.histogram()
    seen = [count if value > floor else 0 for value, count in enumerate(histogram)]
    if not sum(seen):
        refuse_blank()
    full = percentile(seen, 0.8)
    share = max(floor, round(INK_SHARE * full))
    # In the shade both paper and ink are darker, and so is what is between them.
    bright = percentile(paper.histogram(), 0.9)

    def find_above(share: int) -> Image.Image:
        limit = paper.point([max(floor, min(share, share * value // max(1, bright))) for value in range(256)])
        return remove_noise(ImageChops.subtract(ink, limit).point([0] + [255] * 255), noise)

    mask, half = find_above(share), max(floor, round(FAINT_SHARE * share))
    has_faint = sum(histogram[half + 1 :]) > MUCH_FAINT * sum(histogram[share + 1 :])
    return Page(ink, mask, find_above(half) if has_faint else mask, noise)


def spread(image: Image.Image, across: int, down: int) -> Image.Image:
    """Return the brightest level within so many pixels to either side and up and down: a maximum filter, in a time logarithmic in them."""
    width, height = image.size
    for right, below, radius in ((1, 0, across), (0, 1, down)):
        # To one side only, from before the border: a step is half of what one to both sides takes. Beyond the border a crop is black.
        image = image.crop((-radius * right, -radius * below, width, height))
        reach = 0
        while reach < 2 * radius:
            step = min(2 * radius - reach, reach + 1)
            left, top = step * right, step * below
            image = ImageChops.lighter(image, image.crop((left, top, left + image.width, top + image.height)))
            reach += step
        image = image.crop((0, 0, width, height))
    return image


def shrink(image: Image.Image, across: int, down: int) -> Image.Image:
    """Return the darkest level within so many pixels; what is beyond the border counts as bright."""
    return ImageChops.invert(spread(ImageChops.invert(image), across, down))


def _find_strokes(grey: Image.Image) -> tuple[bool, int]:
    """Return whether the ink is lighter than the paper, and a radius in pixels that strokes do not exceed.

    Ink differs from the paper about it, and is narrower than the paper between the strokes. Either alone is fooled: the first by the table
    beside a sheet, the second by whatever is narrow. So ever wider windows are tried, until what stands out more gains little by it.
    """
    factor = -(-max(grey.size) // STROKES_PX)
    small = grey.reduce(factor) if factor > 1 else grey
    paper = _estimate_background(small)
    both = (small, paper), (ImageChops.invert(small), ImageChops.invert(paper))
    sides = [(dark, ImageChops.subtract(about, dark)) for dark, about in both]
    measure = cache(lambda radius: [_compute_energy(_find_narrow(*side, radius)) for side in sides])
    radii = [2]
    while 2 * radii[-1] <= min(small.size) // 4:
        radii.append(2 * radii[-1])
    # A wider window never shows less, and none shows more than this: so the widest, which take longest, are seldom looked at.
    most = max(_compute_energy(darker) for _, darker in sides)
    for radius, next_ in pairwise(radii):
        found, wider = measure(radius), measure(next_)
        light = found[1] > found[0]
        if wider[light] < 1.25 * found[light] and (found[light] > most / 100 or found[light] > max(measure(radii[-1])) / 100):
            return light, radius * factor
    dark_energy, light_energy = measure(radii[-1])
    return light_energy > dark_energy, radii[-1] * factor


def _find_narrow(dark: Image.Image, darker: Image.Image, radius: int) -> Image.Image:
    """Return how far what is darker than the paper, and narrower than twice the radius, is from either.

    Args:    darker: how far it is from the paper alone.
    """
    closed = shrink(spread(dark, radius, radius), radius, radius)
    return ImageChops.darker(darker, ImageChops.subtract_modulo(closed, dark))


def _compute_energy(side: Image.Image) -> int:
    # Cubed: a little ink far from the paper outweighs much paper that is a little uneven.
    return sum(count * (level - MIN_CONTRAST) ** 3 for level, count in enumerate(side.histogram()) if level > MIN_CONTRAST)


def _estimate_background(grey: Image.Image) -> Image.Image:
    """Return about each pixel the median of a third of the picture: on either side of a shadow roughly the paper, near its edge not."""
    longer = max(grey.size)
    coarse = grey.resize([max(1, round(side * COARSE_CELLS / longer)) for side in grey.size], Image.Resampling.BOX)
    return coarse.filter(ImageFilter.MedianFilter(COARSE_CELLS // 3 | 1)).resize(grey.size, Image.Resampling.BILINEAR)


def _estimate_paper(grey: Image.Image, radius: int) -> Image.Image:
    """Return the paper under dark ink: whatever is darker than its surroundings and not as wide as two radii is filled up.

    Unlike an average over a neighbourhood, this keeps the edge of a shadow where it is.
    """
    half = grey.reduce(2) if min(grey.size) >= 64 else grey
    if min(half.size) >= 3:
        half = filter_median(half)
    reach = 2 + radius * (3 if half is grey else 2) // 2
    closed = shrink(spread(half, reach, reach), reach, reach)
    return closed if closed.size == grey.size else closed.resize(grey.size, Image.Resampling.BILINEAR)
