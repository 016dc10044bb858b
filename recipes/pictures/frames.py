"""A GIF, WebP or animated PNG reduced to the pixels of its first frames: what is written beside them is not given to the decoder."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from recipes.errors import Malformed, TooLarge
from recipes.media_types import PNG, TIFF, WEBP
from recipes.pictures import tiff
from recipes.pictures.pixel_data import MAX_EXIF_BYTES, MAX_PNG_CHUNKS, PNG_MAGIC, UPRIGHT, find_xmp_orientation, read_orientation

MAX_FRAMES = 8  # that are looked at
MAX_FRAME_PIXELS = 25_000_000  # of all of them but the first: they are built on each other, in four colours
MAX_GIF_BLOCKS, MAX_WEBP_CHUNKS = 500_000, 4096  # a 25-MB GIF has 100,000 blocks
_GIF_IMAGE, _GIF_EXTENSION, _GIF_CONTROL, _GIF_END = 0x2C, 0x21, 0xF9, b";"
_WEBP_ALPHA, _WEBP_ANIMATED = 0x10, 0x02


@dataclass(frozen=True, slots=True)
class WebpData:
    """A WebP without its metadata, its size in pixels, and EXIF's orientation."""

    content: bytes
    size: tuple[int, int]
    orientation: int


@dataclass(frozen=True, slots=True)
class PngFrame:
    """A frame of an animated PNG as a PNG of its own, and where its left upper corner is in the picture, in pixels."""

    content: bytes
    place: tuple[int, int]


def read_png_frames(image: bytes, size: tuple[int, int]) -> Iterator[PngFrame]:
    """Give the first frames behind the picture that an animated PNG is to those who know no animation.

    Args:    size: of the picture; a frame that is larger, or lies outside, ends it.
    Source:  PNG, third edition, fcTL and fdAT.
    """
    at, header, tables, control, parts = len(PNG_MAGIC), b"", b"", b"", list[bytes]()
    left_over = min(MAX_FRAMES, MAX_FRAME_PIXELS // (size[0] * size[1]))
    for _ in range(MAX_PNG_CHUNKS):
        length, kind = int.from_bytes(image[at : at + 4], "big"), image[at + 4 : at + 8]
        data, at = image[at + 8 : at + 8 + length], at + 12 + length
        if kind == b"IHDR":
            header = data
        elif kind in {b"PLTE", b"tRNS"}:
            tables += _make_chunk(kind, data)
        elif kind == b"fdAT":
            parts.append(data[4:])
        if kind in {b"fcTL", b"IEND", b""} and parts:
            width, height, left, top = struct.unpack_from(">4I", control, 4)
            if left + width > size[0] or top + height > size[1] or not left_over:
                return
            first = _make_chunk(b"IHDR", control[4:12] + header[8:])
            yield PngFrame(PNG_MAGIC + first + tables + _make_chunk(b"IDAT", b"".join(parts)) + _make_chunk(b"IEND", b""), (left, top))
            left_over, parts = left_over - 1, []
        if kind == b"fcTL":
            control = data
        if kind in {b"IEND", b""}:
            return


def _make_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def read_gif(image: bytes) -> bytes:
    """Return a GIF's first frames; raise TooLarge if they have too many blocks. What is cut off stays so, for the decoder to refuse."""
    return image[: _find_gif_blocks(image)] + b"".join(islice(_walk_gif(image), MAX_FRAMES)) + _GIF_END


def _find_gif_blocks(image: bytes) -> int:
    return 13 + _measure_palette(image[10:11])


def _walk_gif(image: bytes) -> Iterator[bytes]:
    """Give each frame of a GIF with the control block before it."""
    at, control, blocks = _find_gif_blocks(image), b"", 0

    def skip_blocks(start: int) -> int:
        nonlocal blocks
        while start < len(image) and (size := image[start]):
            start, blocks = start + 1 + size, blocks + 1
            if blocks > MAX_GIF_BLOCKS:
                raise TooLarge(f"the GIF has more than {MAX_GIF_BLOCKS:,} blocks", advice="Save it as PNG.")
        return start + 1

    while at < len(image):
        start = at
        if image[at] == _GIF_EXTENSION:
            at = skip_blocks(at + 2)
            if image[start + 1 : start + 2] == bytes([_GIF_CONTROL]) and at - start == 8:
                control = image[start:at]
        elif image[at] == _GIF_IMAGE:
            at = skip_blocks(at + 11 + _measure_palette(image[at + 9 : at + 10]))
            yield control + image[start:at]
            control = b""
        else:
            return


def read_webp(image: bytes) -> WebpData:
    """Return a WebP's first frames.

    Raises:  Malformed: it has none. TooLarge: it has too many chunks.
    """
    at, kept, frames, sizes, orientation = 12, [], 0, [], 0
    for _ in range(MAX_WEBP_CHUNKS):
        kind, data = image[at : at + 4], image[at + 8 : at + 8 + int.from_bytes(image[at + 4 : at + 8], "little")]
        if len(kind) < 4:
            break
        at += 8 + len(data) + len(data) % 2
        if kind == b"VP8X" and len(data) >= 10:
            sizes.append((1 + int.from_bytes(data[4:7], "little"), 1 + int.from_bytes(data[7:10], "little")))
            data = bytes([data[0] & (_WEBP_ALPHA | _WEBP_ANIMATED)]) + data[1:10]
        elif kind == b"VP8 " and len(data) >= 10:
            sizes.append((int.from_bytes(data[6:8], "little") & 0x3FFF, int.from_bytes(data[8:10], "little") & 0x3FFF))
        elif kind == b"VP8L" and len(data) >= 5:
            bits = int.from_bytes(data[1:5], "little")
            sizes.append((1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)))
        elif kind == b"EXIF":
            orientation = orientation or read_orientation(data[:MAX_EXIF_BYTES].removeprefix(b"Exif\0\0"))
        elif kind == b"XMP ":
            orientation = orientation or find_xmp_orientation(data[:MAX_EXIF_BYTES])
        frames += kind == b"ANMF"
        if kind in {b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM"} or (kind == b"ANMF" and frames <= MAX_FRAMES):
            kept.append(kind + len(data).to_bytes(4, "little") + data + bytes(len(data) % 2))
    else:
        raise TooLarge(f"the WebP has more than {MAX_WEBP_CHUNKS} chunks", advice="Save it as PNG.")
    if not sizes:
        raise Malformed("the WebP has no picture in it", advice="Save the picture again and send that.")
    body = b"WEBP" + b"".join(kept)
    size = max(width for width, _ in sizes), max(height for _, height in sizes)
    return WebpData(b"RIFF" + len(body).to_bytes(4, "little") + body, size, orientation or UPRIGHT)


def count_frames(kind: str, image: bytes) -> int:
    """Return how many frames or pages a picture that was decoded has, or how many of them are counted before that takes long.

    Args:    kind: its media type.
    """
    if kind == PNG:
        at = image.find(b"acTL")
        return max(1, int.from_bytes(image[at + 4 : at + 8], "big"))
    if kind == TIFF:
        return tiff.count_pages(image)
    if kind == WEBP:
        return max(1, image.count(b"ANMF", 0, len(image))) if image[12:16] == b"VP8X" and image[20] & _WEBP_ANIMATED else 1
    counted = 0
    with suppress(TooLarge):
        for _ in _walk_gif(image):
            counted += 1
    return counted


def _measure_palette(flags: bytes) -> int:
    """Return the bytes of the palette that a GIF's flags announce."""
    return 3 << (flags[0] & 7) + 1 if flags and flags[0] & 0x80 else 0
