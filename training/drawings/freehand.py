"""What a hand draws that is no digit: lines that wander, things of everyday, letters written small, and digits in a mirror."""

import numpy as np
import numpy.typing as npt
from PIL import Image

from recipes.dataset import Split
from training.drawings.digits import Strokes
from training.drawings.everyday import EVERYDAY, Thing
from training.drawings.pen import SIDE_PX, Points, Random, ink
from training.drawings.small_letters import SMALL_LETTERS

UInt8 = npt.NDArray[np.uint8]
PEN_PX = (1.5, 8.0)
MIRRORED = (2, 3, 4, 7, 9)  # a 0, 1 and 8 are the same in a mirror; a 5 is like a 2, a 6 like a 0 with a tail


def wander(_: UInt8, random: Random) -> Image.Image:
    """Return a smooth line that turns now and then, and crosses itself."""
    steps = int(random.integers(180, 360))
    bends = np.interp(np.arange(steps), np.linspace(0, steps, steps // 18), random.normal(0.06, 0.2, steps // 18))
    heading = np.cumsum(bends) + random.uniform(0, 2 * np.pi)
    return _fit([np.cumsum(np.stack([np.cos(heading), np.sin(heading)], 1), 0)], random, turn=0)


def draw_everyday(_: UInt8, random: Random) -> Image.Image:
    """Return a thing, in smooth strokes, turned a little and bent by the hand."""
    strokes = _make(list(EVERYDAY.values())[random.integers(len(EVERYDAY))], random)
    bend = random.normal(0, 0.05, (2, 2))
    return _fit([_bend(np.asarray(stroke, float), bend) for stroke in strokes], random, turn=20)


def write_small_letter(_: UInt8, random: Random) -> Image.Image:
    """Return a small letter as one writes it; none that is a digit's shape."""
    return _fit(_make(SMALL_LETTERS[random.integers(len(SMALL_LETTERS))], random), random, turn=8, slant=0.3)


def mirror(digits: Split, count: int) -> UInt8:
    """Return the first `count` digits that are none in a mirror, as a mirror shows them."""
    return np.ascontiguousarray(digits.inputs[np.isin(digits.targets, MIRRORED)][:count, :, ::-1])


def _make(thing: Thing, random: Random) -> Strokes:
    return thing(random) if callable(thing) else thing


def _fit(strokes: Strokes, random: Random, *, turn: float, slant: float = 0.1) -> Image.Image:
    lines = [np.asarray(stroke, float) for stroke in strokes]
    angle, shear = np.deg2rad(random.uniform(-turn, turn)), random.uniform(-slant, slant)
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ np.array([[1, -shear], [0, 1]])
    points = np.concatenate(lines)
    middle = (points.min(0) + points.max(0)) / 2
    reach = np.abs((points - middle) @ turned.T).max()
    return ink([(line - middle) @ turned.T / reach * 34 + SIDE_PX / 2 for line in lines], random.uniform(*PEN_PX))


def _bend(points: Points, by: Points) -> Points:
    x, y = (points - 0.5).T
    bent: Points = points + by[0] * np.stack([x * y, x * x - y * y], 1) * 4 + by[1] * np.stack([np.sin(4 * y), np.sin(4 * x)], 1)
    return bent
