"""Any picture of a thing → the 224×224 colours that networks trained on ImageNet are shown. Pillow alone: functions have no numpy.

The model's graph scales and normalises the bytes itself, so nothing of that is here.
"""

from PIL import Image

from recipes.images import MAX_COLOR_PIXELS, decode_color
from recipes.recipe import ImageInstance

SIDE = 224
SHORTER_SIDE = 256  # of the whole picture when its middle square of 224 is taken


def read_color_square(image: bytes, *, max_pixels: int = MAX_COLOR_PIXELS) -> ImageInstance:
    """Return the middle of a picture: its shorter side made 256 pixels long, and the square of 224 in its centre.

    Args:    image: an encoded picture of any size, mode and orientation; what is transparent becomes white, grey stays grey.
             max_pixels: the most that are decoded.
    Returns: uint8 [224, 224, 3] row-major, red, green, blue; the place is that of the square in the upright picture.
    Raises:  UnsupportedType, Malformed, TooLarge: not a picture that can be decoded here.
    Source:  torchvision's ImageClassification transform for DenseNet: resize 256, bilinear with antialiasing, centre crop 224.
    """
    picture = decode_color(image, max_pixels=max_pixels, target_px=SHORTER_SIDE)
    width, height = picture.size
    left, right = _find_span(width, min(width, height))
    top, bottom = _find_span(height, min(width, height))
    square = picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR, box=(left, top, right, bottom))
    return ImageInstance(square.tobytes(), place=(left / width, top / height, right / width, bottom / height))


def _find_span(length: int, shorter: int) -> tuple[float, float]:
    """Return where the square begins and ends on a side, in the picture's own pixels."""
    resized = SHORTER_SIDE * length // shorter
    begin = round((resized - SIDE) / 2)
    return begin * length / resized, (begin + SIDE) * length / resized
