"""A page that is also looked at as one digit is decoded once, where decoding takes long."""

import pytest
from PIL import Image

from recipes.digits import segment, transform
from recipes.errors import BlankImage
from recipes.recipe import ImageInstance
from tests.digits import any_digit, encoded, on_page

PAGE = on_page(any_digit(), page_px=300, scale=5)


@pytest.mark.parametrize(("format_", "is_given"), [("PNG", True), ("BMP", True), ("JPEG", False)])
def test_gives_the_decoded_page_on_but_for_a_jpeg(format_: str, is_given: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Image.Image | None] = []
    known = segment.read_digit

    def read(image: bytes, *, max_pixels: int, grey: Image.Image | None) -> ImageInstance:
        given.append(grey)
        return known(image, max_pixels=max_pixels, grey=grey)

    monkeypatch.setattr(segment, "read_digit", read)
    page = encoded(PAGE, format_)
    assert [each.instance for each in segment.find_digits(page).found] == [known(page).values]
    assert {each is not None for each in given} == {is_given}


def test_a_blank_page_is_decoded_twice_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    known = transform.decode

    def decode(image: bytes, *, is_coloured: bool = False, **options: int) -> Image.Image:
        asked.append(is_coloured)
        return known(image, is_coloured=is_coloured, **options)

    monkeypatch.setattr(transform, "decode", decode)
    with pytest.raises(BlankImage):
        segment.find_digits(encoded(Image.new("L", (300, 300), 200)))
    assert asked == [True]  # once more in colour, beside the page itself
