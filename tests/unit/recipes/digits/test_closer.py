"""A digit that is small in a large picture is read of the picture's own pixels, and its place is the picture's."""

import pytest
from PIL import Image

from recipes.digits.transform import read_digit, to_digit
from tests.digits import digit, distance, encoded, on_page

SAME = 6.0  # levels of 255, on average; two different digits are 15 and more apart


@pytest.mark.parametrize(
    ("size", "format_"),
    [((1600, 1200), "PNG"), ((1200, 1600), "JPEG"), ((4000, 3000), "JPEG")],
    ids=["png", "upright jpeg", "more pixels than are decoded"],
)
@pytest.mark.parametrize("label", [0, 3, 5, 8])
def test_reads_a_digit_of_a_fortieth_of_the_pictures_side(label: int, size: tuple[int, int], format_: str) -> None:
    side = round(max(size) / 40 * 28 / 20)
    picture = Image.new("L", size, 255)
    left, top = round(0.7 * size[0]), round(0.2 * size[1])
    picture.paste(0, (left, top), digit(label).resize((side, side), Image.Resampling.BICUBIC))
    seen = read_digit(encoded(picture, format_))
    assert distance(seen.values, to_digit(encoded(on_page(digit(label))))) < SAME
    assert seen.place is not None
    assert seen.place[0] * size[0] == pytest.approx(left + 4 / 28 * side, abs=side / 4)
    assert seen.place[3] * size[1] == pytest.approx(top + 24 / 28 * side, abs=side / 4)
