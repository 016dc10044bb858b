"""Pale ink and ink as light as its paper are read; paper with nothing on it is refused, whatever its grain."""

import io
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageFilter

from recipes.digits.segment import find_digits
from recipes.digits.transform import to_digit
from recipes.errors import BlankImage
from tests.digits import beside_each_other, digit, distance, encoded, on_page

Levels = npt.NDArray[np.float64]
ALIKE = 14.0  # levels of 255, on average: the same digit, drawn again


def page(label: int) -> Image.Image:
    return on_page(digit(label), page_px=200, scale=5, right_px=30, down_px=28)


@pytest.mark.parametrize("format_", ["PNG", "JPEG"])
@pytest.mark.parametrize("contrast", [8, 20])
@pytest.mark.parametrize("label", [0, 3, 7])
def test_pale_pencil_is_read(label: int, contrast: int, format_: str) -> None:
    levels = 215 - contrast * (1 - np.asarray(page(label), float) / 255) + np.random.default_rng(label).normal(0, 1.2, (200, 200))
    pale = Image.fromarray(levels.round().astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.6))
    assert distance(to_digit(encoded(pale, format_, quality=92)), to_digit(encoded(page(label)))) < ALIKE


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize(
    ("ink", "paper"),
    [((220, 40, 40), (60, 110, 60)), ((40, 140, 140), (220, 60, 60)), ((30, 30, 200), (120, 40, 40))],
    ids=["red on green", "cyan on red", "blue on brown"],
)
def test_ink_as_light_as_its_paper_is_read_by_its_colour(ink: tuple[int, ...], paper: tuple[int, ...], format_: str) -> None:
    coloured = Image.composite(Image.new("RGB", (200, 200), paper), Image.new("RGB", (200, 200), ink), page(4))
    assert distance(to_digit(encoded(coloured, format_, quality=90)), to_digit(encoded(page(4)))) < ALIKE


def make_grain(random: np.random.Generator) -> Levels:
    return 200 + random.normal(0, random.uniform(0.5, 6), (160, 160))


def make_stains(random: np.random.Generator) -> Levels:
    coarse = Image.fromarray((128 + random.normal(0, 3, (12, 12))).astype(np.uint8)).resize((160, 160), Image.Resampling.BICUBIC)
    return 80 + np.asarray(coarse, float) + random.normal(0, 1, (160, 160))


def make_shadow(random: np.random.Generator) -> Levels:
    y, x = np.mgrid[:160, :160]
    return 200 - 50 / (1 + np.exp((x + random.uniform(-1, 1) * y - 90) / 3)) + random.normal(0, 1.5, (160, 160))


def make_vignette(random: np.random.Generator) -> Levels:
    y, x = np.mgrid[:160, :160] / 80 - 1
    return 210 - random.uniform(10, 60) * (x * x + y * y) ** 1.5 / 2 + random.normal(0, 1.5, (160, 160))


@pytest.mark.parametrize("make", [make_grain, make_stains, make_shadow, make_vignette])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("format_", ["PNG", "JPEG"])
def test_paper_with_nothing_on_it_is_refused(make: Callable[[np.random.Generator], Levels], seed: int, format_: str) -> None:
    levels = make(np.random.default_rng(seed))
    with pytest.raises(BlankImage):
        to_digit(encoded(Image.fromarray(levels.clip(0, 255).astype(np.uint8)), format_))


MASKS = [("PNG", "L"), ("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "I;16"), ("BMP", "L"), ("TIFF", "L"), ("GIF", "L"), ("WEBP", "RGB")]


@pytest.mark.parametrize(("format_", "mode"), MASKS)
@pytest.mark.parametrize(("paper", "pen"), [(0, 1), (1, 0), (0, 4), (16, 0)])
def test_what_has_the_darkest_levels_alone_is_read_as_if_these_were_all(format_: str, mode: str, paper: int, pen: int) -> None:
    mask = Image.composite(
        Image.new("L", (200, 200), paper), Image.new("L", (200, 200), pen), page(4).point([255 * (x > 127) for x in range(256)])
    )
    dark = Image.fromarray(np.asarray(mask, np.uint16)) if mode == "I;16" else mask.convert(mode)
    sent = encoded(dark, format_, **({"lossless": True} if format_ == "WEBP" else {}))
    assert distance(to_digit(sent), to_digit(encoded(page(4)))) < ALIKE
    assert len(find_digits(sent).found) == 1


def test_each_digit_of_a_mask_is_found() -> None:
    mask = Image.open(io.BytesIO(beside_each_other(4, 2, 7))).point([int(level < 128) for level in range(256)])
    assert len(find_digits(encoded(mask)).found) == 3


@pytest.mark.parametrize("level", [3, 16])
def test_a_black_photo_s_grain_is_no_mask(level: int) -> None:
    grain = np.random.default_rng(level).integers(0, level + 1, (200, 200), np.uint8)
    with pytest.raises(BlankImage):
        to_digit(encoded(Image.fromarray(grain)))
