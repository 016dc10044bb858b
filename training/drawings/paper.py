"""One digit on paper as people photograph it, and the same paper without a digit, drawn by code from a seed."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFilter

from recipes.digits.ink.page import spread
from training.drawings.sheet import Page, UInt8, encode, photograph, round_levels

# Pairs of colours, of ink and of paper; some are equally light.
COLOURS = (
    ((30, 50, 190), (245, 225, 70)),
    ((210, 30, 30), (250, 250, 248)),
    ((20, 130, 60), (250, 250, 250)),
    ((255, 255, 255), (30, 60, 160)),
    ((240, 220, 60), (40, 40, 40)),
    ((220, 40, 40), (60, 110, 60)),
    ((60, 90, 200), (235, 180, 190)),
    ((250, 200, 40), (255, 255, 255)),
    ((20, 120, 40), (200, 60, 50)),
    ((30, 30, 200), (120, 40, 40)),
    ((255, 120, 120), (250, 250, 250)),
    ((150, 200, 255), (255, 255, 255)),
    ((200, 60, 160), (120, 120, 120)),
    ((40, 140, 140), (220, 60, 60)),
)


def pencil(digit: UInt8 | None, random: np.random.Generator) -> bytes:
    """Pale pencil: 8 to 20 levels of contrast."""
    page = Page(digit, random)
    levels = random.uniform(170, 245) - random.uniform(8, 20) * page.ink + page.tilt(random.uniform(0, 15))
    return photograph(levels, page, (1, 2), 0.6, jpeg_share=0.6)


def vignette(digit: UInt8 | None, random: np.random.Generator) -> bytes:
    """Corners that are darker by 30 to 90 levels."""
    page = Page(digit, random)
    levels, paper = page.colour((180, 235), (20, 110))
    radius = np.sqrt(page.x**2 + page.y**2) / 0.7071
    return photograph(levels * (1 - random.uniform(30, 90) / paper * radius ** random.uniform(2, 4)), page, (1, 4))


def shadow(digit: UInt8 | None, random: np.random.Generator) -> bytes:
    """A shadow's edge of 30 to 80 levels across the page."""
    page = Page(digit, random)
    levels, paper = page.colour((170, 235), (20, 80))
    shade = 1 - random.uniform(30, 80) / paper * page.find_edge(random.uniform(0.6, 4))
    return photograph(levels * shade + page.tilt(random.uniform(0, 20)), page, (1, 4))


def boxed(digit: UInt8 | None, random: np.random.Generator) -> bytes:
    """A box about the digit, also round or drawn by hand, on paper or on a drawing."""
    page = Page(digit, random, sides_px=(100, 360), height=(0.35, 0.62), margin=0.16)
    pen_px = max(1, round(random.uniform(0.008, 0.035) * page.shorter))
    gaps = random.uniform(0.04, 0.12, 4) * page.shorter + pen_px
    left, top = max(1, page.box[0] - gaps[0]), max(1, page.box[1] - gaps[1])
    right, bottom = min(page.width - 2, page.box[2] + gaps[2]), min(page.height - 2, page.box[3] + gaps[3])
    drawing, pen = page.draw_large()
    shape = random.random()
    if shape < 0.4:
        corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)]) * 2
        corners += random.uniform(-0.03, 0.03, (4, 2)) * page.shorter
        path = [(float(x), float(y)) for x, y in corners]
        pen.line([*path, *path[:2]], fill=255, width=2 * pen_px, joint="curve")
    elif shape < 0.55:
        pen.rounded_rectangle((2 * left, 2 * top, 2 * right, 2 * bottom), 0.12 * page.shorter, outline=255, width=2 * pen_px)
    else:
        pen.rectangle((2 * left, 2 * top, 2 * right, 2 * bottom), outline=255, width=2 * pen_px)
    page.add(drawing, float(random.choice([1, 1, 0.7, 0.5])))
    if random.random() < 0.5:
        return encode(round_levels(255 - 255 * page.ink if random.random() < 0.7 else 255 * page.ink))
    levels, _ = page.colour((170, 235), (20, 80))
    return photograph(levels + page.tilt(random.uniform(0, 30)), page, (1, 4))


def small(digit: UInt8 | None, random: np.random.Generator) -> bytes:
    """A digit of a sixth to a twelfth of the photo's side."""
    page = Page(digit, random, sides_px=(500, 1600), height=(1 / 12, 1 / 6), margin=0.08)
    levels, _ = page.colour((170, 235), (20, 90))
    return photograph(levels + page.tilt(random.uniform(0, 40)), page, (1, 5), 1)


