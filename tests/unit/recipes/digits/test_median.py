"""The median of the pixels about each is what Pillow's filter gives."""

import random

import pytest
from PIL import Image, ImageFilter

from recipes.digits.ink.median import filter_median


@pytest.mark.parametrize("size", [(3, 3), (3, 9), (64, 5), (41, 30)])
def test_equals_pillows_filter(size: tuple[int, int]) -> None:
    source = random.Random(str(size))
    for levels in (2, 8, 256):
        image = Image.frombytes("L", size, bytes(source.randrange(levels) * (255 // (levels - 1)) for _ in range(size[0] * size[1])))
        assert filter_median(image).tobytes() == image.filter(ImageFilter.MedianFilter(3)).tobytes()
