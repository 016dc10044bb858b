"""PNGs as most programs write them, straight to Pillow's decoder: its reader of files takes longer over 28 × 28 pixels than the decoder."""

from binascii import crc32
from typing import NamedTuple

from PIL import Image

from recipes.pictures.pixel_data import PNG_MAGIC
from recipes.pictures.stored_blocks import store_blocks

_HEAD, _DATA, _END = b"\0\0\0\x0dIHDR", b"IDAT", b"\0\0\0\0IEND"
# Depth, colours, compression, filters and no interlacing, as the header has them, to Pillow's mode.
_MODES = {b"\x08\0\0\0\0": "L", b"\x08\2\0\0\0": "RGB", b"\x08\6\0\0\0": "RGBA"}


class PlainPng(NamedTuple):
    """A PNG of 8 bits a sample without palette and transparent colour, not yet decoded.

    Args:    size: width and height in pixels.
             packed: the pixels, as zlib packed them.
    """

    mode: str
    size: tuple[int, int]
    packed: bytes

    def decode(self) -> Image.Image:
        """Return its pixels; raise ValueError if they are damaged or incomplete."""
        width, height = self.size
        rows = height * (1 + width * len(self.mode))  # each begins with its filter; a channel is a letter of the mode
        return Image.frombytes(self.mode, self.size, store_blocks(self.packed, rows), "zip", self.mode)


def find_plain(content: bytes) -> PlainPng | None:
    """Return a plain PNG by its header and its data; None for any other, and for one that is damaged.

    Args:    content: as `read_png` gives it, without metadata.
    """
    start = len(PNG_MAGIC)
    head, mode = content[start : start + 25], _MODES.get(content[start + 16 : start + 21])
    width, height = int.from_bytes(head[8:12], "big"), int.from_bytes(head[12:16], "big")
    if not mode or not width or not height or not head.startswith(_HEAD) or crc32(head[4:21]) != int.from_bytes(head[21:], "big"):
        return None
    at, packed = start + 25, []
    while content.startswith(_DATA, at + 4):
        end = at + 8 + int.from_bytes(content[at : at + 4], "big")
        packed.append(content[at + 8 : end])
        at = end + 4
    return PlainPng(mode, (width, height), b"".join(packed)) if content.startswith(_END, at) else None