def ruled(digit: UInt8 | None, random: np.random.Generator, *, is_squared: bool = False) -> bytes:
    """Ruled paper, up to two degrees aslant."""
    page = Page(digit, random, sides_px=(160, 420), height=(0.4, 0.75))
    step, width = random.uniform(0.08, 0.22) * page.shorter, max(1, round(random.uniform(0.004, 0.01) * page.shorter))
    slope = random.uniform(-0.03, 0.03)
    drawing, pen = page.draw_large()
    for at in np.arange(-page.height, 2 * page.height, step):
        pen.line((0, 2 * at, 2 * page.width, 2 * (at + slope * page.width)), fill=255, width=2 * width)
    for at in np.arange(-page.width, 2 * page.width, step) if is_squared else ():
        pen.line((2 * at, 0, 2 * (at - slope * page.height), 2 * page.height), fill=255, width=2 * width)
    page.add(drawing, random.uniform(0.15, 0.55))
    levels, _ = page.colour((185, 240), (20, 70))
    return photograph(levels + page.tilt(random.uniform(0, 25)), page, (1, 3), 0.6)


def squared(digit: UInt8 | None, random: np.random.Generator) -> bytes:
    """Squared paper, up to two degrees aslant."""
    return ruled(digit, random, is_squared=True)


def gleam(digit: UInt8 | None, random: np.random.Generator) -> bytes:
    """A lamp's gleam of 60 to 140 levels, also over the digit."""
    page = Page(digit, random)
    levels, _ = page.colour((140, 190), (20, 70))
    x, y = random.uniform(-0.45, 0.45, 2)
    squares = (page.x - x) ** 2 + (page.y - y) ** 2
    return photograph(levels + random.uniform(60, 140) * np.exp(-squares / (2 * random.uniform(0.08, 0.25) ** 2)), page, (1, 4))


def coloured(digit: UInt8 | None, random: np.random.Generator) -> bytes:
    """Coloured ink on coloured paper, drawn or photographed."""
    page = Page(digit, random, sides_px=(100, 300))
    pen, paper = (np.array(colour) for colour in COLOURS[random.integers(len(COLOURS))])
    pen, paper = (pen + random.normal(0, 8, 3)).clip(0, 255), (paper + random.normal(0, 5, 3)).clip(0, 255)
    levels = paper + (pen - paper) * page.ink[..., None]
    if random.random() < 0.5:
        return encode(round_levels(levels))
    levels += random.normal(0, 2.5, levels.shape) + page.tilt(random.uniform(0, 20))[..., None]
    return encode(round_levels(levels).filter(ImageFilter.GaussianBlur(0.6)), "JPEG", quality=90, subsampling=int(random.choice([0, 2])))


def tight(digit: UInt8 | None, random: np.random.Generator) -> bytes:
    """A picture cut to the digit, with up to 3 % of its height about it."""
    page = Page(digit, random, sides_px=(150, 400), height=(0.6, 0.85))
    left, top, right, bottom = page.box
    margin_px = round(random.uniform(0, 0.03) * (bottom - top))
    part = np.s_[max(0, top - margin_px) : bottom + margin_px + 1, max(0, left - margin_px) : right + margin_px + 1]
    page.ink = page.ink[part]
    if random.random() < 0.4:
        return encode(round_levels(255 - 255 * page.ink))
    levels, _ = page.colour((170, 235), (20, 80))
    return photograph(levels + page.tilt(random.uniform(0, 30))[part], page, (1, 4))


def bold(digit: UInt8 | None, random: np.random.Generator) -> bytes:
    """Strokes made wider by a fortieth of the side, with a faint shadow."""
    page = Page(digit, random, sides_px=(100, 300), height=(0.5, 0.8))
    wider = max(1, round(0.012 * page.shorter))
    page.ink = np.asarray(spread(round_levels(255 * page.ink), wider, wider), np.float32) / 255
    levels, _ = page.colour((170, 235), (20, 80))
    return photograph(levels * (1 - 0.2 * page.find_edge(3)), page, (1, 4))


def stained(digit: UInt8 | None, random: np.random.Generator) -> bytes:
    """Paper mottled by stains of up to 12 levels (one sigma)."""
    page = Page(digit, random)
    cells = 128 + random.normal(0, random.uniform(1, 12), (12, 12))
    stains = np.asarray(round_levels(cells).resize((page.width, page.height), Image.Resampling.BICUBIC), np.float32) - 128
    levels, _ = page.colour((170, 235), (20, 80))
    return photograph(levels + stains, page, (0.5, 3))


Kind = Callable[[UInt8 | None, np.random.Generator], bytes]
KINDS: dict[str, Kind] = {
    "pale pencil": pencil,
    "vignette": vignette,
    "a shadow's edge": shadow,
    "in a box": boxed,
    "small": small,
    "ruled paper": ruled,
    "squared paper": squared,
    "a gleam": gleam,
    "stains": stained,
    "coloured": coloured,
    "cut tight": tight,
    "bold": bold,
}


def draw(kind: str, seed: int, digit: UInt8 | None) -> bytes:
    """Return the file of a picture of that kind; without a digit an empty page."""
    return KINDS[kind](digit, np.random.default_rng((seed, *kind.encode())))


def draw_any(digit: UInt8, random: np.random.Generator) -> bytes:
    """Return the file of a picture of one of the kinds."""
    return list(KINDS.values())[random.integers(len(KINDS))](digit, random)
