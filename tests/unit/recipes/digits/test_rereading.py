"""Another reading of a picture of one digit: its middle alone."""

import pytest
from PIL import Image

from recipes.digits.transform import read_digit, reread_digit
from recipes.errors import BlankImage, Malformed
from tests.digits import digit, encoded, on_page


@pytest.mark.parametrize("label", range(10))
def test_reads_the_middle_as_a_picture_of_its_own(label: int) -> None:
    page = Image.new("L", (200, 200), 90)
    page.paste(on_page(digit(label), page_px=140, scale=3.5, right_px=21, down_px=21), (30, 30))
    page.paste(30, (0, 150, 25, 200))
    assert read_digit(encoded(page.crop((30, 30, 170, 170)))).values == reread_digit(encoded(page))


def test_refuses_a_part_of_a_digit_several_and_none() -> None:
    whole = on_page(digit(8), page_px=64, scale=3, right_px=-10, down_px=-10)
    two = on_page(digit(8), page_px=200, scale=2, right_px=40, down_px=70)
    two.paste(on_page(digit(3), page_px=60, scale=2, right_px=0, down_px=0), (100, 70))
    for page in (whole, two, Image.new("L", (64, 64), 255)):
        with pytest.raises(BlankImage):
            reread_digit(encoded(page))


def test_refuses_what_is_no_picture() -> None:
    with pytest.raises(Malformed):
        reread_digit(b"\x89PNG\r\n\x1a\n broken")
