"""A closer look at a small digit in a large photo: the part of the picture about it, of more of the picture's own pixels."""

from PIL import Image

from recipes.pictures.decode import decode
from recipes.recipe import Place

ABOUT = 1  # times the ink's longer side, how much is left about it


def cut_closer(image: bytes, grey: Image.Image, place: Place, max_pixels: int) -> tuple[Image.Image, Place]:
    """Return the part of an encoded picture about a place, as an "L" image, and where in the picture it is.

    Args:    grey: the decoded picture, maybe at a fraction of its size.
             max_pixels: the most that are decoded.
    """
    width, height = grey.info["full_size"]
    if grey.size != (width, height):
        share = max_pixels / (width * height)
        target_px = None if share >= 1 else int(min(width, height) * share**0.5 / 2)  # what is decoded has up to twice as many
        grey = decode(image, max_pixels=max_pixels, target_px=target_px)
    left, top, right, bottom = (share * side for share, side in zip(place, grey.size * 2, strict=True))
    about = ABOUT * max(right - left, bottom - top)
    box = round(left - about), round(top - about), round(right + about), round(bottom + about)
    left, top, right, bottom = max(0, box[0]), max(0, box[1]), min(grey.width, box[2]), min(grey.height, box[3])
    return grey.crop((left, top, right, bottom)), (left / grey.width, top / grey.height, right / grey.width, bottom / grey.height)


def place_within(window: Place, place: Place) -> Place:
    """Return the place in the picture of what has a place in a part of it."""
    left, top, right, bottom = window
    width, height = right - left, bottom - top
    return left + place[0] * width, top + place[1] * height, left + place[2] * width, top + place[3] * height
