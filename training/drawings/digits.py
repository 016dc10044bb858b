"""Digits that MNIST has few of: ones with an upstroke, crossed and flat sevens, digits of a pen on a pad, and print."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from training.drawings.fonts import FITTED_ON, open_font
from training.drawings.pen import Points, Random, Stroke, arc, curve, write

Strokes = list[Stroke | Points]
# Zeros of STIX's digits for mathematics: without serifs, the same in bold, a typewriter's.
FACES, FACES_SHARE = (0x1D7E2, 0x1D7EC, 0x1D7F6), 0.3
LEAST_TO_LIGHTEN_PX = 60  # thin strokes of smaller print would vanish


def write_one(random: Random) -> Image.Image:
    """Return a 1 with an upstroke: from a short flag to one that begins near the foot, some with a foot of its own."""
    length, angle = random.uniform(0.15, 0.8), np.deg2rad(random.uniform(25, 68))
    if length > 0.5:  # a long stroke that is nearly level makes a 7
        angle = max(angle, np.deg2rad(35))
    end = (0.6 - length * np.cos(angle), min(0.95, length * np.sin(angle)))
    middle = (0.6 - 0.5 * length * np.cos(angle), 0.5 * end[1] + random.uniform(-0.02, 0.08) * length)
    strokes: Strokes = [[*curve([end, middle, (0.6, 0.0)]), (0.6 + random.uniform(-0.06, 0.06), 1.0)]]
    if random.random() < 0.3:
        reach = random.uniform(0.12, 0.35)
        strokes.append([(0.6 - reach, 1.0), (0.6 + reach, 1.0)])
    return write(strokes, random, turn=9, wobble=0.015)


def write_seven(random: Random) -> Image.Image:
    """Return a 7: a bar that is level or nearly so, a stroke down to the left, at times a bar across it."""
    bar = random.uniform(0.55, 0.9)
    left, tilt, foot = 0.85 - bar, random.uniform(-0.06, 0.1), random.uniform(0.2, 0.5)
    strokes: Strokes = [[(left, max(0.0, tilt)), (0.85, max(0.0, -tilt)), (foot, 1.0)]]
    if random.random() < 0.3:
        strokes = [curve([(left, max(0.0, tilt)), (0.85, max(0.0, -tilt)), (0.5 * (foot + 0.8), 0.5), (foot, 1.0)])]
    if random.random() < 0.3:
        strokes[0] = [(left, random.uniform(0.08, 0.2)), *strokes[0]]
    if random.random() < 0.3:
        middle = 0.5 * (0.85 + foot)
        strokes.append([(middle - 0.22, 0.52), (middle + 0.22, 0.5)])
    return write(strokes, random, turn=8, wobble=0.015)


def write_digit(label: int, random: Random) -> Image.Image:
    """Return a digit as one draws it with a finger or a mouse."""
    if label == 1 and random.random() < 0.7:
        return write_one(random)
    if label == 7:
        return write_seven(random)
    shapes = _SHAPES[label]
    return write(shapes[int(random.integers(len(shapes)))], random, slant=0.25)


def print_digit(label: int, random: Random, fonts: Sequence[str]) -> Image.Image:
    """Return a printed digit of one of the fonts: any size, turned a little."""
    return print_text(str(label), random, fonts)


def print_varied_digit(label: int, random: Random) -> Image.Image:
    """Return a printed digit of a font to fit on or of one of STIX's faces for mathematics: narrow to wide, light to bold."""
    if random.random() < FACES_SHARE:
        page = print_text(chr(int(random.choice(FACES)) + label), random, ("STIXGeneral",))
    else:
        page = print_digit(label, random, FITTED_ON)
    page = page.resize((round(page.width * random.uniform(0.65, 1.4)), page.height), Image.Resampling.BICUBIC)
    weight = random.random()
    if weight < 0.25 and page.height > LEAST_TO_LIGHTEN_PX:
        return page.filter(ImageFilter.MaxFilter(3))  # dark on white, so a maximum makes it lighter
    return page.filter(ImageFilter.MinFilter(3)) if weight > 0.75 else page


