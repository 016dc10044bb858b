"""Digits in shapes that MNIST has hardly any of, and people draw: rings, corners, open fours, ones on a wide foot, straight strokes."""

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from training.drawings.digits import Strokes, write_digit
from training.drawings.pen import SIDE_PX, Points, Random, Stroke, curve, ink

UInt8 = npt.NDArray[np.uint8]

PEN_PX = (1.5, 7.0)  # of a digit that is 56 pixels high
COARSE_SHARE, COARSE_PX = 0.3, (26, 44)  # as programs that paint in MNIST's own size draw
FINER = 8


def write_shape(label: int, random: Random) -> Image.Image:
    """Return a digit in one of these shapes, of 2, 3 and 7 in an ordinary one, with a pen that is mostly thin."""
    draw = _SHAPES.get(label)
    page = write_thin(draw(random), random) if draw else write_digit(label, random)
    if random.random() > COARSE_SHARE:
        return page
    side = int(random.integers(*COARSE_PX))
    cover = page.resize((side, side), Image.Resampling.BOX)
    level = int(random.integers(170, 235))
    return cover.point([0 if ink < level else 255 for ink in range(256)])


def write_thin(strokes: Strokes, random: Random) -> Image.Image:
    """Return strokes, the points of which are where they should be but for the hand's turn and slant."""
    angle, shear = np.deg2rad(random.uniform(-8, 8)), random.uniform(-0.15, 0.2)
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ np.array([[1, -shear], [0, 1]])
    lines = [(np.asarray(stroke, float) - 0.5) @ turned.T for stroke in strokes]
    reach = np.abs(np.concatenate(lines)).max()
    return ink([line / reach * 34 + SIDE_PX / 2 for line in lines], random.uniform(*PEN_PX))


