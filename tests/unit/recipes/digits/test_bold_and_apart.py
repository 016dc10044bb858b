"""What the ink's shape tells: a bold eight from a blob by its holes, and a leaning one in a table's cell from a slash by its distance."""

import pytest
from PIL import Image, ImageDraw

from recipes.digits.ink.components import find_components
from recipes.digits.writing.layout import select_digits
from recipes.digits.writing.part import Part
from recipes.digits.writing.signs import find_signs

HEIGHT, WIDTH = 60, 46


def find_parts(mask: Image.Image) -> list[Part]:
    """Return the mask's components from the left."""
    return sorted(map(Part.from_component, find_components(mask.tobytes(), mask.width)), key=lambda part: part.left)


@pytest.mark.parametrize("hole_px", [0, 9])
def test_what_is_nearly_solid_is_a_digit_if_it_has_holes(hole_px: int) -> None:
    mask = Image.new("L", (WIDTH, HEIGHT))
    pen = ImageDraw.Draw(mask)
    pen.rounded_rectangle((0, 0, WIDTH - 1, HEIGHT - 1), 8, fill=255)
    for top in (15, 36) if hole_px else ():
        pen.rectangle((18, top, 18 + hole_px, top + hole_px), fill=0)
    (part,) = find_parts(mask)
    digits, others = select_digits([part])
    assert (len(digits), len(others)) == ((1, 0) if hole_px else (0, 1))


@pytest.mark.parametrize(("gap_px", "is_slash"), [(15, True), (30, True), (70, False)])
def test_a_slash_stands_near_a_digit(gap_px: int, is_slash: bool) -> None:
    mask = Image.new("L", (400, 90))
    pen = ImageDraw.Draw(mask)
    pen.rectangle((10, 20, 45, 69), outline=255, width=8)
    left = 46 + gap_px
    pen.line((left, 78, left + 20, 10), fill=255, width=8)
    pen.rectangle((left + 21 + gap_px, 20, left + 56 + gap_px, 69), outline=255, width=8)
    zero, stroke, other = find_parts(mask)
    assert find_signs([zero, stroke, other], []).slashes == ([stroke] if is_slash else [])
