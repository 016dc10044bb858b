"""Any picture → a grey or coloured Pillow image of 8 bits, upright and opaque; a harmful one is refused before it is decoded."""

import io
import struct
from collections.abc import Callable

from PIL import Image

from recipes.errors import Malformed, TooLarge
from recipes.media_types import BMP, GIF, JPEG, PNG, TIFF, WEBP
from recipes.pictures.opaque import BLANK_LEVELS, choose_channel, convert_to_grey, convert_to_rgb
from recipes.pictures.pixel_data import JPEG_MAGIC, PNG_MAGIC, UPRIGHT, PixelData, read_jpeg, read_png
from recipes.pictures.plain_png import find_plain

MAX_PIXELS = 4_000_000
MAX_COLOR_PIXELS = 16_000_000  # a coloured pixel takes four bytes, and three pictures of them are in memory where one is transparent
MAX_REDUCED_PIXELS = 50_000_000  # of a JPEG that is made smaller while it is decoded: as many as a page may have
MAX_SIDE_PX = 30_000  # a decoder's memory and time also grow with the rows, however short they are
CMYK_SHARE = 0.5  # of the pixels: each takes twice the memory of the others until it is grey
MAX_DEEP_PIXELS = 25_000_000  # of a PNG of colours of 16 bits: each takes twice the time of the others until it is grey
DEEP_COLORS = {b"\x10\2", b"\x10\6"}  # depth and colours, as a PNG's header has them
READS = "PNG, JPEG, WebP, GIF, BMP and TIFF are read here."
MAX_JPEG_SCANS = 32
# Every scan of a progressive JPEG is a pass over the whole picture: 32 of 15 Mpx, or the usual ten of 50 Mpx.
MAX_SCANNED_PIXELS = 500_000_000
# Everything Pillow's decoders have been seen to raise on hostile files.
DECODING_ERRORS = (OSError, ValueError, SyntaxError, EOFError, MemoryError, IndexError, KeyError, TypeError, struct.error, OverflowError)
Image.MAX_IMAGE_PIXELS = None  # its own limit warns below twice of it; `decode` checks the size before any pixel is decoded
BMP_HEADERS = {length.to_bytes(4, "little") for length in (12, 40, 52, 56, 64, 108, 124)}
Convert = Callable[[Image.Image], Image.Image]  # a decoded frame → "L" or "RGB", opaque
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def sniff(image: bytes) -> str | None:
    """Return a picture's media type by its first bytes; None if they are of no kind that is read here."""
    if image.startswith(PNG_MAGIC):
        return PNG
    if image.startswith(JPEG_MAGIC):
        return JPEG
    if image.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if image.startswith(b"RIFF") and image[8:12] == b"WEBP":
        return WEBP
    if image.startswith((b"II*\0", b"MM\0*")) and image[8:10] != b"CR":  # Canon's raw pictures begin so
        return TIFF
    # Text may begin with BM too; a BMP's header has one of few lengths.
    return BMP if image.startswith(b"BM") and image[14:18] in BMP_HEADERS else None


def is_animated_png(image: bytes) -> bool:
    """Return whether a picture is a PNG that says it is animated."""
    return image.startswith(PNG_MAGIC) and image.find(b"acTL", 0, max(0, image.find(b"IDAT"))) > 0


def count_frames(image: bytes) -> int:
    """Return how many frames or pages a picture has that `decode` took."""
    kind = sniff(image)
    if kind is None or kind in {JPEG, BMP} or (kind == PNG and not is_animated_png(image)):
        return 1
    from recipes.pictures import frames  # noqa: PLC0415 - few pictures have several, and every start would pay for it

    return frames.count_frames(kind, image)


def decode(image: bytes, *, max_pixels: int = MAX_PIXELS, target_px: int | None = None, is_coloured: bool = False) -> Image.Image:
    """Return an encoded picture as an upright, opaque "L" image.

    Args:    image: a PNG, JPEG, WebP, GIF, BMP or TIFF. Of several frames or pages the first counts that is not blank.
             max_pixels: the most pixels that are decoded. A JPEG that `target_px` makes smaller may announce MAX_REDUCED_PIXELS.
             target_px: the shorter side may be decoded down to about this many pixels, if that is cheaper.
             is_coloured: whether to take red, green or blue, whichever has the most contrast, in place of the luminance.
    Returns: the image; its info["full_size"] is (width, height) as they were before `target_px`, upright.
    Raises:  UnsupportedType: a file of another kind, or a TIFF that is packed or coloured in a way that is not read here.
             TooLarge: more pixels, chunks or scans than are decoded here, or a side that is too long.
             Malformed: the bytes are not the picture that their first ones announce.
    """
    return _decode(image, max_pixels, target_px, "RGB" if is_coloured else "L", choose_channel if is_coloured else convert_to_grey)


def decode_color(image: bytes, *, max_pixels: int = MAX_COLOR_PIXELS, target_px: int | None = None) -> Image.Image:
    """Return an encoded picture as an upright, opaque "RGB" image; what is transparent is white. The rest is as in `decode`."""
    return _decode(image, max_pixels, target_px, "RGB", convert_to_rgb)


def _decode(image: bytes, max_pixels: int, target_px: int | None, draft_mode: str, convert: Convert) -> Image.Image:
    kind = sniff(image)
    if kind is None:
        from recipes.other_files import refuse_unknown_file  # noqa: PLC0415 - every start would pay for the kinds that are refused

        refuse_unknown_file(image, READS, "the picture")
    if kind not in {PNG, JPEG}:
        return _decode_other(kind, image, max_pixels, convert)
    pixels = read_png(image) if kind == PNG else read_jpeg(image)
    try:
        if kind == PNG and (plain := find_plain(pixels.content)):
            _check_size(*plain.size, max_pixels)
            picture = _turn_upright(plain.decode(), plain.size, pixels.orientation, convert)
        else:
            picture = _load(kind, pixels, max_pixels, target_px=target_px, draft_mode=draft_mode, convert=convert)
        may_move = is_animated_png(image) and pixels.orientation == UPRIGHT
        return _decode_later_frame(image, picture, convert) if may_move and _is_blank(picture) else picture
    except DECODING_ERRORS as error:  # its words are about Pillow's objects, with their addresses
        raise Malformed(f"the {kind} is damaged or incomplete", advice="Save the picture again and send that.") from error


