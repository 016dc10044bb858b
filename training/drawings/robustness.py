"""The robustness table's pictures: instances as users would send them, each row made by a pure function with a fixed seed.

The rows here are of digits; those of photos are in photo_rows.py, and any other recipe has none.
A row is a function (digit uint8 [28, 28], its label, random generator) → an encoded picture. They go through the recipe's own transform, as
a user's would. No model is fitted on the fonts of print, on flags on MNIST's own ones, or on paper; the tuning of the digits sees those
of the train split in six of the other ways (sets.SENT_AS).
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from recipes.dataset import Split
from recipes.digits.ink.page import spread
from recipes.errors import InvalidInput
from recipes.recipe import Recipe, load
from training.drawings import digits, fonts, paper, photo_rows
from training.drawings.sheet import encode

UInt8 = npt.NDArray[np.uint8]
Row = Callable[[UInt8, int, np.random.Generator], bytes]
SEED = 20261121
PAPER_PX = 140
MOST_BYTES = 32 << 20  # of the instances of a row: 222 photos, and all of MNIST
INKED, FINER = 100, 4


def find_rows(recipe: Recipe) -> Mapping[str, Row]:
    """Return the rows of a recipe: its own, those of photos if its pictures have colours, else none."""
    if recipe.name in OWN_ROWS:
        return OWN_ROWS[recipe.name]
    return photo_rows.ROWS if recipe.takes_pictures and recipe.instance_shape[2:] == (3,) else {}


def select(row: str, split: Split) -> Split:
    """Return what a row is drawn of: all, those of one label, or every so many, which is also how many bytes are limited."""
    step = max(STEPS.get(row, 1), -(-split.inputs.nbytes // MOST_BYTES))
    chosen = split.targets == LABELS[row] if row in LABELS else slice(None, None, step)
    return Split(split.inputs[chosen], split.targets[chosen])


def draw_pictures(row: str, split: Split, rows: Mapping[str, Row] | None = None, *, first: int = 0, seed: int = SEED) -> Iterator[bytes]:
    """Yield the row's encoded picture of each instance, uint8 [N, …], which are the data set's from `first` on.

    A picture depends on the seed, the row and its instance's place in the data set alone, so any part of a row can be drawn alone.

    Args:    rows: the recipe's; by default those of digits.
    """
    draw = (rows or ROWS)[row]
    for index, (instance, label) in enumerate(zip(split.inputs, split.targets, strict=True), start=first):
        yield draw(instance, int(label), np.random.default_rng([seed, index, *row.encode()]))


def draw_instances(recipe_name: str, row: str, split: Split, first: int, *, seed: int = SEED) -> tuple[UInt8, npt.NDArray[np.bool_]]:
    """Return the row's pictures of these digits as the recipe's model sees them, and which of them the transform refused."""
    recipe = load(recipe_name)
    seen = np.zeros((len(split), *recipe.instance_shape), np.uint8)
    refused = np.zeros(len(split), bool)
    for index, picture in enumerate(draw_pictures(row, split, find_rows(recipe), first=first, seed=seed)):
        try:
            seen[index] = np.frombuffer(recipe.from_image(picture), np.uint8).reshape(recipe.instance_shape)
        except InvalidInput:
            refused[index] = True
    return seen, refused


def keep(digit: UInt8, random: np.random.Generator) -> bytes:  # noqa: ARG001 - a row's signature
    """Return the digit unchanged."""
    return encode(Image.fromarray(digit))


def shift(digit: UInt8, random: np.random.Generator) -> bytes:
    """Return the digit anywhere in a frame of 44 pixels."""
    return encode(_place(digit, 44, 1, tuple(random.uniform(-8, 8, 2)), 0))


def scale(digit: UInt8, random: np.random.Generator) -> bytes:
    """Return the digit at half to twice its size, in a frame of 60 pixels."""
    return encode(_place(digit, 60, random.uniform(0.5, 2.0), (0, 0), 0))


def rotate(digit: UInt8, random: np.random.Generator) -> bytes:
    """Return the digit turned by up to 15 degrees either way."""
    return encode(_place(digit, 40, 1, (0, 0), random.uniform(-15, 15)))


def invert(digit: UInt8, random: np.random.Generator) -> bytes:  # noqa: ARG001 - a row's signature
    """Return the digit dark on white."""
    return encode(Image.fromarray(255 - digit))


def draw_on_page(digit: UInt8, random: np.random.Generator) -> bytes:
    """Return the digit on a white page of 140 pixels: 2-5.5 times as large, anywhere, turned by up to 8 degrees."""
    return encode(_draw(digit, random)[0])


def draw_with_thin_pen(digit: UInt8, random: np.random.Generator) -> bytes:
    """Return the same as `draw_on_page` with strokes eroded by about 1.2 of the original's pixels."""
    page, scale = _draw(digit, random)
    reach = round(0.6 * scale)
    return encode(spread(page, reach, reach))


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
    return encode(blurred, "JPEG", quality=85)


def add_flag(digit: UInt8, random: np.random.Generator) -> bytes:
    """Return a 1 with an upstroke, up to three quarters of its height long, on a page as `draw_on_page` has it."""
    rows, columns = np.nonzero(digit > INKED)
    top, height = rows.min(), np.ptp(rows) + 1
    x = float(columns[rows <= top + 1].mean()) + 0.5
    length, angle = random.uniform(0.3, 0.75) * height, np.deg2rad(random.uniform(30, 60))
    width = float(np.clip(len(rows) / height, 1.5, 4))  # a 1 is a stroke: its ink by its height is the pen's width
    large = Image.fromarray(digit).resize((28 * FINER, 28 * FINER), Image.Resampling.BILINEAR)
    begin = (x * FINER, (top + width / 2) * FINER)
    end = (begin[0] - length * np.cos(angle) * FINER, begin[1] + length * np.sin(angle) * FINER)
    pen = ImageDraw.Draw(large)
    pen.line([begin, end], fill=255, width=round(width * FINER))
    radius = width * FINER / 2
    for across, along in (begin, end):
        pen.ellipse((across - radius, along - radius, across + radius, along + radius), fill=255)
    return draw_on_page(np.asarray(large.reduce(FINER)), random)


def print_in_other_fonts(label: int, random: np.random.Generator) -> bytes:
    """Return the label printed in a font that no model is fitted on."""
    return encode(digits.print_digit(label, random, fonts.HELD_OUT))


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


def _of_pixels(perturb: Callable[[UInt8, np.random.Generator], bytes]) -> Row:
    return lambda digit, _, random: perturb(digit, random)


ROWS: dict[str, Row] = {
    "clean": _of_pixels(keep),
    "shifted": _of_pixels(shift),
    "scaled": _of_pixels(scale),
    "rotated": _of_pixels(rotate),
    "inverted": _of_pixels(invert),
    "canvas": _of_pixels(draw_on_page),
    "thin pen": _of_pixels(draw_with_thin_pen),
    "photo": _of_pixels(photograph),
    "flagged one": _of_pixels(add_flag),
    "print": lambda _, label, random: print_in_other_fonts(label, random),
    "paper": _of_pixels(paper.draw_any),
}
OWN_ROWS = {"digits": ROWS}
LABELS = {"flagged one": 1}  # rows of one label's digits only
STEPS = {"paper": 6}  # rows of every so many digits: a page as large as people photograph it takes twenty times as long as a digit
