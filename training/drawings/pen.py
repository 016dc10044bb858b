"""Strokes of a pen: lines and curves in a box of 1 × 1, written by an unsteady hand."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

Random = np.random.Generator
Points = npt.NDArray[np.float64]  # [N, 2]: x to the right, y down
Stroke = Sequence[tuple[float, float]]
SIDE_PX = 96
STEPS = 12  # points on each part of a curve


def write(strokes: Sequence[Stroke | Points], random: Random, *, turn: float = 10, slant: float = 0.2, wobble: float = 0.03) -> Image.Image:
    """Return strokes as somebody's hand would write them.

    Args:    strokes: each a line through its points.
             turn: at most so many degrees.
             slant: at most so much of the height.
             wobble: how far a point is off, of the height.
    """
    angle, shear = np.deg2rad(random.uniform(-turn, turn)), random.uniform(-slant, slant)
    width, height = random.uniform(0.5, 1.0), random.uniform(0.8, 1.1)
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ np.array([[width, -shear], [0, height]])
    drawn = []
    for stroke in strokes:
        points = np.asarray(stroke, float)
        drawn.append((points + random.normal(0, wobble, points.shape) - 0.5) @ turned.T)
    return ink([points * 56 + SIDE_PX / 2 for points in drawn], random.uniform(3, 9))


def ink(lines: Sequence[Points], width_px: float) -> Image.Image:
    """Return lines through points in pixels, drawn with a round pen."""
    image = Image.new("L", (SIDE_PX, SIDE_PX), 255)
    draw = ImageDraw.Draw(image)
    radius = width_px / 2
    for line in lines:
        points = [(float(x), float(y)) for x, y in line]
        draw.line(points, fill=0, width=round(width_px), joint="curve")
        for x, y in (points[0], points[-1]):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
    return image


def curve(points: Stroke | Points, *, closed: bool = False) -> Points:
    """Return a smooth curve through the points.

    Source:  Catmull and Rom, 1974.
    """
    knots = np.asarray(points, float)
    knots = np.concatenate([knots[-1:], knots, knots[:2]] if closed else [2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    t = np.linspace(0, 1, STEPS, endpoint=False)[:, None]
    a, b, c, d = (knots[at : len(knots) - 3 + at, None] for at in range(4))
    parts = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    return np.concatenate([parts.reshape(-1, 2), knots[-2:-1]])


def arc(x: float, y: float, across: float, along: float, *degrees: float) -> Points:
    """Return a part of an ellipse about (x, y), from one of two angles to the other, in degrees clockwise from the right."""
    start, end = degrees
    angles = np.deg2rad(np.linspace(start, end, 16))
    return np.stack([x + across * np.cos(angles), y + along * np.sin(angles)], 1)
