"""Every digit in a large picture, in reading order, each as MNIST would have stored it. Pillow and plain Python.

The steps:  decode → what is ink (page.py) → drop ruled lines (rules.py) → components → which are digits (layout.py) → crop and fit each.
"""

from collections.abc import Sequence
from functools import partial

from PIL import Image, ImageChops

from recipes.digits.components import Component, find_components
from recipes.digits.layout import Layout, read_layout, refuse_too_many
from recipes.digits.page import Page, read_page, spread
from recipes.digits.part import Part
from recipes.digits.rules import drop_remains, remove_rules
from recipes.digits.transform import WORK_PX, from_ink, to_digit
from recipes.errors import BlankImage
from recipes.images import decode
from recipes.recipe import Ask, Box, FoundInstance, Picture

MAX_PIXELS = 50_000_000
PAGE_PIXELS = 3_200_000  # what is worked on: a digit 5 mm high on a sheet of A4 has about 35 of them from top to bottom
PAGE_SIDE_PX = 1440  # of the shorter side, when a JPEG is decoded to less than it holds
MAX_UNREAD = 100
MAX_RUNS = 200_000  # a page of 1,000 digits has half as many
SOFT_EDGE_PX = 2
FILLING_SHARE = 0.25


def find_digits(image: bytes, *, ask: Ask | None = None, max_pixels: int = MAX_PIXELS) -> Picture:
    """Return every digit in a picture, in reading order; the picture's size and the boxes are in pixels of the upright picture.

    Args:    ask: the model, which is asked where digits touch.
             image: an encoded PNG or JPEG of at most `max_pixels`: either polarity, uneven light, lines a few degrees aslant.
    Returns: one `FoundInstance` without a box, as from `to_digit`, if one digit fills the picture or the ink cannot be divided.
    Raises:  UnsupportedType, Malformed: not a picture that can be decoded here.
             TooLarge: more pixels than `max_pixels`, or more than 1,000 digits, which is noise.
             BlankImage: nothing stands out from the paper.
    """
    grey = decode(image, max_pixels=max_pixels, target_px=PAGE_SIDE_PX)
    width, height = grey.info["full_size"]
    grey = _shrink_to_page(grey)
    try:
        page = read_page(grey)
        layout = _read_layout(page, ask)
    except BlankImage:
        layout = Layout([], [])
    parts = [part for line in layout.lines for part in line.digits]
    if not parts or (len(parts) == 1 and _is_filled_by(parts[0], grey)):
        return Picture(width, height, [FoundInstance(to_digit(image, max_pixels=max_pixels), None)])
    scale_x, scale_y = width / grey.width, height / grey.height
    found = [
        FoundInstance(_cut_instance(page, part), _scale_box(part, scale_x, scale_y), number, after)
        for number, line in enumerate(layout.lines, 1)
        for part, after in zip(line.digits, line.after, strict=True)
    ]
    largest = sorted(layout.unread, key=lambda part: -part.size)[:MAX_UNREAD]
    return Picture(width, height, found, [_scale_box(part, scale_x, scale_y) for part in largest])


def _is_filled_by(part: Part, grey: Image.Image) -> bool:
    """Whether the picture is of this one digit; a small one in a large photo is better cut out: a shadow's edge may outweigh it."""
    return max((part.right - part.left) / grey.width, (part.bottom - part.top) / grey.height) > FILLING_SHARE


def _shrink_to_page(grey: Image.Image) -> Image.Image:
    pixels = grey.width * grey.height
    if pixels <= PAGE_PIXELS:
        return grey
    scale = (PAGE_PIXELS / pixels) ** 0.5
    size = max(1, round(grey.width * scale)), max(1, round(grey.height * scale))
    return grey.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)


def _read_layout(page: Page, ask: Ask | None) -> Layout:
    mask, rules = remove_rules(page.mask)
    if _count_runs(mask) > MAX_RUNS:
        refuse_too_many()
    components = find_components(mask.tobytes(), mask.width)
    judge = partial(_judge, page, ask) if ask else None
    return read_layout(drop_remains(components, rules) if rules else components, *mask.size, judge)


def _judge(page: Page, ask: Ask, pieces: Sequence[Component]) -> Sequence[float]:
    return ask([_cut_instance(page, Part.from_component(piece)) for piece in pieces])


def _count_runs(mask: Image.Image) -> int:
    """Return how many runs of ink there are: pixels of ink without ink to their left. Labelling takes time in proportion."""
    right = mask.crop((-1, 0, mask.width - 1, mask.height))
    return ImageChops.subtract(mask, right).histogram()[255]


def _cut_instance(page: Page, part: Part) -> bytes:
    """Return the digit's own ink, without its neighbours', as MNIST would have stored it."""
    pad = SOFT_EDGE_PX + 1
    left, top = max(0, part.left - pad), max(0, part.top - pad)
    right, bottom = min(page.ink.width, part.right + pad), min(page.ink.height, part.bottom + pad)
    width = right - left
    cells = bytearray(width * (bottom - top))
    for component in part.components:
        for row, start, end in component.runs:
            offset = (row - top) * width - left
            cells[offset + start : offset + end] = b"\xff" * (end - start)
    own = spread(Image.frombytes("L", (width, bottom - top), bytes(cells)), SOFT_EDGE_PX, SOFT_EDGE_PX)
    ink = ImageChops.darker(page.ink.crop((left, top, right, bottom)), own)
    factor = -(-max(ink.size) // WORK_PX)
    return from_ink(ink.reduce(factor), page.noise / factor) if factor > 1 else from_ink(ink, page.noise)


def _scale_box(part: Part, scale_x: float, scale_y: float) -> Box:
    left, top, right, bottom = (
        round(side) for side in (part.left * scale_x, part.top * scale_y, part.right * scale_x, part.bottom * scale_y)
    )
    return left, top, max(1, right - left), max(1, bottom - top)
