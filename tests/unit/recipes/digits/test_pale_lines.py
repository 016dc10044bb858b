"""Pale printed lines, of which only dashes are as far from the paper as ink is, are found whole and taken out."""

import pytest
from PIL import Image, ImageDraw

from recipes.digits.ink.page import Page, read_page
from recipes.digits.ink.rules import remove_rules

SIZE, TIMES = (800, 400), 4
STROKE = (380, 120, 392, 280)


def write(pale: int, *, slope: int) -> Page:
    """Return a page with an upright stroke and three thin lines across it, of so many levels, aslant by so many pixels."""
    width, height = SIZE
    large = Image.new("L", (TIMES * width, TIMES * height))
    pen = ImageDraw.Draw(large)
    for row in (60, 150, 340):
        pen.line((0, TIMES * row, TIMES * width, TIMES * (row + slope)), fill=pale, width=TIMES + 1)
    pen.rectangle([TIMES * side for side in STROKE], fill=255)
    return read_page(large.reduce(TIMES).point([255 - level for level in range(256)]))


@pytest.mark.parametrize("slope", [18, 25, 35])
@pytest.mark.parametrize("pale", [120, 140])
def test_that_are_aslant_leave_nothing_but_the_ink(pale: int, slope: int) -> None:
    page = write(pale, slope=slope)
    left, _ = remove_rules(page.mask, page.faint)
    box = left.getbbox()
    assert box is not None
    assert all(abs(side - expected) <= 2 for side, expected in zip(box, STROKE, strict=True)), box


def test_only_what_has_much_pale_ink_is_looked_at_twice() -> None:
    page = write(0, slope=0)
    assert page.faint is page.mask
