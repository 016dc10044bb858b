"""Any picture of a thing → the square in its middle, as networks trained on ImageNet are shown it. Pillow alone: functions have no numpy.

The model's graph scales and normalises the bytes itself, so nothing of that is here.
"""

from PIL import Image

from recipes.errors import BlankImage
from recipes.pictures.decode import MAX_COLOR_PIXELS, decode_color
from recipes.recipe import ImageInstance

SIDE = 224
SAME_LEVELS = 3  # to either side of the first pixel: what a JPEG makes of one colour
SHORTER_SIDE = 256  # of the whole picture when its middle square of 224 is taken


def read_color_square(image: bytes, *, side: int = SIDE) -> ImageInstance:
    """Return the middle of a picture: of 224, its shorter side is made 256 pixels long, and the square of 224 in its centre is taken.

    Args:    image: an encoded picture of any size, mode and orientation; what is transparent becomes white, grey stays grey.
             side: of the square; the shorter side is made longer by as much.
    Returns: uint8 [side, side, 3] row-major, red, green, blue; the place is that of the square in the upright picture.
    Raises:  UnsupportedType, Malformed, TooLarge: not a picture that can be decoded here.
    Source:  torchvision's ImageClassification transform for DenseNet: resize 256, bilinear with antialiasing, centre crop 224.
    """
    return _read_square(image, "RGB", side)


def read_photo(image: bytes) -> ImageInstance:
    """Return the square of a photo, see `read_color_square`; raise BlankImage if it has one colour, so that it shows nothing."""
    found = read_color_square(image)
    if all(_is_level(found.values[channel::3]) for channel in range(3)):
        raise BlankImage("the picture has one colour in its middle and shows nothing", advice="Send a picture of the thing.")
    return found


def read_grey_square(image: bytes, *, side: int = SIDE) -> ImageInstance:
    """Return the same square in grey: uint8 [side, side], the luminance of the colours. The rest is as in `read_color_square`."""
    return _read_square(image, "L", side)


def _read_square(image: bytes, mode: str, side: int) -> ImageInstance:
    shorter_side = round(side * SHORTER_SIDE / SIDE)
    picture = decode_color(image, max_pixels=MAX_COLOR_PIXELS, target_px=shorter_side)
    width, height = picture.size
    left, right = _find_span(width, min(width, height), side, shorter_side)
    top, bottom = _find_span(height, min(width, height), side, shorter_side)
    square = picture.resize((side, side), Image.Resampling.BILINEAR, box=(left, top, right, bottom)).convert(mode)
    return ImageInstance(square.tobytes(), place=(left / width, top / height, right / width, bottom / height))


def _is_level(levels: bytes) -> bool:
    """Return whether all levels are about the first."""
    same = range(max(0, levels[0] - SAME_LEVELS), min(255, levels[0] + SAME_LEVELS) + 1)
    return not levels.translate(None, bytes(same))


def _find_span(length: int, shorter: int, side: int, shorter_side: int) -> tuple[float, float]:
    """Return where the square begins and ends on a side, in the picture's own pixels."""
    resized = shorter_side * length // shorter
    begin = round((resized - side) / 2)
    return begin * length / resized, (begin + side) * length / resized
