"""WebP, GIF, BMP and TIFF opened with Pillow's own plugins, each reduced first to what its pixels need, as PNG and JPEG are.

A picture of several frames or pages gives the first few of them, for the first of them is often blank.
"""

import io
from collections.abc import Callable, Iterator

from PIL import BmpImagePlugin, GifImagePlugin, Image, TiffImagePlugin, WebPImagePlugin

from recipes.errors import TooLarge, UnsupportedType
from recipes.media_types import BMP, GIF, TIFF, WEBP
from recipes.pictures import tiff
from recipes.pictures.frames import MAX_FRAME_PIXELS, MAX_FRAMES, read_gif, read_webp
from recipes.pictures.pixel_data import UPRIGHT

# Fewer than of others: Pillow and libwebp hold a WebP four times until it is grey, and libtiff a strip beside the rest.
MAX_WEBP_PIXELS, MAX_DEEP_PIXELS = 25_000_000, 25_000_000
MAX_PIXELS = 50_000_000
MAX_RLE_BYTES = 2 << 20  # Pillow unpacks a BMP's runs in Python
RLE = (1, 2)
CheckSize = Callable[[int, int, int], None]
Opened = tuple[Image.Image, int]  # an image whose pixels are not decoded yet, and EXIF's orientation


def open_frames(kind: str, image: bytes, check_size: CheckSize) -> Iterator[Opened]:
    """Give a picture's first frames, each to be decoded before the next is asked for.

    Args:    kind: its media type.
             check_size: raises TooLarge for a width and a height, and the most pixels that such a picture may have anywhere.
    Raises:  InvalidInput: it is too large, or of a kind that is not read here. Pillow's errors: it is damaged.
    """
    openers: dict[str, Callable[[bytes, CheckSize], Iterator[Opened]]] = {
        WEBP: _open_webp,
        GIF: _open_gif,
        BMP: _open_bmp,
        TIFF: _open_tiff,
    }
    return openers[kind](image, check_size)


def _open_webp(image: bytes, check_size: CheckSize) -> Iterator[Opened]:
    pixels = read_webp(image)
    check_size(*pixels.size, MAX_WEBP_PIXELS)
    with WebPImagePlugin.WebPImageFile(io.BytesIO(pixels.content)) as opened:
        yield from _seek_frames(opened, check_size, MAX_WEBP_PIXELS, pixels.orientation)


def _open_gif(image: bytes, check_size: CheckSize) -> Iterator[Opened]:
    with GifImagePlugin.GifImageFile(io.BytesIO(read_gif(image))) as opened:
        yield from _seek_frames(opened, check_size, MAX_PIXELS, UPRIGHT)


def _open_bmp(image: bytes, check_size: CheckSize) -> Iterator[Opened]:
    is_packed = int.from_bytes(image[30:34], "little") in RLE and len(image) > MAX_RLE_BYTES
    if is_packed:
        raise TooLarge(
            f"the BMP is packed in runs and has {len(image):,} bytes; the limit of that is {MAX_RLE_BYTES:,}", advice="Save it as PNG."
        )
    with BmpImagePlugin.BmpImageFile(io.BytesIO(image)) as opened:
        check_size(*opened.size, MAX_PIXELS)
        opened.load()
        is_opaque = opened.mode == "RGBA" and opened.getchannel("A").getbbox() is None  # the fourth byte is nothing that anybody set
        yield opened.convert("RGB") if is_opaque else opened, UPRIGHT


def _open_tiff(image: bytes, check_size: CheckSize) -> Iterator[Opened]:
    pixels_left = MAX_FRAME_PIXELS
    for number, page in enumerate(tiff.read_pages(image, MAX_FRAMES)):
        width, height = page.size
        pixels_left -= width * height if number else 0
        if pixels_left < 0:
            return
        check_size(width, height, MAX_DEEP_PIXELS if page.bits > 8 else MAX_PIXELS)
        try:
            opened = TiffImagePlugin.TiffImageFile(io.BytesIO(page.content))
        except SyntaxError as error:
            raise UnsupportedType("the TIFF has pixels of a kind that is not read here", advice="Save it as PNG.") from error
        with opened:
            yield opened, page.orientation


def _seek_frames(opened: Image.Image, check_size: CheckSize, most: int, orientation: int) -> Iterator[Opened]:
    """Give an animation's frames; each is what is seen then, not only what changes."""
    width, height = opened.size
    for number in range(min(MAX_FRAMES, 1 + MAX_FRAME_PIXELS // max(1, width * height))):
        try:
            opened.seek(number)
        except EOFError:
            return
        check_size(*opened.size, most)  # a frame that is larger than the first makes a GIF larger
        yield opened, orientation
