"""A TIFF's pages, each as a TIFF of nothing but its pixels: its directory is written anew, so no decoder reads another.

Source:  TIFF 6.0; Adobe's TIFF technical note 2 for what is packed with deflate.
"""

import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from recipes.errors import InvalidInput, Malformed, TooLarge, UnsupportedType
from recipes.pictures.pixel_data import UPRIGHT

MAX_ENTRIES, MAX_PARTS, MAX_TILE_PX = 512, 200_000, 4096
MAX_DIRECTORIES = 1000
_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _FILL_ORDER = 256, 257, 258, 259, 262, 266
_STRIPS, _ORIENTATION, _SAMPLES, _ROWS, _STRIP_BYTES, _PLANAR = 273, 274, 277, 278, 279, 284
_PREDICTOR, _PALETTE, _TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_BYTES, _EXTRA, _FORMAT = 317, 320, 322, 323, 324, 325, 338, 339
_SUBFILE, _SUB_DIRECTORIES, _DNG = 254, 330, 0xC612
_KEPT = (
    *(_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _FILL_ORDER, _STRIPS, _SAMPLES, _ROWS, _STRIP_BYTES, _PLANAR),
    *(_PREDICTOR, _PALETTE, _TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_BYTES, _EXTRA, _FORMAT),
)
_LONGS = {_WIDTH, _HEIGHT, _ROWS, _STRIPS, _STRIP_BYTES, _TILES, _TILE_BYTES, _TILE_WIDTH, _TILE_HEIGHT}
_ITEM_BYTES, _CODES = {1: 1, 3: 2, 4: 4}, {1: "B", 3: "H", 4: "I"}  # of BYTE, SHORT and LONG
_UNPACKED = {1, 5, 8, 32_773, 32_946}  # none, LZW, deflate, PackBits, and deflate by its old number
_PACKINGS = {2: "CCITT's codes", 3: "fax codes", 4: "fax codes", 6: "JPEG", 7: "JPEG", 34_712: "JPEG 2000", 34_925: "LZMA", 50_000: "zstd"}
_COLOURS = {0, 1, 2, 3, 5}  # white is 0, black is 0, RGB, palette, CMYK


class Page(NamedTuple):
    """One page.

    Args:    content: a TIFF of it alone.
             size: width and height in pixels, as they are stored.
             bits: of one pixel.
             orientation: EXIF's, 1 to 8.
    """

    content: bytes
    size: tuple[int, int]
    bits: int
    orientation: int


def read_pages(content: bytes, count: int) -> Iterator[Page]:
    """Give the first pages of a TIFF, so many at most; previews are left out.

    Raises:  InvalidInput: the first is broken, or packed or coloured in a way that is not read here.
    """
    for directory in islice(_walk(content), count):
        yield _build_page(content, directory)


def count_pages(content: bytes) -> int:
    """Return how many pages a TIFF has, or how many come before one that is broken."""
    counted = 0
    with suppress(InvalidInput, struct.error):
        for _ in _walk(content):
            counted += 1
    return counted


def _walk(content: bytes) -> Iterator["_Directory"]:
    """Give the directory of each page."""
    order = "<" if content.startswith(b"II") else ">"
    (at,) = struct.unpack_from(f"{order}I", content.ljust(8, b"\0"), 4)
    seen = set[int]()
    while at and at not in seen and len(seen) < MAX_DIRECTORIES:
        directory, following = _read_directory(content, at, order)
        is_preview = bool(directory.get(_SUBFILE) & 1)
        if _DNG in directory.entries or (_SUB_DIRECTORIES in directory.entries and is_preview):
            raise UnsupportedType("the TIFF is a camera's raw picture", advice="Save it as PNG or JPEG and send that.")
        if not seen or not is_preview:
            yield directory
        seen.add(at)
        at = following
    if not seen:
        raise Malformed("the TIFF has no page", advice="Save the picture again and send that.")


@dataclass(frozen=True, slots=True)
class _Directory:
    """A page's tags: each with the code of its values, how many there are, and where they begin."""

    content: bytes
    order: str
    entries: dict[int, tuple[str, int, int]]

    def get(self, tag: int, default: int = 0) -> int:
        code, count, at = self.entries.get(tag, ("", 0, 0))
        return int(struct.unpack_from(f"{self.order}{code}", self.content, at)[0]) if count else default

    def get_all(self, tag: int) -> tuple[int, ...]:
        if tag not in self.entries:
            return ()
        code, count, at = self.entries[tag]
        return struct.unpack_from(f"{self.order}{count}{code}", self.content, at)


