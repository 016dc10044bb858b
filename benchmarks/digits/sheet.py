"""A sheet of digits that is drawn by code, with what is written on it and where: of MNIST's digits, or of pen strokes."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import cos, pi, sin

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from recipes.dataset import Split
from recipes.recipe import Box, Separator

UInt8 = npt.NDArray[np.uint8]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Written:
    """A digit on a sheet: what it is, its ink's box, its line, what stands after it, and its ink alone, in the box."""

    label: int
    box: Box
    line: int = 1
    after: Separator = ""
    ink: Image.Image | None = field(default=None, compare=False, repr=False)


def _arc(x: float, y: float, across: float, down: float, begin: float, end: float) -> list[Point]:  # noqa: PLR0917 - x before y, as in a path
    """Return points on an ellipse from one angle to another, in turns, clockwise from the right."""
    steps = [begin + (end - begin) * step / 16 for step in range(17)]
    return [(x + across * cos(2 * pi * turn), y + down * sin(2 * pi * turn)) for turn in steps]


# Pen strokes in a box of 0.6 by 1.
STROKES: dict[int, list[list[Point]]] = {
    0: [_arc(0.3, 0.5, 0.28, 0.5, 0, 1)],
    1: [[(0.12, 0.3), (0.35, 0.0), (0.35, 1.0)]],
    2: [[*_arc(0.3, 0.27, 0.27, 0.27, 0.5, 1.05), (0.03, 1.0), (0.58, 1.0)]],
    3: [[*_arc(0.28, 0.26, 0.26, 0.26, 0.58, 1.2), *_arc(0.28, 0.74, 0.3, 0.27, 0.75, 1.42)]],
    4: [[(0.4, 1.0), (0.4, 0.0), (0.0, 0.68), (0.6, 0.68)]],
    5: [[(0.55, 0.0), (0.1, 0.0), (0.07, 0.42), *_arc(0.28, 0.68, 0.3, 0.32, 0.65, 1.42)]],
    6: [[(0.45, 0.0), *_arc(0.3, 0.7, 0.29, 0.3, 0.55, 1.55)]],
    7: [[(0.02, 0.0), (0.58, 0.0), (0.22, 1.0)]],
    8: [[*_arc(0.3, 0.25, 0.24, 0.25, 0.25, 1.25), *_arc(0.3, 0.74, 0.29, 0.26, 0.75, 1.75)]],
    9: [[*_arc(0.3, 0.3, 0.28, 0.3, 0, 1), (0.56, 0.35), (0.45, 1.0)]],
}


@dataclass
class Sheet:
    """Paper on which digits are drawn by one hand: handwritten ones of a data set, or pen strokes.

    Args:    digits: the handwritten ones to choose from.
             strokes: draw pen strokes in place of them.
    """

    width: int
    height: int
    random: np.random.Generator
    digits: Split
    strokes: bool = False
    written: list[Written] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Lay out clean paper."""
        self.ink = Image.new("L", (self.width, self.height))
        self.pen = ImageDraw.Draw(self.ink)

    def choose(self) -> tuple[int, Image.Image]:
        """Return a digit's label and its picture, 20 pixels being the usual height."""
        at = int(self.random.integers(len(self.digits.inputs)))
        return int(self.digits.targets[at]), Image.fromarray(self.digits.inputs[at])

    def render(self, height_px: float) -> tuple[int, Image.Image]:
        """Return a digit's label and its ink, cropped, of about that height."""
        label, image = self.choose()
        ink = self._render_strokes(label, height_px) if self.strokes else _render_handwriting(image, height_px)
        box = ink.point([255 if level > 90 else 0 for level in range(256)]).getbbox()
        assert box is not None
        return label, ink.crop(box)

    def _render_strokes(self, label: int, height_px: float) -> Image.Image:
        width = max(2, round(height_px * self.random.uniform(0.07, 0.13)))
        slant, scale = self.random.uniform(-0.15, 0.15), 4
        image = Image.new("L", (round(scale * 1.4 * height_px),) * 2)
        pen = ImageDraw.Draw(image)
        for stroke in STROKES[label]:
            points = [(scale * height_px * (0.35 + x - slant * (y - 0.5)), scale * height_px * (0.2 + y)) for x, y in stroke]
            pen.line(points, fill=255, width=scale * width, joint="curve")
            for x, y in (points[0], points[-1]):
                radius = scale * width / 2
                pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
        return image.reduce(scale)

    def put(self, label: int, ink: Image.Image, x: float, y: float, *, line: int = 1, after: Separator = "") -> Box:
        """Draw a digit with its upper left corner at (x, y); ink on ink stays ink."""
        left, top = round(x), round(y)
        self.ink.paste(255, (left, top), ink)
        box = (left, top, *ink.size)
        self.written.append(Written(label, box, line, after, ink))
        return box

    def write_line(
        self,
        count: int,
        x: float,
        y: float,
        height_px: float,
        gap: Callable[[], float],
        *,
        line: int = 1,
        slope: float = 0.0,
        middle: bool = True,
    ) -> float:
        """Write digits from left to right, each `gap()` heights after the one before; return where the line ends."""
        for _ in range(count):
            label, ink = self.render(height_px)
            down = (height_px - ink.height) / 2 if middle else height_px - ink.height
            left, _, width, _ = self.put(label, ink, x, y + down + slope * x, line=line)
            x = left + width + gap() * height_px
        return x

    def mark(self, after: Separator) -> None:
        """Note what stands after the last digit."""
        self.written[-1] = replace(self.written[-1], after=after)


def _render_handwriting(digit: Image.Image, height_px: float) -> Image.Image:
    large = digit.resize((round(28 * height_px / 20),) * 2, Image.Resampling.BICUBIC)
    return large.point([max(0, min(255, round((level - 70) * 2.2))) for level in range(256)])
