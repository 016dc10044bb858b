"""A decoded picture of any mode → "L" or "RGB" of 8 bits, with a paper under what is transparent."""

from PIL import Image, ImageChops

BLANK_LEVELS = 24  # of grey: a picture of fewer shows nothing
LEAST_EDGE_LEVELS = 16  # by which a stroke's edge is nearer to its paper than all of the stroke
_OPAQUE = b"\xff" * (1 << 16)


def convert_to_grey(image: Image.Image) -> Image.Image:
    """Return a picture of any mode as "L"; what is transparent is the paper that its ink contrasts with."""
    if image.mode == "L" and "transparency" not in image.info:
        return image
    if image.mode == "I;16":
        # convert("L") clips 16-bit values at 255 instead of scaling them.
        pixels = image.tobytes()
        high = pixels[1::2]
        is_byte = high.count(0) == len(high)  # as of an array of bytes that was written with 16 bits: else it would be black
        return Image.frombytes("L", image.size, pixels[::2] if is_byte else high)
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if "A" not in image.getbands() and "transparency" not in image.info:
        # Pillow has no CMYK → L.
        return image.convert("RGB").convert("L") if image.mode == "CMYK" else image.convert("L")
    if image.mode not in {"LA", "RGBA"}:
        image = image.convert("RGBA")
    grey = image.convert("L")
    if _is_opaque(image.tobytes("raw", "A") if image.mode == "RGBA" else image.getchannel("A").tobytes()):
        return grey
    alpha = image.getchannel("A")
    del image  # it may have 200 MB
    seen = grey.histogram(mask=alpha.point(lambda value: 255 if value > 127 else 0))
    count = sum(seen)
    levels = [level for level, n in enumerate(seen) if n] or [0]
    if 2 * count > grey.width * grey.height and levels[-1] - levels[0] >= BLANK_LEVELS:
        background = _find_median(seen, count)  # mostly opaque: what is opaque holds the paper, go on with that
    else:
        background = _find_removed_paper(grey, alpha, _find_mean(seen))
    paper = Image.new("L", grey.size, background)
    paper.paste(grey, mask=alpha)
    return paper


def convert_to_rgb(image: Image.Image) -> Image.Image:
    """Return a picture of any mode as "RGB"; what is transparent is white."""
    if image.mode.startswith("I") or image.mode == "F":
        return convert_to_grey(image).convert("RGB")
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    whole = image.convert("RGBA")
    del image
    paper = Image.new("RGB", whole.size, "white")
    paper.paste(whole, mask=whole)
    return paper


def choose_channel(image: Image.Image) -> Image.Image:
    """Return red, green or blue, whichever has the most contrast: ink as light as its paper may be of another colour.

    One at a time is put on white: all together take four times the memory.
    """
    if image.mode not in {"RGB", "RGBA", "P", "CMYK", "YCbCr"}:
        return convert_to_grey(image)
    if image.mode != "RGBA" and (image.mode != "RGB" or "transparency" in image.info):
        image = convert_to_rgb(image)
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    return max((_put_on_white(image.getchannel(name), alpha) for name in "RGB"), key=_measure_variance)


def _find_removed_paper(grey: Image.Image, alpha: Image.Image, mean: float) -> int:
    """Return the level, 0 or 255, of the paper that only ink is left of, or that ink is cut out of.

    Strokes whose paper was made transparent keep a soft edge, which is a little of that paper; where there is none, the paper contrasts
    with what is left.

    Args:    mean: the level of what is opaque.
    """
    opaque = alpha.point([255 * (value > 127) for value in range(256)])
    inner = opaque
    for step in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        inner = ImageChops.darker(inner, ImageChops.offset(opaque, *step))
    edge = ImageChops.subtract(opaque, inner)
    difference = _find_mean(grey.histogram(mask=edge)) - mean
    if abs(difference) >= LEAST_EDGE_LEVELS:
        return 255 if difference > 0 else 0
    return 0 if mean > 127 else 255


def _put_on_white(channel: Image.Image, alpha: Image.Image | None) -> Image.Image:
    if alpha is None:
        return channel
    paper = Image.new("L", channel.size, 255)
    paper.paste(channel, mask=alpha)
    return paper


def _measure_variance(grey: Image.Image) -> float:
    counts = grey.histogram()
    total, mean = sum(counts), sum(level * count for level, count in enumerate(counts)) / sum(counts)
    return sum(count * (level - mean) ** 2 for level, count in enumerate(counts)) / total


def _find_mean(histogram: list[int]) -> float:
    return sum(level * n for level, n in enumerate(histogram)) / max(1, sum(histogram))


def _find_median(histogram: list[int], count: int) -> int:
    below = 0
    for level, n in enumerate(histogram):
        below += n
        if 2 * below >= count:
            return level
    return 255


def _is_opaque(alpha: bytes) -> bool:
    """Return whether all of an alpha channel is 255; a histogram takes ten times as long."""
    return all(alpha.startswith(_OPAQUE[: len(alpha) - at], at) for at in range(0, len(alpha), len(_OPAQUE)))
