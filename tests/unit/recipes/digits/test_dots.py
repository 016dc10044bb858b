"""Paper whose grey is made of dots is read as grey paper is; what is drawn without dots is left as it is."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from recipes.digits.ink.dots import average_dots
from recipes.digits.transform import read_digit, to_digit
from recipes.errors import BlankImage
from tests.digits import digit, distance, encoded

SAME = 14.0  # levels of 255, on average; two different digits are 15 and more apart, and with dots most were 14 to 45
Dither = Callable[[Image.Image], Image.Image]


def diffuse(grey: Image.Image) -> Image.Image:
    """Spread each pixel's error over its neighbours (Floyd and Steinberg, 1976)."""
    return grey.convert("1").convert("L")


def order(grey: Image.Image) -> Image.Image:
    """Compare with a pattern of 4×4 thresholds (Bayer, 1973)."""
    pattern = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) * 16 + 8
    pixels = np.asarray(grey)
    tiles = np.tile(pattern, (pixels.shape[0] // 4 + 1, pixels.shape[1] // 4 + 1))[: pixels.shape[0], : pixels.shape[1]]
    return Image.fromarray(np.where(pixels > tiles, 255, 0).astype(np.uint8))


def screen(grey: Image.Image) -> Image.Image:
    """Print round dots, five pixels from one to the next."""
    pixels = np.asarray(grey)
    rows, columns = np.indices(pixels.shape) * 2 * np.pi / 5
    return Image.fromarray(np.where(pixels > 128 + 64 * (np.cos(rows) + np.cos(columns)), 255, 0).astype(np.uint8))


def draw(label: int, paper: int, ink: int, side: int) -> Image.Image:
    picture = Image.new("L", (side, side), paper)
    large = round(0.8 * side)
    picture.paste(ink, (side // 10, side // 10), digit(label).resize((large, large), Image.Resampling.BICUBIC))
    return picture


@pytest.mark.parametrize("dither", [diffuse, order, screen])
@pytest.mark.parametrize(("paper", "ink"), [(200, 30), (230, 30), (40, 220)])
@pytest.mark.parametrize("label", [0, 3, 8])
def test_reads_a_digit_on_paper_of_dots(label: int, paper: int, ink: int, dither: Dither) -> None:
    grey = draw(label, paper, ink, 160)
    assert distance(to_digit(encoded(dither(grey))), to_digit(encoded(grey))) < SAME


@pytest.mark.parametrize("dither", [diffuse, order, screen])
@pytest.mark.parametrize("paper", [120, 200, 230])
def test_refuses_empty_paper_of_dots(paper: int, dither: Dither) -> None:
    with pytest.raises(BlankImage):
        read_digit(encoded(dither(Image.new("L", (200, 160), paper))))


def draw_grid() -> Image.Image:
    picture = draw(4, 255, 0, 160)
    pen = ImageDraw.Draw(picture)
    for at in range(5, 160, 16):
        pen.line((at, 0, at, 160), fill=0)
        pen.line((0, at, 160, at), fill=0)
    return picture


def draw_grain() -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).normal(180, 8, (160, 160)).clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize(
    "picture",
    [draw(5, 255, 0, 160), draw_grid(), draw_grain(), draw(5, 255, 0, 28).point(lambda level: 255 * (level > 128))],
    ids=["plain", "squared", "grain", "small"],
)
def test_leaves_what_has_no_dots(picture: Image.Image) -> None:
    assert average_dots(picture) is picture