def print_one(random: Random) -> Image.Image:
    """Return a 1 as fonts without serifs have it: an upright stem and a straight flag, steep to nearly level, at times a foot."""
    length, angle = random.uniform(0.18, 0.42), np.deg2rad(random.uniform(18, 60))
    strokes: Strokes = [[(0.6 - length * np.cos(angle), length * np.sin(angle)), (0.6, 0.0), (0.6, 1.0)]]
    if random.random() < 0.25:
        reach = random.uniform(0.15, 0.3)
        strokes.append([(0.6 - reach, 1.0), (0.6 + reach, 1.0)])
    return write(strokes, random, turn=8, slant=0.08, wobble=0.0)


def print_text(text: str, random: Random, fonts: Sequence[str]) -> Image.Image:
    """Return printed text, in the middle of a page that has room for it."""
    font = open_font(fonts[int(random.integers(len(fonts)))], int(random.choice((28, 44, 64))))
    left, top, right, bottom = font.getbbox(text)
    side = int(1.5 * max(right - left, bottom - top, 20))
    page = Image.new("L", (side, side), 255)
    ImageDraw.Draw(page).text(((side - left - right) / 2, (side - top - bottom) / 2), text, fill=int(random.integers(0, 70)), font=font)
    return page.rotate(random.uniform(-8, 8), Image.Resampling.BICUBIC, fillcolor=255)


_SHAPES: dict[int, tuple[Strokes, ...]] = {
    0: ([curve([(0.5, 0), (0.1, 0.4), (0.25, 0.9), (0.7, 0.95), (0.9, 0.5), (0.75, 0.08)], closed=True)],),
    1: ([[(0.5, 0), (0.5, 1)]], [[(0.6, 0), (0.4, 1)]]),
    2: (
        [[*curve([(0.1, 0.25), (0.4, 0), (0.85, 0.2), (0.65, 0.55), (0.1, 1)]), (0.95, 1)]],
        [curve([(0.1, 0.25), (0.45, 0), (0.85, 0.25), (0.5, 0.7), (0.15, 0.95), (0.1, 0.8), (0.4, 0.8), (0.95, 1)])],
    ),
    3: (
        [curve([(0.1, 0.1), (0.5, 0), (0.85, 0.2), (0.4, 0.46)]), curve([(0.4, 0.46), (0.9, 0.65), (0.6, 1), (0.05, 0.9)])],
        [[(0.1, 0), (0.85, 0), (0.4, 0.4)], curve([(0.4, 0.4), (0.9, 0.6), (0.6, 1), (0.05, 0.9)])],
    ),
    4: (
        [[(0.65, 1), (0.65, 0), (0.05, 0.65), (0.95, 0.65)]],
        [[(0.2, 0), (0.1, 0.5), (0.85, 0.5)], [(0.75, 0.05), (0.7, 1)]],
    ),
    5: (
        [[(0.85, 0), (0.2, 0), (0.15, 0.45)], curve([(0.15, 0.45), (0.6, 0.35), (0.9, 0.65), (0.6, 1), (0.05, 0.92)])],
        [curve([(0.2, 0.05), (0.2, 0.45), (0.75, 0.45), (0.85, 0.8), (0.4, 1), (0.05, 0.9)]), [(0.2, 0.03), (0.9, 0)]],
    ),
    6: (
        [curve([(0.75, 0), (0.3, 0.3), (0.1, 0.7), (0.4, 1), (0.85, 0.8), (0.6, 0.52), (0.15, 0.7)])],
        [[(0.3, 0), (0.15, 0.7)], arc(0.45, 0.72, 0.32, 0.27, 180, 540)],
    ),
    8: (
        [arc(0.5, 0.25, 0.3, 0.25, 90, 450), arc(0.5, 0.75, 0.38, 0.26, 270, 630)],
        [curve([(0.8, 0.12), (0.45, 0), (0.2, 0.22), (0.75, 0.65), (0.6, 1), (0.15, 0.85), (0.4, 0.5), (0.8, 0.15)])],
    ),
    9: (
        [arc(0.45, 0.28, 0.35, 0.28, 0, 360), [(0.8, 0.25), (0.75, 1)]],
        [arc(0.45, 0.28, 0.35, 0.28, 0, 360), curve([(0.8, 0.25), (0.75, 0.7), (0.35, 1), (0.1, 0.9)])],
    ),
}