def _load(kind: str, pixels: PixelData, max_pixels: int, *, target_px: int | None, draft_mode: str, convert: Convert) -> Image.Image:
    """Return the picture as Pillow's own reader of files opens it."""
    with _open(kind, pixels.content) as opened:
        width, height = opened.size
        share = CMYK_SHARE if opened.mode == "CMYK" else 1
        if kind == JPEG:
            _check_size(width, height, int(share * max(max_pixels, MAX_REDUCED_PIXELS)))
            _check_scans(pixels.content, width * height)
        elif pixels.content[24:26] in DEEP_COLORS:
            _check_size(width, height, min(max_pixels, MAX_DEEP_PIXELS))
        if target_px is not None:
            opened.draft(draft_mode, (max(1, min(width, target_px)), max(1, min(height, target_px))))
        _check_size(*opened.size, int(share * max_pixels))
        return _turn_upright(opened, (width, height), pixels.orientation, convert)


def _open(kind: str, content: bytes) -> Image.Image:
    """Return an opened picture by its own plugin: Image.open imports five, and every start would pay for them."""
    if kind == PNG:
        from PIL.PngImagePlugin import PngImageFile  # noqa: PLC0415 - as above

        return PngImageFile(io.BytesIO(content))
    from PIL.JpegImagePlugin import JpegImageFile  # noqa: PLC0415 - as above

    return JpegImageFile(io.BytesIO(content))


def _decode_other(kind: str, image: bytes, max_pixels: int, convert: Convert) -> Image.Image:
    """Return the first frame or page of a picture that is not blank, or the first of all."""
    from recipes.pictures import other_kinds  # noqa: PLC0415 - few pictures are of these kinds, and every start would pay for their plugins

    def check_size(width: int, height: int, most: int) -> None:
        _check_size(width, height, min(most, max_pixels))

    try:
        frames = other_kinds.open_frames(kind, image, check_size)
        first = picture = _turn_frame_upright(*next(frames), convert)
        while _is_blank(picture) and (following := next(frames, None)):
            picture = _turn_frame_upright(*following, convert)
    except DECODING_ERRORS as error:
        raise Malformed(f"the {kind} is damaged or incomplete", advice="Save the picture again and send that.") from error
    return first if _is_blank(picture) else picture


def _decode_later_frame(image: bytes, blank: Image.Image, convert: Convert) -> Image.Image:
    """Return an animated PNG's first picture as the first of its frames changes it that is not blank; else as it is."""
    from recipes.pictures import frames  # noqa: PLC0415 - as above

    for frame in frames.read_png_frames(image, blank.size):
        with _open(PNG, frame.content) as opened:
            opened.load()
            changed = blank.copy()
            changed.paste(convert(opened), frame.place)
        if not _is_blank(changed):
            changed.info = blank.info
            return changed
    return blank


def _turn_frame_upright(opened: Image.Image, orientation: int, convert: Convert) -> Image.Image:
    return _turn_upright(opened, opened.size, orientation, convert)


def _is_blank(picture: Image.Image) -> bool:
    counts = picture.histogram()  # of each channel in turn
    levels = [[level for level in range(256) if counts[at + level]] for at in range(0, len(counts), 256)]
    return all(channel[-1] - channel[0] < BLANK_LEVELS for channel in levels)


def _turn_upright(opened: Image.Image, full_size: tuple[int, int], orientation: int, convert: Convert) -> Image.Image:
    """Return the picture converted and turned as its camera was held. Grey comes first: it is a quarter of what colours take to turn."""
    opened.load()
    picture = convert(opened)
    if orientation != UPRIGHT:
        picture = picture.transpose(_TURNS[orientation])
    picture.info = {"full_size": full_size[::-1] if orientation >= 5 else full_size}
    return picture


def _check_size(width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise TooLarge(
            f"the picture is {width}×{height}, {width * height / 1e6:.1f} Mpx; the limit is {max_pixels / 1e6:g} Mpx",
            advice=_advise_size(max_pixels),
        )
    if max(width, height) > MAX_SIDE_PX:
        raise TooLarge(f"the picture is {width}×{height}; the limit of a side is {MAX_SIDE_PX:,} pixels", advice="Send a part of it.")


def _advise_size(max_pixels: int) -> str:
    if max_pixels <= MAX_PIXELS:
        return "Send a smaller picture, or upload it: POST /jobs takes 50 Mpx."
    is_most = max_pixels >= CMYK_SHARE * MAX_REDUCED_PIXELS
    return "Send a smaller picture." if is_most else "Send a smaller picture, or a JPEG: of one 50 Mpx are read."


def _check_scans(image: bytes, pixels: int) -> None:
    """Refuse a JPEG of more scans than its size allows: each is a whole pass over the picture."""
    # Inside a scan 0xFF is always followed by 0.
    scans, limit = image.count(b"\xff\xda"), min(MAX_JPEG_SCANS, MAX_SCANNED_PIXELS // max(1, pixels))
    if scans > limit:
        raise TooLarge(
            f"the JPEG has {scans} scans; the limit is {limit} at {pixels / 1e6:.1f} Mpx",
            advice="Save the picture again as a baseline JPEG.",
        )
