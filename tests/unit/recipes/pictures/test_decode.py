"""What could harm is refused before it is decoded, each with its own error; nothing else than InvalidInput ever comes out."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageOps

from recipes.digits.transform import to_digit
from recipes.errors import InvalidInput, Malformed, TooLarge, UnsupportedType
from recipes.pictures.decode import MAX_PIXELS, MAX_SIDE_PX, decode, decode_color, sniff
from recipes.pictures.pixel_data import MAX_JPEG_SEGMENTS, MAX_PNG_CHUNKS, PNG_MAGIC
from tests.digits import any_digit, encoded, on_page
from tests.png import chunk

PNG = encoded(on_page(any_digit(), page_px=64, scale=2))
JPEG = encoded(on_page(any_digit(), page_px=64, scale=2), "JPEG")
IDAT = zlib.compress(b"\0" * 65)


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
    "1 x 3,000,000 pixels": (header(1, 3_000_000) + chunk(b"IDAT", IDAT) + chunk(b"IEND", b""), TooLarge),
    "20,000 segments": (JPEG[:2] + b"\xff\xe0\0\2" * 20_000 + JPEG[2:], TooLarge),
    "20,000 bytes that look like segments": (JPEG[:2] + b"\xff\0" * 20_000 + JPEG[2:], TooLarge),
    "truncated PNG": (PNG[: len(PNG) // 2], Malformed),
    "truncated JPEG": (JPEG[: len(JPEG) // 2], Malformed),
    "PNG header alone": (PNG[:33], Malformed),
    "PNG magic alone": (PNG[:8], Malformed),
    "JPEG magic alone": (JPEG[:3], Malformed),
    "bad header CRC": (PNG[:29] + b"\0\0\0\0" + PNG[33:], Malformed),
    "bad depth": (header(8, 8, depth=3) + chunk(b"IDAT", IDAT) + chunk(b"IEND", b""), Malformed),
    "first chunk longer than the file": (PNG[:8] + b"\x7f\xff\xff\xff" + PNG[12:], Malformed),
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


def test_reads_a_picture_of_a_phone_in_colour_and_refuses_a_larger_one_with_advice_that_holds() -> None:
    """No door takes more of them, so that a job is no way out."""
    cut_off = chunk(b"IDAT", IDAT) + chunk(b"IEND", b"")
    with pytest.raises(Malformed):  # it is not too large
        decode_color(header(4000, 4000, colour=2) + cut_off, target_px=256)
    with pytest.raises(TooLarge, match="the limit is 16 Mpx") as caught:
        decode_color(header(4000, 4001, colour=2) + cut_off, target_px=256)
    assert caught.value.advice == "Send a smaller picture, or a JPEG: of one 50 Mpx are read."


def test_reads_a_png_that_is_an_archive_too() -> None:
    assert to_digit(PNG + b"PK\x03\x04" + bytes(100)) == to_digit(PNG)


def test_reads_the_first_picture_of_a_camera_that_stores_two() -> None:
    page = on_page(any_digit())
    two = encoded(page, "MPO", save_all=True, append_images=[Image.new("L", page.size, 255)])
    assert to_digit(two) == to_digit(encoded(page, "JPEG"))


METADATA = {
    "zTXt bomb": chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(6_000_000), 9)),
    "iTXt bomb": chunk(b"iTXt", b"k\0\1\0\0\0" + zlib.compress(bytes(6_000_000), 9)),
    "iCCP bomb": chunk(b"iCCP", b"k\0\0" + zlib.compress(bytes(6_000_000), 9)),
    "EXIF that Pillow warns of at each of its tags": chunk(
        b"eXIf", b"II*\0\x08\0\0\0" + struct.pack("<H", 9999) + b"".join(struct.pack("<HHII", tag, 2, 99, 1 << 31) for tag in range(9999))
    ),
}


@pytest.mark.parametrize("metadata", METADATA.values(), ids=METADATA)
def test_reads_no_metadata(metadata: bytes) -> None:
    assert to_digit(with_chunks(metadata)) == to_digit(PNG)  # a warning would be an error here


def test_reads_a_jpeg_with_much_metadata_and_bytes_between() -> None:
    segments = b"\xff\xe1\0\x0aExif\0\0MM" * (MAX_JPEG_SEGMENTS // 2) + b"\xff\xff\xff\xfe\0\3a" + bytes(1000)
    assert to_digit(JPEG[:2] + segments + JPEG[2:]) == to_digit(JPEG)


def test_limits_a_side() -> None:
    assert decode(encoded(Image.new("L", (MAX_SIDE_PX, 1)))).size == (MAX_SIDE_PX, 1)
    with pytest.raises(TooLarge, match="limit of a side"):
        decode(encoded(Image.new("L", (MAX_SIDE_PX + 1, 1))))


def test_limits_what_takes_more_memory_a_pixel_more() -> None:
    picture = encoded(Image.new("CMYK", (60, 50)), "JPEG")
    assert decode(picture, max_pixels=6000).size == (60, 50)
    with pytest.raises(TooLarge, match="60×50"):
        decode(picture, max_pixels=5999)


def test_reads_as_many_chunks_as_allowed() -> None:
    own = 3  # IHDR, IDAT, IEND
    assert to_digit(with_chunks(chunk(b"tEXt", b"a\0b") * (MAX_PNG_CHUNKS - own))) == to_digit(PNG)


def test_the_limit_on_pixels_is_the_callers() -> None:
    picture = encoded(Image.new("L", (60, 50)))
    assert decode(picture, max_pixels=3000).size == (60, 50)
    with pytest.raises(TooLarge, match="60×50"):
        decode(picture, max_pixels=2999)
    assert MAX_PIXELS <= 4_000_000


def test_limits_what_is_decoded_of_a_jpeg_that_is_made_smaller_meanwhile() -> None:
    photo = encoded(Image.new("L", (1600, 1200)), "JPEG")
    assert decode(photo, max_pixels=480_000, target_px=600).size == (800, 600)
    with pytest.raises(TooLarge, match=r"the limit is 0\.48 Mpx"):
        decode(photo, max_pixels=480_000, target_px=1000)
    narrow = encoded(Image.new("L", (30_000, 200)), "JPEG")
    with pytest.raises(TooLarge, match="30000×200") as raised:
        decode(narrow, target_px=448)
    assert "POST /jobs" in raised.value.advice


@pytest.mark.parametrize("colour", [2, 6])
def test_a_png_of_colours_of_16_bits_may_have_half_the_pixels(colour: int) -> None:
    data = chunk(b"IDAT", IDAT) + chunk(b"IEND", b"")
    with pytest.raises(TooLarge, match="the limit is 25 Mpx"):
        decode(header(5001, 5000, depth=16, colour=colour) + data, max_pixels=50_000_000)
    with pytest.raises(Malformed):  # it is not too large, but incomplete
        decode(header(5000, 5000, depth=16, colour=colour) + data, max_pixels=50_000_000)


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_limits_what_a_jpeg_that_is_made_smaller_announces(mode: str) -> None:
    photo = bytearray(encoded(Image.new(mode, (64, 64)), "JPEG"))
    at = photo.index(b"\xff\xc0") + 5
    photo[at : at + 4] = struct.pack(">HH", 7000, 7200 if mode == "L" else 3600)
    with pytest.raises(TooLarge, match=r"limit is (50|25) Mpx"):
        decode(bytes(photo), target_px=448)


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


XMP = b'<rdf:Description tiff:Orientation="6"/>'


@pytest.mark.parametrize(
    "picture",
    [
        PNG[:33] + chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP) + PNG[33:],
        JPEG[:2] + b"\xff\xe1" + struct.pack(">H", 31 + len(XMP)) + b"http://ns.adobe.com/xap/1.0/\0" + XMP + JPEG[2:],
    ],
    ids=["PNG", "JPEG"],
)
def test_turns_a_picture_that_says_so_in_xmp(picture: bytes) -> None:
    upright = decode(PNG if picture[:1] == PNG[:1] else JPEG)
    assert decode(picture).tobytes() == upright.transpose(Image.Transpose.ROTATE_270).tobytes()


@pytest.mark.parametrize("format_", ["PNG", "JPEG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_turns_as_pillow_does(format_: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = encoded(on_page(any_digit(), page_px=64, scale=2), format_, exif=exif)
    with Image.open(io.BytesIO(picture)) as opened:
        assert decode(picture).tobytes() == ImageOps.exif_transpose(opened).tobytes()


def test_larger_pictures_may_have_fewer_scans() -> None:
    large = encoded(Image.new("L", (6000, 4000)), "JPEG", progressive=True)
    scan = large.rindex(b"\xff\xda")
    twenty_one = large[:scan] + large[scan:-2] * 16 + b"\xff\xd9"
    assert decode(large, max_pixels=24_000_000, target_px=100).info["full_size"] == (6000, 4000)
    with pytest.raises(TooLarge, match=r"21 scans; the limit is 20 at 24.0 Mpx"):
        decode(twenty_one, max_pixels=24_000_000)


def test_tells_png_and_jpeg_by_their_first_bytes() -> None:
    assert [sniff(PNG), sniff(JPEG), sniff(b"")] == ["image/png", "image/jpeg", None]


def test_takes_of_a_coloured_picture_the_channel_with_the_most_contrast_on_white() -> None:
    ramp = Image.linear_gradient("L").resize((40, 40))
    steep, flat = ramp, ramp.point(lambda level: 100 + level // 8)
    alpha = ramp.transpose(Image.Transpose.ROTATE_90)
    on_white = Image.composite(steep, Image.new("L", steep.size, 255), alpha)
    for at in range(3):
        channels = [steep if at == each else flat for each in range(3)]
        assert decode(encoded(Image.merge("RGB", channels)), is_coloured=True).tobytes() == steep.tobytes()
        assert decode(encoded(Image.merge("RGBA", [*channels, alpha])), is_coloured=True).tobytes() == on_white.tobytes()
