"""Any picture of one digit → the 28×28 that MNIST would have stored. Pillow and plain Python: functions, which run it, have no numpy.

The steps, each a function below:  decode → flatten the paper → find the ink's side → stretch its contrast → drop specks → fit and centre.
"""

from bisect import bisect_left
from contextlib import suppress
from functools import cache, lru_cache
from itertools import accumulate
from math import isqrt
from operator import mul

from PIL import Image, ImageChops

from recipes.digits.ink.dots import average_dots
from recipes.digits.ink.gleam import is_gleam
from recipes.digits.ink.paper import DARKEST, MIN_CONTRAST, Ink, Levels, find_percentile, list_levels, measure_even, refuse_blank
from recipes.digits.ink.specks import Cells, is_framed, may_be_left_out, reaches_middle, remove_noise, remove_specks
from recipes.errors import BlankImage
from recipes.pictures.decode import MAX_PIXELS, decode
from recipes.recipe import ImageInstance, Place

SIDE, BOX_SIDE, CENTRE = 28, 20, 14
WORK_PX = 224  # the longer side that is worked on: enough for a digit that fills a sixth of its picture
LINE_PX = 2  # across at most
STRIP_PX, STRIP_LONG_PX = 56, 1120  # of a strip: the least of the shorter side that is worked on, and the most of the longer one
MIDDLE_MARGIN = 0.15  # of each side, beside the middle
CUT = 0.01  # of a side, so close to the border ink is cut by it
ACROSS = 0.9  # of the picture's width or height: printed lines go so far
SOLID_SHARE = 0.2  # of the ink's pixels as dark as the darkest
SIGMAS, FAINT_SIGMAS = 4, 7  # by how many the ink stands out from the paper's noise
FAINT_MARGIN_PX = 2
FAINT_CONTRAST = 50  # levels
EDGE_LEVEL = 15  # where there is no noise, what is fainter is a stroke's soft edge
PANEL_SHARE, MAX_UNEVEN = 0.7, 4  # of a panel is its paper, and so many levels uneven where it is drawn
_INK = b"0" * EDGE_LEVEL + b"1" * (256 - EDGE_LEVEL)


def to_digit(image: bytes, *, max_pixels: int = MAX_PIXELS) -> bytes:
    """Return the picture's digit as MNIST would have stored it; see `read_digit`."""
    return read_digit(image, max_pixels=max_pixels).values


def read_digit(image: bytes, *, max_pixels: int = MAX_PIXELS, grey: Image.Image | None = None) -> ImageInstance:
    """Return the picture as MNIST would have stored it, and how many digits stand beside each other in it.

    Args:    image: an encoded PNG or JPEG of at most `max_pixels`, holding one digit: any size, either polarity, uneven paper, off-centre.
             grey: the picture as `decode` gives it, if it was decoded before: the largest take half a second.
    Returns: 784 bytes, uint8 [28, 28] row-major: ink bright on black, in a box of 20 pixels, centre of mass at (14, 14).
    Raises:  UnsupportedType, Malformed, TooLarge: not a picture that can be decoded here.
             WrongShape: it is made of pictures' values, those of each in a line.
             BlankImage: nothing stands out from the paper.
    Source:  MNIST's 20-pixel box and centring (yann.lecun.com/exdb/mnist); measured in recipes/digits/README.md.
    """
    if grey is None:
        grey = decode(image, max_pixels=max_pixels, target_px=2 * WORK_PX)
    if grey.size == (SIDE, SIDE) and (stored := _read_stored(grey)):
        return stored
    refuse_values(grey)
    small = _shrink(grey)
    try:
        seen = _read_grey(small)
    except BlankImage:
        from recipes.digits.ink.faint import amplify  # noqa: PLC0415 - most pictures have ink enough

        grey = decode(image, max_pixels=max_pixels, target_px=2 * WORK_PX, is_coloured=True)
        return _read_faint(amplify(_shrink(grey)))
    if small is grey or seen.place is None or not _is_tiny(seen.place, small.size):
        return seen
    from recipes.digits.ink.closer import cut_closer, place_within  # noqa: PLC0415 - few digits are so small

    part, window = cut_closer(image, grey, seen.place, max_pixels)
    with suppress(BlankImage):
        closer = _read_grey(_shrink(part))
        return closer._replace(place=place_within(window, closer.place or (0, 0, 1, 1)))
    return seen


