"""Digits, and what is none, as they look elsewhere than on paper: on displays, in dots, outlined, stamped, in relief, on stripes.

A look is a function (crisp strokes, dark on a white square of `SIDE_PX`; random generator) → the page with that look.
"""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from training.drawings.pen import Random

Look = Callable[[Image.Image, Random], Image.Image]
Levels = npt.NDArray[np.float64]
SIDE_PX = 168
FINER = 2
INKED = 128
_IS_INK = [255] * INKED + [0] * (256 - INKED)
_CRISPER = [max(0, min(255, 3 * (level - INKED) + INKED)) for level in range(256)]
# The segments of a display by their letters, as data sheets have them: A on top, then clockwise, G in the middle.
_SEGMENTS = {
    "A": (0, 0, 1, 0),
    "B": (1, 0, 1, 1),
    "C": (1, 1, 1, 2),
    "D": (0, 2, 1, 2),
    "E": (0, 1, 0, 2),
    "F": (0, 0, 0, 1),
    "G": (0, 1, 1, 1),
}
# The ways in which displays show each digit; one that stands here twice is drawn twice as often.
DIGITS: tuple[tuple[str, ...], ...] = (
    *(("ABCDEF",), ("BC", "BC", "EF"), ("ABGED",), ("ABGCD",), ("FGBC",)),
    *(("AFGCD",), ("AFGECD", "AFGECD", "FGECD"), ("ABC", "ABC", "FABC"), ("ABCDEFG",), ("ABCDFG", "ABCDFG", "ABCFG")),
)
# Not to be drawn as what is no digit: all ways of digits, and a small o.
SHOWN = {frozenset(segments) for digit in DIGITS for segments in digit} | {frozenset("GCDE")}


def show_digit(label: int, random: Random) -> Image.Image:
    """Return a digit on a display of seven segments."""
    ways = DIGITS[label]
    return _light(ways[int(random.integers(len(ways)))], random)


def show_non_digit(random: Random) -> Image.Image:
    """Return segments that are no digit: letters and signs of displays, and chance."""
    while True:
        lit = frozenset(name for name in _SEGMENTS if random.random() < 0.55)
        if len(lit) > 1 and lit not in SHOWN:
            return _light("".join(sorted(lit)), random)


def outline(page: Image.Image, random: Random) -> Image.Image:
    """Return only the edges of strokes, at times filled with grey."""
    thick = _widen(page, int(random.integers(0, 5)))
    pen = int(random.integers(1, 4))
    inner = thick.filter(ImageFilter.MaxFilter(2 * pen + 1))
    edge = ImageChops.lighter(thick, ImageChops.invert(inner))
    if random.random() < 0.4:
        return ImageChops.darker(edge, inner.point([int(random.integers(90, 225))] * 128 + [255] * 128))
    return edge


def draw_in_dots(page: Image.Image, random: Random) -> Image.Image:
    """Return strokes made of dots in rows, as matrix displays and printers have them."""
    pitch = float(random.uniform(7, 17))
    size = round(SIDE_PX / pitch)
    inked = np.asarray(page.resize((size, size), Image.Resampling.BOX)) < random.uniform(150, 225)
    radius, off = pitch * random.uniform(0.25, 0.55), random.uniform(0, 0.08) * pitch
    dots = Image.new("L", (FINER * SIDE_PX,) * 2, 255)
    pen = ImageDraw.Draw(dots)
    square = random.random() < 0.25
    for row, column in np.argwhere(inked):
        x, y = FINER * (pitch * (np.array([column, row]) + 0.5) + random.normal(0, off, 2))
        box = (x - FINER * radius, y - FINER * radius, x + FINER * radius, y + FINER * radius)
        (pen.rectangle if square else pen.ellipse)(box, fill=0)
    return dots.reduce(FINER)


