"""The robustness table's pictures: test digits as users would send them, each row made by a pure function with a fixed seed.

A row is a function (digit uint8 [28, 28], random generator) → an encoded picture. They go
through the recipe's own transform, as a user's would.
"""

import io
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from recipes.errors import InvalidInput
from recipes.recipe import load

UInt8 = npt.NDArray[np.uint8]
Row = Callable[[UInt8, np.random.Generator], bytes]
SEED = 20261121
PAPER_PX = 140


def draw_pictures(row: str, digits: UInt8, *, first: int = 0, seed: int = SEED) -> Iterator[bytes]:
    """Yield the row's encoded picture of each digit of uint8 [N, 28, 28], which are the data set's from `first` on.

    A picture depends on the seed, the row and its digit's place in the data set alone, so any part of a row can be drawn alone.
    """
    perturb = ROWS[row]
    for index, digit in enumerate(digits, start=first):
        yield perturb(digit, np.random.default_rng([seed, index, *row.encode()]))


def draw_instances(recipe_name: str, row: str, digits: UInt8, first: int) -> tuple[UInt8, npt.NDArray[np.bool_]]:
    """Return the row's pictures of these digits as the recipe's model sees them, and which of them the transform refused."""
    recipe = load(recipe_name)
    seen = np.zeros((len(digits), *recipe.instance_shape), np.uint8)
    refused = np.zeros(len(digits), bool)
    for index, picture in enumerate(draw_pictures(row, digits, first=first)):
        try:
            seen[index] = np.frombuffer(recipe.from_image(picture), np.uint8).reshape(recipe.instance_shape)
        except InvalidInput:
            refused[index] = True
    return seen, refused


def keep(digit: UInt8, random: np.random.Generator) -> bytes:  # noqa: ARG001 - a row's signature
    """Return the digit unchanged."""
    return _encode_png(Image.fromarray(digit))


def shift(digit: UInt8, random: np.random.Generator) -> bytes:
    """Return the digit anywhere in a frame of 44 pixels."""
    return _encode_png(_place(digit, 44, 1, tuple(random.uniform(-8, 8, 2)), 0))


def scale(digit: UInt8, random: np.random.Generator) -> bytes:
    """Return the digit at half to twice its size, in a frame of 60 pixels."""
    return _encode_png(_place(digit, 60, random.uniform(0.5, 2.0), (0, 0), 0))


def rotate(digit: UInt8, random: np.random.Generator) -> bytes:
    """Return the digit turned by up to 15 degrees either way."""
    return _encode_png(_place(digit, 40, 1, (0, 0), random.uniform(-15, 15)))


def invert(digit: UInt8, random: np.random.Generator) -> bytes:  # noqa: ARG001 - a row's signature
    """Return the digit dark on white."""
    return _encode_png(Image.fromarray(255 - digit))


def draw_on_page(digit: UInt8, random: np.random.Generator) -> bytes:
    """Return the digit on a white page of 140 pixels: 2-5.5 times as large, anywhere, turned by up to 8 degrees."""
    return _encode_png(_draw(digit, random)[0])


def draw_with_thin_pen(digit: UInt8, random: np.random.Generator) -> bytes:
    """Return the same as `draw_on_page` with strokes eroded by about 1.2 of the original's pixels."""
    page, scale = _draw(digit, random)
    return _encode_png(page.filter(ImageFilter.MaxFilter(2 * round(0.6 * scale) + 1)))


def photograph(digit: UInt8, random: np.random.Generator) -> bytes:
    """Return the digit as photographed: grey paper lit from one side, grey ink, dust, sensor noise, slightly out of focus, JPEG."""
    page, _ = _draw(digit, random)
    y, x = np.mgrid[:PAPER_PX, :PAPER_PX] / (PAPER_PX - 1) - 0.5
    towards = random.uniform(0, 2 * np.pi)
    light = (np.cos(towards) * x + np.sin(towards) * y) * random.uniform(10, 60)
    paper, ink = random.uniform(150, 220), random.uniform(20, 70)
    levels = ink + np.asarray(page, np.float32) / 255 * (paper - ink) + light
    for _ in range(random.integers(0, 6)):
        top, left = random.integers(4, PAPER_PX - 6, 2)
        levels[top : top + 2, left : left + 2] -= 80
    levels += random.normal(0, 5, levels.shape)
    blurred = Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.8))
    buffer = io.BytesIO()
    blurred.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def _draw(digit: UInt8, random: np.random.Generator) -> tuple[Image.Image, float]:
    scale = random.uniform(2.0, 5.5)
    room = max(PAPER_PX / 2 - 10 * scale - 4, 0)
    placed = _place(digit, PAPER_PX, scale, tuple(random.uniform(-room, room, 2)), random.uniform(-8, 8))
    return placed.point([255 - level for level in range(256)]), scale


def _place(digit: UInt8, size_px: int, scale: float, offset_px: tuple[float, ...], degrees: float) -> Image.Image:
    """Return the digit on a black square, its centre off the square's by (down, right) pixels."""
    down, right = offset_px
    cosine, sine = np.cos(np.deg2rad(degrees)) / scale, np.sin(np.deg2rad(degrees)) / scale
    centre = (size_px - 1) / 2
    across = 13.5 - cosine * (centre + right) - sine * (centre + down)
    along = 13.5 + sine * (centre + right) - cosine * (centre + down)
    # Pillow samples pixel centres at + 0.5, on both sides of the map.
    half = 0.5
    map_ = (cosine, sine, across + half - half * (cosine + sine), -sine, cosine, along + half - half * (cosine - sine))
    return Image.fromarray(digit).transform((size_px, size_px), Image.Transform.AFFINE, map_, Image.Resampling.BILINEAR)


def _encode_png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


ROWS: dict[str, Row] = {
    "clean": keep,
    "shifted": shift,
    "scaled": scale,
    "rotated": rotate,
    "inverted": invert,
    "canvas": draw_on_page,
    "thin pen": draw_with_thin_pen,
    "photo": photograph,
}