def add_upstroke(digit: UInt8, random: Random) -> UInt8:
    """Return one of MNIST's ones with a bent upstroke from its top down to the left, of 15 to 80 % of its height."""
    rows, columns = np.nonzero(digit > 100)
    top, height = rows.min(), np.ptp(rows) + 1
    begin = np.array([columns[rows <= top + 1].mean() + 0.5, top + 1.0])
    length, angle = random.uniform(0.15, 0.8) * height, np.deg2rad(random.uniform(28, 65))
    end = begin + length * np.array([-np.cos(angle), np.sin(angle)])
    bent = (begin + end) / 2 + random.normal(0, 0.08) * length * np.array([np.sin(angle), np.cos(angle)])
    pen_px = float(np.clip(len(rows) / height, 1.2, 4)) * random.uniform(0.7, 1.05)
    large = Image.fromarray(digit).resize((28 * FINER, 28 * FINER), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(large)
    for x, y in curve([tuple(begin), tuple(bent), tuple(end)]) * FINER:
        radius = pen_px * FINER / 2
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(large.reduce(FINER))


def _jitter(stroke: Stroke, random: Random, off: float = 0.03) -> Points:
    points = np.asarray(stroke, float)
    return points + random.normal(0, off, points.shape)


def _draw_zero(random: Random) -> Strokes:
    """Return a ring that a pen closes, or nearly, or a box with its corners cut."""
    across = random.uniform(0.5, 1.05)
    if random.random() < 0.35:
        across, cut = min(across, 0.8), random.uniform(0.08, 0.3)  # a square is no digit
        x, y = cut / across, cut * random.uniform(0.7, 1.3)
        corners = [(x, 0), (1 - x, 0), (1, y), (1, 1 - y), (1 - x, 1), (x, 1), (0, 1 - y), (0, y)]
        points = _jitter(corners, random)
        points = np.roll(points, int(random.integers(8)), axis=0)
        points = np.concatenate([points, points[:1] + random.normal(0, 0.03, 2)])
    else:
        start, knots = random.uniform(-130, -40), int(random.integers(8, 12))
        angles = np.deg2rad(start + np.linspace(0, 360 + random.uniform(-8, 30), knots))
        radii = 0.5 + random.normal(0, 0.025, knots)
        points = curve(np.stack([0.5 + radii * np.cos(angles), 0.5 + radii * np.sin(angles)], 1))
    return [(points - 0.5) * (across, 1) + 0.5]


def _draw_one(random: Random) -> Strokes:
    """Return a 1 with a foot from half as wide as it is high to wider than that."""
    left, right = random.uniform(0.22, 0.6, 2)
    strokes: Strokes = [_jitter([(0.5 - left, 1), (0.5 + right, 1)], random), _jitter([(0.5, 0), (0.5, 1)], random, 0.02)]
    if random.random() < 0.85:
        length, angle = random.uniform(0.15, 0.5), np.deg2rad(random.uniform(28, 65))
        top = np.asarray(strokes[1])[0]
        strokes.append([(top[0] - length * np.cos(angle), top[1] + length * np.sin(angle)), (top[0], top[1])])
    return strokes


def _draw_four(random: Random) -> Strokes:
    """Return an open 4: a hook or a corner, and a stem that begins at its side."""
    right, low = random.uniform(0.55, 0.85), random.uniform(0.4, 0.65)
    begin, lean = random.uniform(-0.02, 0.4), random.uniform(-0.03, 0.25)
    over = right + random.uniform(-0.02, 0.2)
    if random.random() < 0.5:
        hook = curve(_jitter([(0.1, 0), (0.08, 0.6 * low), (0.3, low), (over, low - random.uniform(0, 0.12))], random))
    else:
        hook = _jitter([(random.uniform(0.05, 0.5), 0), (0.05, low), (over, low - random.uniform(0, 0.1))], random)
    return [hook, _jitter([(right, begin * low / 0.5), (right - lean, 1)], random)]


def _draw_five(random: Random) -> Strokes:
    """Return a 5 of straight strokes or round, with its flag apart or not."""
    gap = random.choice((0.0, random.uniform(0.06, 0.22)))
    flag = _jitter([(0.2 + gap, 0.02), (random.uniform(0.7, 1.0), random.uniform(-0.05, 0.05))], random, 0.02)
    if random.random() < 0.5:
        return [flag, _jitter([(0.2, 0.02), (0.18, 0.45), (0.88, 0.5), (random.uniform(0.2, 0.6), 1)], random)]
    bow = curve(_jitter([(0.18, 0.45), (0.6, 0.38), (0.88, 0.68), (0.55, 1), (0.08, 0.92)], random))
    return [flag, np.concatenate([[(0.2, 0.02)], bow])]


def _draw_six(random: Random) -> Strokes:
    return [
        _jitter([(random.uniform(0.5, 0.8), 0), (0.15, random.uniform(0.2, 0.5)), (0.15, 1), (0.8, 1), (0.8, 0.52), (0.15, 0.52)], random)
    ]


def _draw_eight(random: Random) -> Strokes:
    """Return two boxes, or one line with corners that crosses itself."""
    if random.random() < 0.4:
        return [_jitter([(0.8, 0.05), (0.2, 0.1), (0.8, 0.9), (0.2, 0.95), (0.8, 0.05)], random)]
    inset, middle = random.uniform(0, 0.15), random.uniform(0.38, 0.5)
    upper = [(0.2 + inset, 0), (0.8 - inset, 0), (0.8 - inset, middle), (0.2 + inset, middle), (0.2 + inset, 0)]
    return [_jitter(upper, random), _jitter([(0.2, middle), (0.8, middle), (0.8, 1), (0.2, 1), (0.2, middle)], random)]


def _draw_nine(random: Random) -> Strokes:
    """Return a box or a corner, and a stem that is bent back or not."""
    low, hook = random.uniform(0.38, 0.55), random.uniform(0, 0.6)
    foot = [(0.8, 1.0), (0.8 - hook, 1.0)] if hook > 0.15 else [(0.8, 1.0)]
    head = [(0.8, 0.0), (0.2, random.uniform(0, 0.15)), (0.2, low), (0.8, low - random.uniform(0, 0.1))]
    return [_jitter(head, random), _jitter([(0.8, -0.02), *foot], random, 0.02)]


_SHAPES = {0: _draw_zero, 1: _draw_one, 4: _draw_four, 5: _draw_five, 6: _draw_six, 8: _draw_eight, 9: _draw_nine}