def stamp(page: Image.Image, random: Random) -> Image.Image:
    """Return strokes whose ink lacks in spots, coarse and fine, as stamps, chalk and worn print have it."""
    inked = 1 - np.asarray(_widen(page, int(random.integers(0, 3)))) / 255
    coarse, fine = _cloud(random, int(random.integers(4, 12))), _cloud(random, int(random.integers(30, 84)))
    share = random.uniform(0, 1)
    mixed = share * coarse + (1 - share) * fine
    lost = np.quantile(mixed, random.uniform(0.1, 0.5))
    left = np.clip((mixed - lost) / random.uniform(0.05, 0.6) + random.uniform(0, 0.6), 0, 1)
    return _to_page(1 - inked * left * random.uniform(0.6, 1))


def raise_from_ground(page: Image.Image, random: Random) -> Image.Image:
    """Return strokes that stand out of their ground, or lie in it: only light and shade show them."""
    height = np.asarray(_widen(page, 1).filter(ImageFilter.GaussianBlur(random.uniform(1, 4)))) / 255
    down, right = np.gradient(height)
    towards = random.uniform(0, 2 * np.pi)
    shade = np.cos(towards) * right + np.sin(towards) * down
    shade *= random.uniform(0.2, 0.5) / max(float(np.abs(shade).max()), 1e-6)
    floor = random.choice((0.0, 0.0, random.uniform(0, 0.15)))
    return _to_page(random.uniform(0.5, 0.75) + shade + floor * height + random.normal(0, random.uniform(0, 0.02), shade.shape))


def lay_on_stripes(page: Image.Image, random: Random) -> Image.Image:
    """Return strokes on a ground of stripes, all lighter than the ink."""
    inked = 1 - np.asarray(page) / 255
    y, x = np.mgrid[:SIDE_PX, :SIDE_PX]
    towards, period = random.choice((0.0, np.pi / 2, random.uniform(0, np.pi))), random.uniform(8, 50)
    wave = np.sin(2 * np.pi * (np.cos(towards) * x + np.sin(towards) * y) / period + random.uniform(0, 6))
    ground = 1 - random.uniform(0.08, 0.45) * np.clip(2.5 * wave + random.uniform(-1, 1), 0, 1)
    return _to_page(ground * (1 - inked * random.uniform(0.75, 1)))


def cut_by_stencil(page: Image.Image, random: Random) -> Image.Image:
    """Return strokes with one to three gaps, as stencils have them."""
    left = page.copy()
    pen = ImageDraw.Draw(left)
    box = ImageChops.invert(left).getbbox() or (0, 0, SIDE_PX, SIDE_PX)
    for _ in range(random.integers(1, 4)):
        x, y = random.uniform(box[0], box[2]), random.uniform(box[1], box[3])
        towards = random.choice((np.pi / 2, np.pi / 2, random.uniform(0, np.pi)))
        across, along = SIDE_PX * np.cos(towards), SIDE_PX * np.sin(towards)
        pen.line((x - across, y - along, x + across, y + along), fill=255, width=int(random.integers(2, 7)))
    return left


def shade_behind(page: Image.Image, random: Random) -> Image.Image:
    """Return strokes with a copy of them behind, paler and a little off, as a shadow has it."""
    right, down = (int(each) for each in random.integers(-9, 10, 2))
    behind = ImageChops.offset(page, right, down).filter(ImageFilter.GaussianBlur(random.uniform(0, 3)))
    pale = random.uniform(0.25, 0.6)
    return ImageChops.darker(page, behind.point([round(255 - pale * (255 - level)) for level in range(256)]))


LOOKS: Mapping[str, tuple[Look, float]] = {
    "outlined": (outline, 0.2),
    "dots": (draw_in_dots, 0.22),
    "stamped": (stamp, 0.2),
    "relief": (raise_from_ground, 0.13),
    "stripes": (lay_on_stripes, 0.1),
    "stencil": (cut_by_stencil, 0.1),
    "shadow": (shade_behind, 0.05),
}


