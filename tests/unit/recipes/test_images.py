"""What could harm is refused before it is decoded, each with its own error; nothing else than InvalidInput ever comes out."""

import struct
import zlib

import pytest
from PIL import Image

from recipes.digits.transform import to_digit
from recipes.errors import InvalidInput, Malformed, TooLarge, UnsupportedType
from recipes.images import MAX_PIXELS, MAX_PNG_CHUNKS, PNG_MAGIC, decode, sniff
from tests.digits import any_digit, encoded, on_page

# Pillow warns of what it then refuses, or reads in spite of it.
pytestmark = pytest.mark.filterwarnings("ignore:::PIL")

PNG = encoded(on_page(any_digit(), page_px=64, scale=2))
JPEG = encoded(on_page(any_digit(), page_px=64, scale=2), "JPEG")
IDAT = zlib.compress(b"\0" * 65)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(width: int, height: int, *, depth: int = 8, colour: int = 0) -> bytes:
    return PNG_MAGIC + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))


def with_chunks(extra: bytes) -> bytes:
    """Return the PNG with chunks behind its header."""
    return PNG[:33] + extra + PNG[33:]


def jpeg_of_scans(count: int) -> bytes:
    """Return a progressive JPEG whose last scan is repeated."""
    progressive = encoded(on_page(any_digit()), "JPEG", progressive=True)
    scan = progressive.rindex(b"\xff\xda")
    return progressive[:scan] + progressive[scan:-2] * count + b"\xff\xd9"


HOSTILE = {
    "20000 x 20000 pixels": (header(20_000, 20_000) + chunk(b"IDAT", IDAT) + chunk(b"IEND", b""), TooLarge),
    "10000 x 10000 pixels": (header(10_000, 10_000) + chunk(b"IDAT", IDAT) + chunk(b"IEND", b""), TooLarge),
    "2 x 2 billion pixels": (header(2, 2_000_000_000) + chunk(b"IDAT", IDAT) + chunk(b"IEND", b""), TooLarge),
    "no pixels": (header(0, 0) + chunk(b"IDAT", IDAT) + chunk(b"IEND", b""), Malformed),
    "20,000 text chunks": (with_chunks(chunk(b"tEXt", b"a\0b") * 20_000), TooLarge),
    "20,000 empty chunks": (with_chunks(chunk(b"abCd", b"") * 20_000), TooLarge),
    "100 scans": (jpeg_of_scans(100), TooLarge),
    "zTXt bomb": (with_chunks(chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(6_000_000), 9))), Malformed),
    "iTXt bomb": (with_chunks(chunk(b"iTXt", b"k\0\1\0\0\0" + zlib.compress(bytes(6_000_000), 9))), Malformed),
    "truncated PNG": (PNG[: len(PNG) // 2], Malformed),
    "truncated JPEG": (JPEG[: len(JPEG) // 2], Malformed),
    "PNG header alone": (PNG[:33], Malformed),
    "PNG magic alone": (PNG[:8], Malformed),
    "JPEG magic alone": (JPEG[:3], Malformed),
    "bad header CRC": (PNG[:29] + b"\0\0\0\0" + PNG[33:], Malformed),
    "bad depth": (header(8, 8, depth=3) + chunk(b"IDAT", IDAT) + chunk(b"IEND", b""), Malformed),
    "first chunk longer than the file": (PNG[:8] + b"\x7f\xff\xff\xff" + PNG[12:], Malformed),
    "GIF": (encoded(any_digit(), "GIF"), UnsupportedType),
    "BMP": (encoded(any_digit(), "BMP"), UnsupportedType),
    "TIFF": (encoded(any_digit(), "TIFF"), UnsupportedType),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', UnsupportedType),
    "text": (b"seven", UnsupportedType),
    "empty": (b"", UnsupportedType),
}


@pytest.mark.parametrize(("picture", "error"), HOSTILE.values(), ids=HOSTILE)
def test_refuses_a_hostile_picture(picture: bytes, error: type[InvalidInput]) -> None:
    with pytest.raises(error) as caught:
        to_digit(picture)
    assert type(caught.value) is error
    assert caught.value.detail
    assert caught.value.advice


def test_reads_a_png_that_is_an_archive_too() -> None:
    assert to_digit(PNG + b"PK\x03\x04" + bytes(100)) == to_digit(PNG)


def test_reads_the_first_picture_of_a_camera_that_stores_two() -> None:
    page = on_page(any_digit())
    two = encoded(page, "MPO", save_all=True, append_images=[Image.new("L", page.size, 255)])
    assert to_digit(two) == to_digit(encoded(page, "JPEG"))


def test_reads_as_many_chunks_as_allowed() -> None:
    own = 3  # IHDR, IDAT, IEND
    assert to_digit(with_chunks(chunk(b"tEXt", b"a\0b") * (MAX_PNG_CHUNKS - own))) == to_digit(PNG)


def test_the_limit_on_pixels_is_the_callers() -> None:
    picture = encoded(Image.new("L", (60, 50)))
    assert decode(picture, max_pixels=3000).size == (60, 50)
    with pytest.raises(TooLarge, match="60×50"):
        decode(picture, max_pixels=2999)
    assert MAX_PIXELS <= 4_000_000


def test_a_jpeg_is_decoded_no_larger_than_needed() -> None:
    assert max(decode(encoded(Image.new("L", (1600, 1200)), "JPEG"), target_px=300).size) < 1600


@pytest.mark.parametrize("format_", ["PNG", "JPEG"])
@pytest.mark.parametrize(("orientation", "expected"), [(1, (1600, 1200)), (3, (1600, 1200)), (6, (1200, 1600)), (8, (1200, 1600))])
def test_tells_the_size_the_picture_had_upright(format_: str, orientation: int, expected: tuple[int, int]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    grey = decode(encoded(Image.new("L", (1600, 1200)), format_, exif=exif), target_px=300)
    assert grey.info["full_size"] == expected
    assert (grey.width > grey.height) == (expected[0] > expected[1])


def test_larger_pictures_may_have_fewer_scans() -> None:
    large = encoded(Image.new("L", (6000, 4000)), "JPEG", progressive=True)
    scan = large.rindex(b"\xff\xda")
    twenty_one = large[:scan] + large[scan:-2] * 16 + b"\xff\xd9"
    assert decode(large, max_pixels=24_000_000, target_px=100).info["full_size"] == (6000, 4000)
    with pytest.raises(TooLarge, match=r"21 scans; the limit is 20 at 24.0 Mpx"):
        decode(twenty_one, max_pixels=24_000_000)


def test_tells_png_and_jpeg_by_their_first_bytes() -> None:
    assert [sniff(PNG), sniff(JPEG), sniff(b"GIF89a"), sniff(b"")] == ["image/png", "image/jpeg", None, None]
