"""The kinds of pictures that a model of photos is measured on: the test pictures as people would send them.

A row is a function (photo uint8 [height, width, 3], its label, random generator) → an encoded picture, as in robustness.py. A margin that
mirrors the photo stands around it, because a recipe's transform looks at the middle of a picture.
"""

import io
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

UInt8 = npt.NDArray[np.uint8]
Change = Callable[[Image.Image, np.random.Generator], Image.Image]
MARGIN = 1 / 14  # of a side: 16 of 224 pixels


def enclose(photo: UInt8) -> Image.Image:
    """Return the photo with its margin."""
    down, across = (round(side * MARGIN) for side in photo.shape[:2])
    return Image.fromarray(np.pad(photo, ((down, down), (across, across), (0, 0)), "reflect"))


def make_small(picture: Image.Image, _: np.random.Generator) -> Image.Image:
    """Return a thumbnail, of a third of the size."""
    return picture.resize((picture.width // 3, picture.height // 3), Image.Resampling.BOX)


def turn(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """Return the picture turned by up to 20 degrees either way; the corners are white."""
    return picture.rotate(random.uniform(-20, 20), Image.Resampling.BILINEAR, fillcolor="white")


def add_noise(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """Return the picture as a small sensor sees it in the evening."""
    colors = np.asarray(picture, np.float32)
    return Image.fromarray(np.clip(colors + random.normal(0, 18, colors.shape), 0, 255).astype(np.uint8))


def take_color(picture: Image.Image, _: np.random.Generator) -> Image.Image:
    """Return the picture in grey."""
    return picture.convert("L")


def _row(change: Change, quality: int | None = None) -> Callable[[UInt8, int, np.random.Generator], bytes]:
    def draw(photo: UInt8, _: int, random: np.random.Generator) -> bytes:
        file = io.BytesIO()
        options = {"format": "JPEG", "quality": quality} if quality else {"format": "PNG", "compress_level": 1}
        change(enclose(photo), random).save(file, **options)  # type: ignore[arg-type]  # they are the formats' own
        return file.getvalue()

    return draw


ROWS = {
    "clean": _row(lambda picture, _: picture),
    "mirrored": _row(lambda picture, _: ImageOps.mirror(picture)),
    "turned": _row(turn, 90),
    "thumbnail": _row(make_small, 85),
    "blurred": _row(lambda picture, _: picture.filter(ImageFilter.GaussianBlur(2.5))),
    "dim": _row(lambda picture, _: ImageEnhance.Brightness(picture).enhance(0.4)),
    "bright": _row(lambda picture, _: ImageEnhance.Brightness(picture).enhance(1.6)),
    "grey": _row(take_color),
    "noisy": _row(add_noise),
    "poor JPEG": _row(lambda picture, _: picture, 12),
}