def change(page: Image.Image, random: Random) -> Image.Image:
    """Return a page, dark on white, with a look chosen at random."""
    names, shares = list(LOOKS), [share for _, share in LOOKS.values()]
    look, _ = LOOKS[names[random.choice(len(names), p=shares)]]
    return look(_cut_out(page, random), random)


def _light(lit: str, random: Random) -> Image.Image:
    """Return segments as a display shows them: slanting or upright, with the dark ones to be seen or not, some on a dark ground."""
    width, height = random.uniform(34, 60), random.uniform(46, 60)
    pen, slant, gap = random.uniform(0.12, 0.32) * width, random.uniform(0, 0.22), random.uniform(0, 0.12)
    round_ends = random.random() < 0.3
    page = Image.new("L", (FINER * SIDE_PX,) * 2, 255)
    draw = ImageDraw.Draw(page)
    pale = 255 - round(random.choice((0.0, 0.0, random.uniform(0.02, 0.2))) * 255)
    for name in sorted(_SEGMENTS, key=lambda each: each in lit):
        x0, y0, x1, y1 = _SEGMENTS[name]
        ends = np.array([(x0, y0), (x1, y1)], float)
        middle = ends.mean(0)
        ends = middle + (ends - middle) * (1 - gap) - (0.5, 1)
        points = ends * (width, height)
        points[:, 0] -= slant * points[:, 1]
        _draw_segment(draw, FINER * (points + SIDE_PX / 2), FINER * pen, 0 if name in lit else pale, round_ends=round_ends)
    shown = page.reduce(FINER).rotate(random.uniform(-5, 5), Image.Resampling.BICUBIC, fillcolor=255)
    soft = shown.filter(ImageFilter.GaussianBlur(random.uniform(0, 2.5)))
    return ImageChops.invert(soft) if random.random() < 0.4 else soft


def _draw_segment(draw: ImageDraw.ImageDraw, ends: Levels, pen: float, level: int, *, round_ends: bool) -> None:
    """Draw a segment: with points at both ends, or round ones."""
    (x0, y0), (x1, y1) = (tuple(map(float, end)) for end in ends)
    if round_ends:
        draw.line((x0, y0, x1, y1), fill=level, width=round(pen))
        return
    along = (ends[1] - ends[0]) / max(float(np.hypot(*(ends[1] - ends[0]))), 1e-6) * pen / 2
    across = np.array([-along[1], along[0]])
    corners = [ends[0], ends[0] + along + across, ends[1] - along + across, ends[1], ends[1] - along - across, ends[0] + along - across]
    draw.polygon([(float(x), float(y)) for x, y in corners], fill=level)


def _cut_out(page: Image.Image, random: Random) -> Image.Image:
    """Return the strokes crisp, two thirds to nearly all of a square of `SIDE_PX` high or wide, in its middle."""
    strokes = page.crop(page.point(_IS_INK).getbbox())
    scale = SIDE_PX * random.uniform(0.6, 0.9) / max(strokes.size)
    large = strokes.resize((max(1, round(strokes.width * scale)), max(1, round(strokes.height * scale))), Image.Resampling.BICUBIC)
    square = Image.new("L", (SIDE_PX, SIDE_PX), 255)
    square.paste(large.point(_CRISPER), ((SIDE_PX - large.width) // 2, (SIDE_PX - large.height) // 2))
    return square


def _widen(page: Image.Image, reach: int) -> Image.Image:
    return page.filter(ImageFilter.MinFilter(2 * reach + 1)) if reach else page


def _cloud(random: Random, knots: int) -> Levels:
    """Return smooth noise of so many knots a side, about from 0 to 1."""
    levels = Image.fromarray(random.integers(0, 256, (knots, knots), dtype=np.uint8)).resize((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC)
    return np.asarray(levels) / 255


def _to_page(levels: Levels) -> Image.Image:
    return Image.fromarray((levels.clip(0, 1) * 255).round().astype(np.uint8))
