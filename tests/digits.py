"""Pictures of digits for tests: the golden test digits, encoded, drawn on pages, and how far two 28×28 are from each other."""

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

UInt8 = npt.NDArray[np.uint8]
GOLDEN = Path(__file__).resolve().parents[1] / "recipes/digits/golden"


def digit(label: int) -> Image.Image:
    """Return a test digit of that class, 28×28, bright on black."""
    return Image.open(GOLDEN / f"{label}.png").convert("L")


def any_digit() -> Image.Image:
    return digit(5)


def on_page(
    ink: Image.Image, *, page_px: int = 160, scale: float = 4, right_px: int = 20, down_px: int = 24, paper: int = 255, pen: int = 0
) -> Image.Image:
    """Return the digit drawn on a square page, by default black on white."""
    size = round(28 * scale)
    mask = Image.new("L", (page_px, page_px))
    mask.paste(ink.resize((size, size), Image.Resampling.BICUBIC), (right_px, down_px))
    return Image.composite(Image.new("L", mask.size, pen), Image.new("L", mask.size, paper), mask)


def encoded(image: Image.Image, format_: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_, **options)
    return buffer.getvalue()


def beside_each_other(*labels: int) -> bytes:
    """Return a PNG of digits in a line, black on white, 70 pixels high."""
    page = Image.new("L", (120 + 90 * len(labels), 240), 255)
    for index, label in enumerate(labels):
        ink = digit(label).resize((98, 98), Image.Resampling.BICUBIC)
        page.paste(0, (46 + 90 * index, 66), ink)
    return encoded(page)


def pixels(instance: bytes) -> UInt8:
    return np.frombuffer(instance, np.uint8).reshape(28, 28)


def distance(one: bytes, other: bytes) -> float:
    """Return the mean absolute difference of two instances, in levels of 255.

    It is the least over shifts by a pixel: centring is by whole pixels, so a hair's difference in mass can move a digit by one.
    """
    a, b = pixels(one).astype(int), pixels(other)
    return min(float(np.abs(np.roll(a, (down, right), (0, 1)) - b).mean()) for down in (-1, 0, 1) for right in (-1, 0, 1))
