"""A picture of several digits says so: those that stand beside each other are counted, and the parts of one digit are not."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from recipes.digits.dataset import load
from recipes.digits.transform import read_digit
from tests.digits import digit, encoded


def count(page: Image.Image) -> int:
    return read_digit(encoded(page)).side_by_side


def write(labels: str, *, height_px: int = 60, gap_px: int = 14, paper: int = 255, pen: int = 0) -> Image.Image:
    """Return the digits beside each other."""
    cut = [each.crop(each.getbbox()) for each in (digit(int(label)) for label in labels)]
    large = [each.resize((round(each.width * height_px / each.height), height_px), Image.Resampling.BICUBIC) for each in cut]
    ink = Image.new("L", (60 + sum(each.width + gap_px for each in large), height_px + 50))
    left = 30
    for each in large:
        ink.paste(each, (left, 25))
        left += each.width + gap_px
    return Image.composite(Image.new("L", ink.size, pen), Image.new("L", ink.size, paper), ink)


@pytest.mark.parametrize(("paper", "pen"), [(255, 0), (0, 255), (190, 60)])
@pytest.mark.parametrize("labels", ["42", "11", "307", "90210"])
def test_counts_the_digits_beside_each_other(labels: str, paper: int, pen: int) -> None:
    assert count(write(labels, paper=paper, pen=pen)) == len(labels)


@pytest.mark.parametrize("label", range(10))
def test_one_digit_is_one(label: int) -> None:
    assert count(digit(label)) == 1
    assert count(write(str(label))) == 1


def test_counts_small_digits_in_a_large_picture() -> None:
    page = Image.new("L", (640, 480), 255)
    page.paste(write("42"), (200, 150))
    assert count(page) == 2


@pytest.mark.parametrize("bar", [(95, 45, 150, 45), (105, 60, 150, 50)], ids=["above", "beside"])
def test_the_detached_bar_of_a_five_is_no_digit(bar: tuple[int, int, int, int]) -> None:
    page = Image.new("L", (200, 200), 255)
    draw = ImageDraw.Draw(page)
    draw.line((70, 60, 70, 100), fill=0, width=10)
    draw.arc((55, 95, 125, 165), 210, 130, fill=0, width=10)
    draw.line(bar, fill=0, width=10)
    assert count(page) == 1


def test_specks_and_points_are_no_digits() -> None:
    page = write("7")
    for x, y in ((4, 5), (70, 90)):
        ImageDraw.Draw(page).ellipse((x, y, x + 5, y + 5), fill=0)
    assert count(page) == 1


def test_mnist_has_one_digit_a_picture() -> None:
    assert {
        count(Image.fromarray(image)) for image in np.concatenate([load().test.inputs[:60], load().test.inputs[[694, 1940, 3448]]])
    } == {1}
