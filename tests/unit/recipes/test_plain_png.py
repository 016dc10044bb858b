"""Plain PNGs are decoded as Pillow's own reader of files does it, and what is not plain or is damaged is left to that."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from recipes import images
from recipes.errors import InvalidInput
from recipes.pixel_data import PNG_MAGIC, read_png
from recipes.plain_png import find_plain
from tests.digits import any_digit, encoded, on_page

MODES = ["L", "RGB", "RGBA"]


def draw(mode: str, width: int, height: int) -> Image.Image:
    """Return a picture whose rows differ, with an alpha channel that does too."""
    page = on_page(any_digit()).resize((width, height)).convert(mode)
    if mode == "RGBA":
        page.putalpha(Image.linear_gradient("L").resize(page.size))
    return page


@given(st.sampled_from(MODES), st.integers(1, 40), st.integers(1, 40), st.integers(0, 9))
def test_are_decoded_as_by_the_reader_of_files(mode: str, width: int, height: int, level: int) -> None:
    png = encoded(draw(mode, width, height), compress_level=level)
    plain = find_plain(read_png(png).content)
    opened = PngImageFile(io.BytesIO(png))
    assert plain
    assert (plain.mode, plain.size, plain.decode().tobytes()) == (opened.mode, opened.size, opened.tobytes())


def test_may_have_their_data_in_many_chunks() -> None:
    page = draw("RGB", 30, 30)
    whole, parted = find_plain(encoded(page)), find_plain(split_data(encoded(page), 7))
    assert whole == parted


@pytest.mark.parametrize(
    "png",
    [
        encoded(draw("L", 8, 8).convert("1")),
        encoded(draw("L", 8, 8).convert("P")),
        encoded(draw("L", 8, 8).convert("LA")),
        encoded(draw("L", 8, 8).convert("I;16")),
        encoded(draw("L", 8, 8), transparency=3),
    ],
    ids=["bits", "palette", "alpha", "16 bits", "transparent colour"],
)
def test_are_no_others(png: bytes) -> None:
    assert find_plain(read_png(png).content) is None


@given(st.sampled_from(MODES), st.data())
def test_of_which_some_bytes_are_damaged_are_decoded_or_refused_as_by_the_reader_of_files(mode: str, data: st.DataObject) -> None:
    png = bytearray(encoded(draw(mode, 9, 7)))
    for _ in range(data.draw(st.integers(1, 3))):
        png[data.draw(st.integers(len(PNG_MAGIC), len(png) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(png[: data.draw(st.integers(len(png) - 30, len(png)))])
    with pytest.MonkeyPatch.context() as patch:
        now = decode(damaged)
        patch.setattr(images, "find_plain", lambda _: None)
        assert now == decode(damaged)


def decode(image: bytes) -> bytes | str:
    """Return a picture's pixels, or what is wrong with it."""
    try:
        return images.decode(image).tobytes()
    except InvalidInput as error:
        return str(error.detail)


def split_data(png: bytes, size: int) -> bytes:
    """Return a PNG of one chunk of data with its data in chunks of so many bytes, whose checksums nobody reads."""
    head, rest = png[:33], png[33:]
    length = int.from_bytes(rest[:4], "big")
    data, end = rest[8 : 8 + length], rest[12 + length :]
    parts = [data[at : at + size] for at in range(0, length, size)]
    return head + b"".join(len(part).to_bytes(4, "big") + b"IDAT" + part + bytes(4) for part in parts) + end