def _read_directory(content: bytes, at: int, order: str) -> tuple[_Directory, int]:
    """Return a directory's tags of whole numbers, and where the next directory is; 0 if there is none."""
    (count,) = struct.unpack_from(f"{order}H", content, at)
    if count > MAX_ENTRIES:
        raise TooLarge(f"the TIFF's directory has {count:,} entries; the limit is {MAX_ENTRIES}", advice="Save it as PNG.")
    entries: dict[int, tuple[str, int, int]] = {}
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        tag, kind, values = struct.unpack_from(f"{order}HHI", content, entry)
        if kind not in _CODES or values > MAX_PARTS:
            if tag in {*_KEPT, _ORIENTATION, _SUBFILE}:
                raise Malformed(f"the TIFF's tag {tag} is not of few whole numbers", advice="Save the picture again and send that.")
            continue
        where = entry + 8 if values * _ITEM_BYTES[kind] <= 4 else struct.unpack_from(f"{order}I", content, entry + 8)[0]
        entries.setdefault(tag, (_CODES[kind], values, where))
    (following,) = struct.unpack_from(f"{order}I", content, at + 2 + 12 * count)
    return _Directory(content, order, entries), following


def _build_page(content: bytes, directory: _Directory) -> Page:
    width, height, samples = directory.get(_WIDTH), directory.get(_HEIGHT), directory.get(_SAMPLES, 1)
    bits = directory.get_all(_BITS) or (1,)
    _check_pixels(directory, bits, samples)
    parts = _TILES if _TILES in directory.entries else _STRIPS
    sizes = directory.get_all(_TILE_BYTES if parts == _TILES else _STRIP_BYTES)
    if not width or not height or not sizes or len(sizes) != len(directory.get_all(parts)):
        raise Malformed("the TIFF does not say where its pixels are", advice="Save the picture again and send that.")
    if sum(sizes) > len(content):
        raise Malformed("the TIFF is incomplete, or its parts lie over each other", advice="Save the picture again and send that.")
    if parts == _TILES and not 0 < max(directory.get(_TILE_WIDTH), directory.get(_TILE_HEIGHT)) <= MAX_TILE_PX:
        raise TooLarge(f"the TIFF's tiles have more than {MAX_TILE_PX} pixels a side", advice="Save it as PNG.")
    values = {tag: directory.get_all(tag) for tag in _KEPT if tag in directory.entries}
    values[_ROWS] = (min(directory.get(_ROWS, height), height),)
    if parts == _TILES:
        for tag in (_STRIPS, _STRIP_BYTES, _ROWS):
            values.pop(tag, None)
    orientation = directory.get(_ORIENTATION, UPRIGHT)
    return Page(
        _write(content, values, directory.order), (width, height), max(bits) * samples, orientation if 1 <= orientation <= 8 else UPRIGHT
    )


def _check_pixels(directory: _Directory, bits: tuple[int, ...], samples: int) -> None:
    packing, colours = directory.get(_COMPRESSION, 1), directory.get(_PHOTOMETRIC, 1)
    if packing not in _UNPACKED:
        raise UnsupportedType(
            f"the TIFF is packed with {_PACKINGS.get(packing, f'method {packing}')}; none, LZW, deflate and PackBits are read here",
            advice="Save it as PNG, or as TIFF packed with LZW.",
        )
    is_whole = set(directory.get_all(_FORMAT)) <= {1}
    if colours not in _COLOURS or not is_whole or max(bits) > 16 or not 1 <= samples <= 5 or len(bits) not in {1, samples}:
        raise UnsupportedType("the TIFF has pixels of a kind that is not read here", advice="Save it as PNG, or as TIFF in RGB of 8 bits.")


def _write(content: bytes, values: dict[int, tuple[int, ...]], order: str) -> bytes:
    """Return the content with another directory behind it, which is the one that its header names."""
    start = len(content) + len(content) % 2
    entries, arrays, at = [], [], start + 2 + 12 * len(values) + 4
    for tag, numbers in sorted(values.items()):
        kind = 4 if tag in _LONGS else 3
        packed = struct.pack(f"{order}{len(numbers)}{_CODES[kind]}", *numbers)
        entries.append(struct.pack(f"{order}HHI", tag, kind, len(numbers)))
        if len(packed) <= 4:
            entries.append(packed.ljust(4, b"\0"))
        else:
            entries.append(struct.pack(f"{order}I", at))
            arrays.append(packed)
            at += len(packed)
    directory = struct.pack(f"{order}H", len(values)) + b"".join(entries) + bytes(4) + b"".join(arrays)
    return content[:4] + struct.pack(f"{order}I", start) + content[8:].ljust(start - 8, b"\0") + directory
