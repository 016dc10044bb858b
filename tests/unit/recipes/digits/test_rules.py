"""A printed line that strokes hide is found by its pieces; straight bars of digits at one height are no such line."""

import pytest
from PIL import Image, ImageDraw

from recipes.digits.ink.rules import remove_rules

WIDTH, HEIGHT = 800, 500
ROW = 250
LINES = 60, 440


def draw(bars: list[tuple[int, int]]) -> Image.Image:
    """Return a mask of two printed lines and, between them, of level bars from column to column."""
    mask = Image.new("L", (WIDTH, HEIGHT))
    pen = ImageDraw.Draw(mask)
    for row in LINES:
        pen.rectangle((0, row, WIDTH, row + 1), fill=255)
    for start, end in bars:
        pen.rectangle((start, ROW, end, ROW + 1), fill=255)
    return mask


@pytest.mark.parametrize(
    ("bars", "is_line"),
    [
        ([(at, at + 23) for at in range(40, 760, 80)], False),  # as of printed sevens, which have a level bar each
        ([(at, at + 80) for at in range(40, 760, 130)], True),
    ],
)
def test_pieces_of_a_line_cover_two_fifths_of_the_page(bars: list[tuple[int, int]], is_line: bool) -> None:
    left, _ = remove_rules(draw(bars))
    assert (left.getbbox() is None) is is_line