def reread_digit(image: bytes, *, max_pixels: int = MAX_PIXELS) -> bytes:
    """Return the one digit that lies within the middle of a picture as MNIST would have stored it, for where `read_digit` shows none.

    Args:    image: as of `read_digit`.
    Raises:  UnsupportedType, Malformed, TooLarge: not a picture that can be decoded here.
             BlankImage: nothing stands out there, or it goes on beyond it, or there are several.
    """
    grey = decode(image, max_pixels=max_pixels, target_px=2 * WORK_PX)
    across, down = (round(MIDDLE_MARGIN * side) for side in grey.size)
    middle = _read_grey(_shrink(grey.crop((across, down, grey.width - across, grey.height - down))))
    is_cut = middle.place is None or min(middle.place[:2]) < CUT or max(middle.place[2:]) > 1 - CUT
    return refuse_blank() if is_cut or middle.side_by_side > 1 else middle.values


def refuse_values(grey: Image.Image) -> None:
    """Refuse pictures' values in lines, which would be ones; raise WrongShape."""
    size = grey.info["full_size"]
    if min(size) <= LINE_PX or any(isqrt(side) ** 2 == side for side in size):
        from recipes.digits.values import refuse_lines  # noqa: PLC0415 - few sides are the values of a square

        refuse_lines(grey)


def _is_tiny(place: Place, size: tuple[int, int]) -> bool:
    """Tell ink of fewer pixels than MNIST's own digits have."""
    return max((place[2] - place[0]) * size[0], (place[3] - place[1]) * size[1]) < BOX_SIDE


