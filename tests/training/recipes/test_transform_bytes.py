"""A picture's digit is the same to the byte as when these digests were made: what makes the transform cheaper changes no answer.

A new Pillow may draw and decode otherwise; then, or with a transform that is meant to be another, make them anew.
"""

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from recipes.dataset import Dataset
from recipes.digits.transform import read_digit
from recipes.errors import InvalidInput
from tests.digits import encoded

Array = np.ndarray[Any, Any]
COUNT = 250  # pictures of a kind


def place(digit: Array, random: np.random.Generator, size_px: int, scale: float) -> Image.Image:
    """Return a digit, turned a little, somewhere on a black square."""
    side_px = round(28 * scale)
    turned = (
        Image.fromarray(digit).resize((side_px, side_px), Image.Resampling.BICUBIC).rotate(random.uniform(-9, 9), Image.Resampling.BILINEAR)
    )
    page = Image.new("L", (size_px, size_px))
    page.paste(turned, (int(random.integers(0, max(1, size_px - side_px))), int(random.integers(0, max(1, size_px - side_px)))))
    return page


def write_on_page(digit: Array, random: np.random.Generator) -> Image.Image:
    return Image.eval(place(digit, random, 140, random.uniform(1.5, 4.5)), lambda level: 255 - level)


def photograph(digit: Array, random: np.random.Generator) -> bytes:
    ink = np.asarray(place(digit, random, 140, random.uniform(1.5, 4.5))) / 255
    light = (
        random.uniform(120, 230)
        + np.linspace(-30, 30, 140)[:, None] * random.uniform(-1, 1)
        + np.linspace(-30, 30, 140) * random.uniform(-1, 1)
    )
    levels = light * (1 - ink * random.uniform(0.3, 0.9)) + random.normal(0, random.uniform(0, 6), (140, 140))
    return encoded(Image.fromarray(levels.clip(0, 255).astype(np.uint8)), "JPEG", quality=80)


def rule(digit: Array, random: np.random.Generator) -> bytes:
    page = write_on_page(digit, random)
    pen = ImageDraw.Draw(page)
    for y in range(int(random.integers(5, 20)), 140, int(random.integers(16, 40))):
        pen.line((0, y, 140, y + int(random.integers(-2, 3))), fill=int(random.integers(100, 220)))
    return encoded(page)


def speckle(digit: Array, random: np.random.Generator) -> bytes:
    page = write_on_page(digit, random)
    for x, y in random.integers(0, 140, (int(random.integers(1, 30)), 2)):
        page.paste(int(random.integers(0, 120)), (int(x), int(y), int(x) + 2, int(y) + 2))
    return encoded(page)


def colour(digit: Array, random: np.random.Generator) -> bytes:
    ink = np.asarray(place(digit, random, 90, random.uniform(1, 3)))[..., None] / 255
    levels = random.integers(150, 256, 3) * (1 - ink) + random.integers(0, 110, 3) * ink
    return encoded(Image.fromarray(levels.astype(np.uint8)))


def draw_on_canvas(digit: Array, random: np.random.Generator) -> Image.Image:
    return place((digit > 90).astype(np.uint8) * 255, random, 280, random.uniform(4, 9))


KINDS: dict[str, tuple[Callable[[Array, np.random.Generator], bytes], str]] = {
    "stored": (lambda digit, _: encoded(Image.fromarray(digit)), "d313e8c1d4da8cd8"),
    "inverted": (lambda digit, _: encoded(Image.fromarray(255 - digit)), "d313e8c1d4da8cd8"),
    "shifted": (lambda digit, random: encoded(place(digit, random, 44, 1)), "36105b40591e0c4c"),
    "pages": (lambda digit, random: encoded(write_on_page(digit, random)), "fcd5eebfe15f96b7"),
    "photos": (photograph, "0c47bb2998a3623c"),
    "ruled": (rule, "31499830ccab0f88"),
    "speckled": (speckle, "aa2b2061e5e04e0c"),
    "coloured": (colour, "b200fb187c26080f"),
    "canvases": (lambda digit, random: encoded(draw_on_canvas(digit, random)), "c2272debd704cabd"),
    "canvases with alpha": (
        lambda digit, random: encoded(Image.merge("LA", (Image.new("L", (280, 280)), draw_on_canvas(digit, random)))),
        "33475d5800164ca8",
    ),
    "noise": (lambda _, random: encoded(Image.fromarray(random.integers(0, 256, (60, 60), np.uint8))), "c8d7a0d202d36c95"),
}


@pytest.mark.parametrize(("draw", "expected"), KINDS.values(), ids=KINDS)
def test_gives_the_same_bytes(draw: Callable[[Array, np.random.Generator], bytes], expected: str, mnist: Dataset) -> None:
    digest = hashlib.sha256()
    for index, digit in enumerate(mnist.test.inputs[:COUNT]):
        try:
            found = read_digit(draw(digit, np.random.default_rng(index)))
            digest.update(found.values + bytes([found.side_by_side]))
        except InvalidInput as error:
            digest.update(error.code.encode())
    assert digest.hexdigest()[:16] == expected
