"""Grey that is made of dots, as a scanner of one bit, a fax and a GIF of few colours make it: averaged, it is grey again."""

from PIL import Image, ImageChops

LEAST_PX = 48  # of the shorter side: a digit that fills a smaller picture has strokes as thin as dots
STRIP_PX, STRIP_SHARE = 12, 8  # of the upper and the lower border, which are looked at: so many pixels, and an eighth of the height at most
PIECES = 3  # of each strip: dots are in all of them, specks are not
LEAST_LEVELS = 64  # from the darkest to the lightest
ABOUT_PX, OFF = 3, 32  # levels, by which a dot differs from what is about it
RUN_PX = 3  # to either side: printed lines and strokes go on for longer, dots do not
DOTS_SHARE = 0.0025  # of a piece
RADIUS = 1.5  # pixels
_IS_OFF = [0] * OFF + [255] * (256 - OFF)


def average_dots(grey: Image.Image) -> Image.Image:
    """Return an "L" image without the dots that its paper is made of; the image itself if it has none."""
    width, height = grey.size
    high, wide = min(STRIP_PX, height // STRIP_SHARE), width // PIECES
    strips = ((left, top, left + wide, top + high) for top in (0, height - high) for left in range(0, PIECES * wide, wide))
    if min(width, height) < LEAST_PX or not all(_is_dotted(grey.crop(strip)) for strip in strips):
        return grey
    from PIL import ImageFilter  # noqa: PLC0415 - few pictures have dots

    return grey.filter(ImageFilter.GaussianBlur(RADIUS))


def _is_dotted(strip: Image.Image) -> bool:
    """Tell many pixels that are in no run of their own kind, neither across nor down; beyond the border runs go on."""
    darkest, lightest = strip.getextrema()
    if lightest - darkest < LEAST_LEVELS:  # type: ignore[operator]  # of one band they are two numbers
        return False
    from PIL import ImageFilter  # noqa: PLC0415 - a plain border needs neither

    from recipes.digits.ink.bits import Bits  # noqa: PLC0415 - as above

    about = strip.filter(ImageFilter.BoxBlur(ABOUT_PX))
    dots = 0
    for off in (ImageChops.subtract(about, strip), ImageChops.subtract(strip, about)):
        bits = Bits.from_mask(off.point(_IS_OFF), RUN_PX)
        across, down = bits.shrink(RUN_PX, 0).spread(RUN_PX, 0), bits.shrink(0, RUN_PX).spread(0, RUN_PX)
        dots += bits.subtract(across).subtract(down).value.bit_count()
    return dots >= DOTS_SHARE * strip.width * strip.height
