"""What is no digit, of kinds that the pipeline's gate counts: no model is fitted on them, and the table of the test split has others.

There are many, and few pictures of each: a model that takes one kind for a digit does so with most pictures of it, which therefore count as
one. What people would read as a digit if nothing stood beside it is left out.
"""

from collections.abc import Mapping
from functools import partial

import numpy as np
from PIL import Image

from training.drawings import digits
from training.drawings.digits import Strokes
from training.drawings.non_digits import Kind, UInt8
from training.drawings.pen import Random, write
from training.drawings.things import THINGS

FONT = ("DejaVuSans",)
SIGNS = "☎☂✂✈⚓☀☁☃♔♕♖♗♘♙☘⚑⚔⚖⚙⚛✉✎✿❄❖☛☞⌂⌘⚒♻⚡☭☮☯☾♀♂♿⇄⇔⇪↩⊕⊗⊞⊠⊢⋈☰☵❀❦❧✠✡✳⊂∇∋∪⏏"


def draw_thing(strokes: Strokes, _: UInt8, random: Random) -> Image.Image:
    """Return a thing as somebody draws it."""
    return write(strokes, random, wobble=0.015)


def print_sign(sign: str, _: UInt8, random: Random) -> Image.Image:
    """Return a printed sign."""
    return digits.print_text(sign, random, FONT)


def write_signature(_: UInt8, random: Random) -> Image.Image:
    """Return loops of all heights along a line, at times with a line below."""
    loops = int(random.integers(3, 7))
    t = np.linspace(0, 2 * np.pi * loops, 24 * loops)
    heights = np.interp(t, np.linspace(0, t[-1], loops + 1), random.uniform(0.1, 0.5, loops + 1))
    across = t / t[-1] + random.uniform(0.02, 0.15) * np.sin(t)
    strokes = [np.stack([across, 0.5 + heights * np.cos(t)], 1)]
    if random.random() < 0.4:
        strokes.append(np.array([(random.uniform(-0.1, 0.3), 0.95), (1.1, random.uniform(0.8, 1.0))]))
    return write(strokes, random, wobble=0.005)


def draw_bars(_: UInt8, random: Random) -> Image.Image:
    """Return axes with three to five bars."""
    x = np.linspace(0.15, 0.95, int(random.integers(3, 6)))
    return write([*AXES, *([(at, 1), (at, random.uniform(0.05, 0.8))] for at in x)], random, wobble=0.01)


def draw_line(_: UInt8, random: Random) -> Image.Image:
    """Return axes with a line through three to six points."""
    x = np.linspace(0.1, 1, int(random.integers(3, 7)))
    return write([*AXES, np.stack([x, random.uniform(0.05, 0.85, len(x))], 1)], random, wobble=0.01)


AXES: Strokes = [[(0, 0), (0, 1), (1, 1)]]
KINDS: Mapping[str, Kind] = {
    **{name: partial(draw_thing, strokes) for name, strokes in THINGS.items()},
    **{f"sign {sign}": partial(print_sign, sign) for sign in SIGNS},
    "signature": write_signature,
    "bars": draw_bars,
    "line plot": draw_line,
}
