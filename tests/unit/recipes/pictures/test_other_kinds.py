"""WebP, GIF, BMP and TIFF: the same picture as in a PNG, the first frame with something on it, and bounds before any pixel is decoded."""

import struct

import pytest
from PIL import Image, ImageChops

from recipes.errors import Malformed, TooLarge, UnsupportedType
from recipes.media_types import BMP, GIF, TIFF, WEBP
from recipes.pictures import frames
from recipes.pictures.decode import count_frames, decode, sniff
from tests.digits import any_digit, encoded, on_page

PAGE = on_page(any_digit(), page_px=64, scale=2)
BLANK = Image.new("L", PAGE.size, 250)


def differ(one: Image.Image, other: Image.Image) -> int:
    """Return the greatest difference of two pictures' levels."""
    assert one.size == other.size
    levels = ImageChops.difference(one, other).histogram()
    return max(level for level, count in enumerate(levels) if count)


CLEAR = Image.merge("LA", (Image.new("L", PAGE.size), ImageChops.invert(PAGE)))  # the ink alone is opaque
PICTURES = {
    "WebP, lossless": encoded(PAGE.convert("RGB"), "WEBP", lossless=True),
    "WebP, transparent": encoded(CLEAR.convert("RGBA"), "WEBP", lossless=True, exact=True),
    "GIF": encoded(PAGE, "GIF"),
    "GIF of a palette": encoded(PAGE.convert("RGB").quantize(256), "GIF"),
    "BMP": encoded(PAGE, "BMP"),
    "BMP in colour": encoded(PAGE.convert("RGB"), "BMP"),
    "BMP, fourth byte unset": encoded(Image.merge("RGBA", (PAGE, PAGE, PAGE, Image.new("L", PAGE.size))), "BMP"),
    **{f"TIFF, {packing}": encoded(PAGE, "TIFF", compression=packing) for packing in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits")},
    **{f"TIFF in {mode}": encoded(PAGE.convert(mode), "TIFF", compression="tiff_lzw") for mode in ("RGB", "RGBA", "CMYK", "LA", "P")},
    "TIFF of 16 bits": encoded(Image.frombytes("I;16", PAGE.size, b"".join(bytes((0, level)) for level in PAGE.tobytes())), "TIFF"),
    "TIFF, 16 bits big-endian": encoded(
        Image.frombytes("I;16B", PAGE.size, b"".join(bytes((level, 0)) for level in PAGE.tobytes())), "TIFF"
    ),
    "TIFF in tiles": encoded(PAGE, "TIFF", compression="tiff_lzw", tiffinfo={322: 32, 323: 32}),
}


@pytest.mark.parametrize("name", PICTURES)
def test_reads_the_same_picture_from_each_format(name: str) -> None:
    assert differ(decode(PICTURES[name]), PAGE) <= 2


def test_reads_a_lossy_webp() -> None:
    assert differ(decode(encoded(PAGE, "WEBP", quality=95)), PAGE) < 80


def test_reads_a_bilevel_tiff() -> None:
    bilevel = PAGE.convert("1")
    assert differ(decode(encoded(bilevel, "TIFF", compression="packbits")), bilevel.convert("L")) == 0


EXIF = Image.Exif()
EXIF[0x0112] = 6  # turned by a quarter
TURNED = {
    WEBP: encoded(PAGE.convert("RGB").rotate(90), "WEBP", lossless=True, exif=EXIF),
    TIFF: encoded(PAGE.rotate(90), "TIFF", tiffinfo={274: 6}),
}


@pytest.mark.parametrize("kind", TURNED)
def test_turns_a_picture_as_its_camera_was_held(kind: str) -> None:
    assert sniff(TURNED[kind]) == kind
    assert differ(decode(TURNED[kind]), PAGE) <= 2


MARK = Image.new("L", PAGE.size, 250)
MARK.paste(0, (20, 20, 30, 40))  # differs in a part alone
FRAMES = {
    "PNG": encoded(BLANK, "PNG", save_all=True, append_images=[BLANK, MARK]),
    "PNG of whole frames": encoded(BLANK, "PNG", save_all=True, default_image=True, append_images=[MARK.copy(), BLANK], blend=0),
    "GIF": encoded(BLANK, "GIF", save_all=True, append_images=[BLANK, MARK]),
    "WebP": encoded(BLANK.convert("RGB"), "WEBP", save_all=True, append_images=[BLANK.convert("RGB"), MARK.convert("RGB")], lossless=True),
    "TIFF": encoded(BLANK, "TIFF", save_all=True, append_images=[BLANK, MARK], compression="tiff_lzw"),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_reads_the_first_frame_with_something_on_it(kind: str) -> None:
    assert differ(decode(FRAMES[kind]), MARK) <= 2


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP", "TIFF"])
def test_looks_at_few_frames(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    noisy = [Image.new("RGB", PAGE.size, (200 + number % 8, 200, 200)) for number in range(12)]
    content = encoded(
        noisy[0], kind, save_all=True, append_images=[*noisy[1:], MARK.convert("RGB")], **({"lossless": True} if kind == "WEBP" else {})
    )
    assert differ(decode(content), noisy[0].convert("L")) <= 8  # the first, which is blank, and not the last


def test_counts_the_frames_of_what_has_several() -> None:
    counts = {kind: count_frames(content) for kind, content in FRAMES.items()}
    assert counts == {"PNG": 3, "PNG of whole frames": 2, "GIF": 2, "WebP": 2, "TIFF": 3}  # equal ones are written as one
    assert {count_frames(content) for content in (*PICTURES.values(), encoded(PAGE, "PNG"), encoded(PAGE, "JPEG"), b"")} == {1}


def tiff(**tags: tuple[int, int, int]) -> bytes:
    """Return a TIFF of one tag after another: its number, type and value."""
    entries = b"".join(struct.pack("<HHII", number, kind, 1, value) for number, kind, value in sorted(tags.values()))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + bytes(4) + bytes(64)


def gif(screen_px: int, frame_px: int) -> bytes:
    frame = b"," + struct.pack("<HHHH", 0, 0, frame_px, frame_px) + bytes(5)
    return b"GIF89a" + struct.pack("<HH", screen_px, screen_px) + bytes(3) + frame


def bmp(width: int, height: int, packing: int = 0) -> bytes:
    return b"BM" + bytes(8) + struct.pack("<IIIIHHI", 54, 40, width, height, 1, 8, packing) + bytes(90)


SOUND = {
    "width": (256, 3, 4),
    "height": (257, 3, 4),
    "bits": (258, 3, 8),
    "colours": (262, 3, 1),
    "at": (273, 4, 130),
    "size": (279, 4, 16),
}
REFUSED: dict[str, tuple[bytes, type[Exception], str]] = {
    "a TIFF of fax codes": (encoded(PAGE.convert("1"), "TIFF", compression="group4"), UnsupportedType, "fax codes"),
    "a TIFF of a JPEG": (encoded(PAGE, "TIFF", compression="jpeg"), UnsupportedType, "packed with JPEG"),
    "a TIFF of floats": (encoded(PAGE.convert("F"), "TIFF"), UnsupportedType, "kind that is not read"),
    "a TIFF of 32 bits": (encoded(PAGE.convert("I"), "TIFF"), UnsupportedType, "kind that is not read"),
    "a raw picture": (tiff(**SOUND, dng=(0xC612, 1, 1)), UnsupportedType, "raw picture"),
    "a large TIFF": (tiff(**SOUND | {"width": (256, 4, 60_000), "height": (257, 4, 60_000)}), TooLarge, "Mpx"),
    "a TIFF of large tiles": (tiff(**SOUND, t=(322, 4, 9000), u=(323, 4, 9000), v=(324, 4, 8), w=(325, 4, 8)), TooLarge, "tiles"),
    "a TIFF of parts over each other": (tiff(**SOUND | {"size": (279, 4, 9000)}), Malformed, "incomplete"),
    "a TIFF without pixels": (tiff(width=(256, 3, 4), height=(257, 3, 4)), Malformed, "where its pixels are"),
    "a cut TIFF": (encoded(PAGE, "TIFF")[:200], Malformed, "incomplete"),
    "a cut GIF": (encoded(PAGE, "GIF")[:-60], Malformed, "damaged"),
    "a cut WebP": (encoded(PAGE, "WEBP")[:-60], Malformed, "damaged"),
    "a cut BMP": (encoded(PAGE, "BMP")[:-60], Malformed, "damaged"),
    "a WebP without a picture": (b"RIFF\4\0\0\0WEBP", Malformed, "no picture"),
    "a large WebP": (b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\xff\x3f\0" * 2, TooLarge, "Mpx"),
    "a large GIF": (gif(60_000, 60_000), TooLarge, "Mpx"),
    "a GIF of a large frame": (gif(4, 60_000), TooLarge, "Mpx"),
    "a large BMP": (bmp(60_000, 60_000), TooLarge, "Mpx"),
    "a BMP of long runs": (bmp(9, 9, packing=1) + bytes(3 << 20), TooLarge, "runs"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_what_cannot_or_should_not_be_decoded(name: str) -> None:
    content, kind, words = REFUSED[name]
    with pytest.raises(kind, match=words) as caught:
        decode(content)
    assert caught.value.advice  # type: ignore[attr-defined]


def test_gives_no_metadata_to_the_decoder() -> None:
    noise = b"\xff" * 5000
    gif = encoded(PAGE, "GIF", comment=b"a comment that costs a decoder time")
    assert b"a comment" in gif
    assert b"a comment" not in frames.read_gif(gif)
    webp = frames.read_webp(encoded(PAGE, "WEBP", exif=EXIF, xmp=noise, icc_profile=noise))
    assert noise not in webp.content
    assert webp.orientation == 6


def test_bounds_the_blocks_of_a_gif(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "MAX_GIF_BLOCKS", 3)
    with pytest.raises(TooLarge, match="blocks"):
        decode(b"GIF89a" + bytes(7) + b"!\xfe" + b"\1a" * 10)


def test_takes_no_text_for_a_bmp() -> None:
    assert sniff(b"BM,PS,depth\n1,2,3\n") is None
    assert [sniff(encoded(PAGE, kind)) for kind in ("BMP", "GIF", "WEBP", "TIFF")] == [BMP, GIF, WEBP, TIFF]