def _shrink(grey: Image.Image) -> Image.Image:
    grey = average_dots(grey)
    longer, shorter = max(grey.size), min(grey.size)
    factor = max(min(-(-longer // WORK_PX), shorter // STRIP_PX), -(-longer // STRIP_LONG_PX))
    return grey.reduce(factor) if factor > 1 else grey


def _read_grey(grey: Image.Image) -> ImageInstance:
    ink = measure_even(grey)
    if ink is None or ink.strongest <= DARKEST:
        from recipes.digits.ink.faint import stretch_darkest  # noqa: PLC0415 - most pictures have ink enough

        if stretched := stretch_darkest(grey):
            return _read_grey(stretched)
    if ink:
        digit, mask = _part_from_paper(ink)
        if not _is_across(mask):
            return _read_parted(digit, mask, ink, is_photo=ink.noise > 0)
    from recipes.digits.ink.rules import is_remains, remove_rules  # noqa: PLC0415 - with what it imports: most pictures need none of it
    from recipes.digits.ink.uneven import measure_uneven  # noqa: PLC0415

    is_faint = False
    if ink is None or ink.noise:
        uneven = measure_uneven(grey)
        is_faint = uneven.strongest < FAINT_CONTRAST  # as stains are
        digit, mask = _part_from_paper(uneven)
    if _is_across(mask):
        mask, rules = remove_rules(mask, across=ACROSS)
        if rules and is_remains(mask):
            refuse_blank()
    return _read_parted(digit, mask, is_faint=is_faint, is_photo=ink is None or ink.noise > 0)


def _read_faint(grey: Image.Image) -> ImageInstance:
    """Return what stands out from paper whose contrast was raised, and lies within it, as its stains do not."""
    from recipes.digits.ink.uneven import measure_uneven  # noqa: PLC0415 - as above

    digit, mask = _part_from_paper(measure_even(grey) or measure_uneven(grey), sigmas=FAINT_SIGMAS)
    return _read_parted(digit, mask, is_faint=True, is_photo=True)


def from_ink(ink: Image.Image, noise: float) -> bytes:
    """Return an "L" image of how far each pixel stands out from the paper as MNIST would have stored it; see `read_digit`.

    Args:    ink: one digit's, at most about `WORK_PX` long: more only costs time.
             noise: one sigma of the paper's, in levels.
    Raises:  BlankImage: nothing stands out from the noise.
    """
    return _read_parted(*_part_from_paper(Ink.of_image(ink, noise)), is_part=True).values


def _read_stored(grey: Image.Image) -> ImageInstance | None:
    """Return a picture of 28×28 as it is, light on black, if MNIST would have stored it so; else None."""
    if grey.getpixel((0, 0)) == 255:
        grey = ImageChops.invert(grey)
    box = grey.getbbox()
    if box is None or max(box[2] - box[0], box[3] - box[1]) != BOX_SIDE:
        return None
    pixels = grey.tobytes()
    left, top, right, bottom = box
    if 255 not in pixels or _find_place([pixels[at + left : at + right] for at in range(top * SIDE, bottom * SIDE, SIDE)]) != (left, top):
        return None
    _, digits, marks = Cells.of_text(pixels.translate(_INK), SIDE, box).find_digits(right - left)
    return ImageInstance(pixels, digits, marks)


def _read_parted(
    digit: Image.Image,
    mask: Image.Image,
    ink: Ink | None = None,
    *,
    is_faint: bool = False,
    is_photo: bool = False,
    is_part: bool = False,
) -> ImageInstance:
    box = mask.getbbox() or refuse_blank()
    shown = remove_specks(mask, box, is_photo=is_photo, is_part=is_part)
    if shown.panel:
        is_soft = is_photo and is_gleam(digit.crop(box))
        left_out = None if is_soft else _read_left_out(digit, shown.panel)
        if on_panel := left_out or (ink and _read_written_on(ink, shown.panel)):
            return on_panel
        if is_soft:
            refuse_blank()
    left = mask
    if shown.mask is not mask:
        digit, left = ImageChops.darker(digit, shown.mask), ImageChops.darker(mask, shown.mask)
        box = left.getbbox() or refuse_blank()
    if is_faint and min(box[0], box[1], mask.width - box[2], mask.height - box[3]) < FAINT_MARGIN_PX:
        refuse_blank()
    if is_framed(left, box) and (unframed := _read_unframed(digit, left, box)):
        return unframed
    own = digit.crop(box)
    if is_photo and is_gleam(own):
        refuse_blank()
    width, height = mask.size
    return ImageInstance(_fit(own), shown.digits, shown.marks, (box[0] / width, box[1] / height, box[2] / width, box[3] / height))


def _read_unframed(digit: Image.Image, mask: Image.Image, box: tuple[int, int, int, int]) -> ImageInstance | None:
    """Return the digit without a box of straight sides that it touches; None if nothing is left of it."""
    from recipes.digits.ink.rules import remove_rules  # noqa: PLC0415 - few digits are framed

    left, rules = remove_rules(mask)
    if rules is None or not reaches_middle(left, box):
        return None
    return _read_parted(ImageChops.subtract(digit, rules), left)


def _read_left_out(ink: Image.Image, panel: Image.Image) -> ImageInstance | None:
    """Return the digit that is left out of a solid panel; None if there is none.

    Args:    panel: 255 in the panel and in what is left out of it.
    """
    return _read_strokes(ImageChops.invert(ink), 1, panel)


def _read_written_on(ink: Ink, panel: Image.Image) -> ImageInstance | None:
    """Return the digit that stands out from a solid panel to the side that the panel does from the page; None if there is none."""
    image = Image.frombytes("L", ink.size, ink.pixels)
    level = find_percentile(list_levels(image.histogram(panel)), 0.5)
    return _read_strokes(ImageChops.subtract(image, Image.new("L", ink.size, level)), max(1, ink.noise), panel)


def _read_strokes(raised: Image.Image, noise: float, panel: Image.Image) -> ImageInstance | None:
    """Return the digit that stands out within a panel; None if there is none."""
    with suppress(BlankImage):
        raised = ImageChops.darker(raised, panel)
        is_flat = find_percentile(list_levels(raised.histogram(panel)), PANEL_SHARE) <= MAX_UNEVEN
        digit, mask = _part_from_paper(Ink.of_image(raised, noise, is_alone=is_flat))
        if may_be_left_out(mask, panel, is_flat=is_flat):
            return _read_parted(digit, mask)
    return None


def _part_from_paper(ink: Ink, *, sigmas: int = SIGMAS) -> tuple[Image.Image, Image.Image]:
    """Return the ink from black to white, and a mask (0 and 255) of it."""
    stretch, threshold = _stretch(ink, sigmas)
    stretched = ink.pixels.translate(stretch)
    mask = Image.frombytes("L", ink.size, stretched.translate(_build_mask(threshold)))
    return Image.frombytes("L", ink.size, stretched), remove_noise(mask, ink.noise)


def _is_across(mask: Image.Image) -> bool:
    """Whether ink goes nearly from border to border."""
    left, top, right, bottom = mask.getbbox() or refuse_blank()
    return right - left >= ACROSS * mask.width or bottom - top >= ACROSS * mask.height


@cache
def _build_mask(threshold: int) -> bytes:
    return bytes(threshold) + b"\xff" * (256 - threshold)


def _stretch(ink: Ink, sigmas: int) -> tuple[bytes, int]:
    """Return the table that brings the ink from black to white, and the level (0-255) that then parts it from the paper."""
    limit = max(MIN_CONTRAST, sigmas * ink.noise)
    strongest = ink.strongest
    if strongest <= limit:
        refuse_blank()
    if not ink.noise and ink.histogram[strongest] >= SOLID_SHARE * sum(ink.histogram[1:]):
        return _build_ramp(0, strongest), EDGE_LEVEL  # what is found below, where most strokes are solid
    parting, full = _find_threshold(list_levels(ink.histogram))
    full = max(full, strongest // 2)
    if full <= limit:
        refuse_blank()
    floor = min(3.5 * ink.noise, 0.6 * parting) if ink.is_alone else 0.6 * parting
    ramp, threshold = _build_ramp(floor, full), round((parting - floor) * 255 / (full - floor))
    if not ink.is_alone:
        return ramp, max(1, threshold)
    return ramp, max(1, threshold // 2) if ink.noise > 1 else EDGE_LEVEL


@lru_cache(256)
def _build_ramp(floor: float, full: int) -> bytes:
    """Return the table that makes 0 of the floor and of what is below it, and 255 of what is full."""
    first, scale = int(floor) + 1, 255 / (full - floor)
    ramp = bytes(map(round, map(scale.__mul__, map((-float(floor)).__add__, range(first, full)))))
    return bytes(first) + ramp + b"\xff" * (256 - first - len(ramp))


def _find_threshold(levels: Levels) -> tuple[int, int]:
    """Return the level that parts the pixels into the two most different halves (Otsu, 1979), and the upper half's 80th percentile."""
    below = list(accumulate([count for _, count in levels]))
    mass = list(accumulate([level * count for level, count in levels]))
    all_, all_mass = float(below[-1]), float(mass[-1])
    between = [(apart := all_mass * n - m * all_) * apart / (n * (all_ - n)) for n, m in zip(below[:-1], mass, strict=False)]
    at = between.index(max(between)) if between else 0
    return levels[at][0], levels[bisect_left(below, below[at] + 0.8 * (below[-1] - below[at]))][0]


def _fit(digit: Image.Image) -> bytes:
    """Return the ink of one digit in 20 pixels of 28, by its centre of mass."""
    scale = BOX_SIDE / max(digit.size)
    size = max(1, round(digit.width * scale)), max(1, round(digit.height * scale))
    if size != digit.size:
        digit = digit.resize(size, Image.Resampling.BOX if scale < 0.5 else Image.Resampling.BILINEAR)
    columns, pixels = size[0], digit.tobytes()
    brightest = 255 if 255 in pixels else max(pixels) or refuse_blank()  # as most are
    rows = [pixels[at : at + columns] for at in range(0, len(pixels), columns)]
    left, top = _find_place(rows)
    placed = (bytes(top * SIDE + left) + bytes(SIDE - columns).join(rows)).ljust(SIDE * SIDE, b"\0")
    return placed if brightest == 255 else placed.translate(_build_gain(brightest))


@cache
def _build_gain(brightest: int) -> bytes:
    """Return the table that makes 255 of the brightest level."""
    return bytes([min(255, level * 255 // brightest) for level in range(256)])


def _find_place(rows: list[bytes]) -> tuple[int, int]:
    """Return the column and the row of 28×28 at which rows begin whose centre of mass is at (14, 14)."""
    return _find_start(list(map(sum, zip(*rows, strict=True)))), _find_start(list(map(sum, rows)))


def _find_start(weights: list[int]) -> int:
    centre_of_mass: float = sum(map(mul, weights, range(len(weights)))) / sum(weights)
    return min(max(round(CENTRE - centre_of_mass), 0), SIDE - len(weights))
