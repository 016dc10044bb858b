"""Rows of handwritten digits that touch, drawn by code, with each one's own ink."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from recipes.dataset import Split
from training.drawings.pen import Random

UInt8 = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
INK = 128  # a level from which on it is ink
MARGIN_PX = 50
SIDE_BY_SIDE, IN_CONTACT, PUSHED = range(3)  # boxes that touch; ink that touches; ink in ink
SHARES = 0.3, 0.35, 0.35
PUSHED_AT_MOST = 0.13  # of a height


class Row(NamedTuple):
    """A row of digits: a grey page, dark on white, each digit's label, and its own ink on the page."""

    page: Image.Image
    labels: list[int]
    inks: list[Mask]


def draw_row(digits: Split, random: Random) -> Row:
    """Return two to five digits of a data set in a row, 40 to 100 pixels high, each touching the one before."""
    height_px, count = random.uniform(40, 100), int(random.integers(2, 6))
    shape = round(2 * height_px + 80), round(1.6 * count * height_px + 2 * MARGIN_PX)
    page, labels, inks = np.zeros(shape, np.uint8), list[int](), list[Mask]()
    how, x = int(random.choice(3, p=SHARES)), MARGIN_PX
    for at in random.integers(len(digits), size=count):
        levels = _render(digits.inputs[at], height_px * random.uniform(0.85, 1.12), random)
        down = (shape[0] - len(levels)) // 2 + round(random.uniform(-0.08, 0.08) * height_px)
        left = x
        if inks and how != SIDE_BY_SIDE:
            left = _move_into_contact(inks[-1][down : down + len(levels)], levels > INK, x)
            left -= round(random.uniform(0, PUSHED_AT_MOST) * height_px) if how == PUSHED else 0
        x = max(0, left) + levels.shape[1]
        place = slice(down, down + len(levels)), slice(max(0, left), x)
        np.maximum(page[place], levels, out=page[place])
        labels.append(int(digits.targets[at]))
        inks.append(np.zeros(shape, bool))
        inks[-1][place] = levels > INK
    return Row(Image.fromarray(255 - page), labels, inks)


def _render(digit: UInt8, height_px: float, random: Random) -> UInt8:
    """Return a digit's levels, cropped, with a pen of its own."""
    threshold, steepness = random.uniform(40, 110), random.uniform(1.5, 3)
    large = Image.fromarray(digit).resize((round(28 * height_px / 20),) * 2, Image.Resampling.BICUBIC)
    large = large.rotate(random.uniform(-7, 7), resample=Image.Resampling.BICUBIC)
    ink = large.point([max(0, min(255, round((level - threshold) * steepness))) for level in range(256)])
    return np.asarray(ink.crop(ink.point([255 * (level > INK) for level in range(256)]).getbbox()))


def _move_into_contact(before: Mask, ink: Mask, x: int) -> int:
    """Return how far right ink begins that shares its first pixel with what stands before it; it begins at `x` and moves left."""
    while x > 0 and not (before[:, x : x + ink.shape[1]] & ink).any():
        x -= 1
    return x
