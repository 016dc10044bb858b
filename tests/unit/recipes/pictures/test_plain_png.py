"""Plain PNGs are decoded as Pillow's own reader of files does it, and what is not plain or is damaged is left to that."""

import io
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from recipes.errors import InvalidInput
from recipes.pictures import decode, plain_png, stored_blocks
from recipes.pictures.pixel_data import PNG_MAGIC, read_png
from recipes.pictures.plain_png import find_plain
from tests.digits import any_digit, encoded, on_page

MODES = ["L", "RGB", "RGBA"]
HEAD = 33  # bytes before a PNG's data


@pytest.fixture(scope="module", autouse=True, params=[stored_blocks.SIZES, range(1 << 20)], ids=["as packed", "in stored blocks"])
def stored(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let small pictures be read as large ones are, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored_blocks, "SIZES", request.param)
        yield


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
    page = encoded(draw("RGB", 30, 30))
    whole = find_plain(page)
    assert whole
    assert whole == find_plain(write_png(page[:HEAD], whole.packed, 7))


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
        now = read(damaged)
        patch.setattr(decode, "find_plain", lambda _: None)
        assert now == read(damaged)


@given(st.sampled_from(MODES), st.integers(1, 9), st.integers(1, 9), st.integers(1, 50), st.data())
def test_of_any_filters_and_too_few_or_too_many_rows_are_as_by_the_reader_of_files(
    mode: str, width: int, height: int, part: int, data: st.DataObject
) -> None:
    size = height * (1 + width * len(mode))
    rows = bytearray(data.draw(st.binary(min_size=size, max_size=size)))
    for at in range(0, size, 1 + width * len(mode)):
        rows[at] = data.draw(st.integers(0, 4) | st.integers(0, 5))  # the last is none
    rows = (rows + data.draw(st.binary(max_size=2)))[: len(rows) - data.draw(st.integers(0, 1))]
    packer = zlib.compressobj(data.draw(st.integers(0, 9)), wbits=data.draw(st.integers(9, 15)))
    packed = packer.compress(rows) + packer.flush() + data.draw(st.binary(max_size=1))
    png = write_png(encoded(Image.new(mode, (width, height)))[:HEAD], packed, part)
    assert find_plain(png)
    with pytest.MonkeyPatch.context() as patch:
        now = read(png)
        patch.setattr(decode, "find_plain", lambda _: None)
        assert now == read(png)


@pytest.mark.parametrize("mode", MODES)
def test_say_how_many_bytes_are_packed(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    sizes = []
    monkeypatch.setattr(plain_png, "store_blocks", lambda packed, size: sizes.append(size) or packed)
    plain = find_plain(read_png(encoded(draw(mode, 31, 17))).content)
    assert plain
    plain.decode()
    assert sizes == [len(zlib.decompress(plain.packed))]


def read(image: bytes) -> bytes | str:
    """Return a picture's pixels, or what is wrong with it."""
    try:
        return decode.decode(image).tobytes()
    except InvalidInput as error:
        return str(error.detail)


def write_png(head: bytes, packed: bytes, size: int) -> bytes:
    """Return a PNG of another one's head with its data in chunks of so many bytes, whose checksums nobody reads."""
    parts = [packed[at : at + size] for at in range(0, len(packed), size)]
    return head + b"".join(len(part).to_bytes(4, "big") + b"IDAT" + part + bytes(4) for part in parts) + b"\0\0\0\0IEND\xaeB`\x82"
