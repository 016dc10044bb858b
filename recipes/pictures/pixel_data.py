"""A PNG or JPEG reduced to what its pixels need: metadata is not given to the decoder, which may take longer over it than over pixels.

How the camera was held is the only thing that is read of the metadata.
"""

import re
from typing import NamedTuple

from recipes.errors import TooLarge

PNG_MAGIC, JPEG_MAGIC = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
MAX_PNG_CHUNKS, MAX_JPEG_SEGMENTS = 4096, 4096
MAX_EXIF_BYTES = 1 << 16  # as much as a JPEG's segment holds
UPRIGHT = 1
_PIXEL_CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
_XMP_KEY, _EXIF_KEY = b"http://ns.adobe.com/xap/1.0/\0", b"Exif\0\0"
_XMP_ORIENTATION = rb'tiff:Orientation(?:\s*=\s*["\']|>)([1-8])'  # compiled when a picture first has XMP
_ORIENTATION_TAG = 0x0112
_SCAN, _EXIF_OR_XMP = 0xDA, 0xE1
# Frames, tables, restart intervals, and whether colours are Adobe's. All others that have a length are left out.
_PIXEL_SEGMENTS = {*range(0xC0, 0xD0), 0xDB, 0xDD, 0xEE}
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xDA)}


class PixelData(NamedTuple):
    """A picture without its metadata.

    Args:    content: the PNG or JPEG.
             orientation: EXIF's, 1 to 8.
    """

    content: bytes
    orientation: int


def read_png(image: bytes) -> PixelData:
    """Return a PNG's pixels; raise TooLarge if it has too many chunks: each costs the decoder more than the bytes it may be."""
    at, kept, exif, xmp = len(PNG_MAGIC), [PNG_MAGIC], 0, 0
    for _ in range(MAX_PNG_CHUNKS):
        kind, end = image[at + 4 : at + 8], at + 12 + int.from_bytes(image[at : at + 4], "big")
        if kind in _PIXEL_CHUNKS:
            kept.append(image[at:end])
        elif kind == b"eXIf":
            exif = exif or read_orientation(image[at + 8 : min(end - 4, at + 8 + MAX_EXIF_BYTES)])
        elif kind == b"iTXt" and image.startswith(b"XML:com.adobe.xmp\0", at + 8):
            xmp = xmp or find_xmp_orientation(image[at + 8 : min(end - 4, at + 8 + MAX_EXIF_BYTES)])
        if kind == b"IEND" or end >= len(image):
            return PixelData(b"".join(kept), exif or xmp or UPRIGHT)
        at = end
    raise TooLarge(f"the PNG has more than {MAX_PNG_CHUNKS} chunks", advice="Save the picture again without its metadata.")


def read_jpeg(image: bytes) -> PixelData:
    """Return a JPEG's pixels; raise TooLarge if it has too many segments before them."""
    at, kept, exif, xmp = 2, [image[:2]], 0, 0
    for _ in range(MAX_JPEG_SEGMENTS):
        at = image.find(b"\xff", at)  # what is between segments is nothing
        if at < 0 or at + 1 >= len(image):
            break
        marker = image[at + 1]
        if marker == _SCAN:
            kept.append(image[at:])
            break
        if marker in {0x00, 0xFF} or marker in _WITHOUT_LENGTH:
            at += 1 if marker == 0xFF else 2
            continue
        segment = image[at : at + 2 + int.from_bytes(image[at + 2 : at + 4], "big")]
        at += max(4, len(segment))
        if marker in _PIXEL_SEGMENTS:
            kept.append(segment)
        elif marker == _EXIF_OR_XMP and segment.startswith(_EXIF_KEY, 4):
            exif = exif or read_orientation(segment[4 + len(_EXIF_KEY) :])
        elif marker == _EXIF_OR_XMP and segment.startswith(_XMP_KEY, 4):
            xmp = xmp or find_xmp_orientation(segment)
    else:
        raise TooLarge(
            f"the JPEG has more than {MAX_JPEG_SEGMENTS} segments before its pixels", advice="Save the picture again without its metadata."
        )
    return PixelData(b"".join(kept), exif or xmp or UPRIGHT)


def read_orientation(tiff: bytes) -> int:
    """Return the orientation in EXIF's first directory, 1 to 8; 0 if it does not say one.

    Source:  TIFF 6.0, image file directories.
    """
    if tiff[:2] not in {b"II", b"MM"}:
        return 0

    def read(at: int, size: int) -> int:
        return int.from_bytes(tiff[at : at + size], "little" if tiff[:1] == b"I" else "big")

    first = read(4, 4) + 2
    for entry in range(first, min(first + 12 * read(first - 2, 2), len(tiff) - 11), 12):
        if read(entry, 2) == _ORIENTATION_TAG:
            value = read(entry + 8, {1: 1, 3: 2}.get(read(entry + 2, 2), 4))
            return value if 1 <= value <= 8 else 0
    return 0


def find_xmp_orientation(xmp: bytes) -> int:
    """Return the orientation that XMP says, 1 to 8; 0 if it does not say one."""
    found = re.search(_XMP_ORIENTATION, xmp)
    return int(found[1]) if found else 0
