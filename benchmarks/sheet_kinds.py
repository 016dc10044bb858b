"""Sheets of digits of every kind that people send, drawn by code from a seed, with what is written on them and where."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import cos, pi, sin

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from recipes.dataset import Split
from recipes.recipe import Box, Separator
from tests.pages import photographed

UInt8 = npt.NDArray[np.uint8]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Written:
    """A digit on a sheet: what it is, its ink's box, its line, and what stands after it."""

    label: int
    box: Box
    line: int = 1
    after: Separator = ""


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
        self.written.append(Written(label, box, line, after))
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
        last = self.written[-1]
        self.written[-1] = Written(last.label, last.box, last.line, after)


def _render_handwriting(digit: Image.Image, height_px: float) -> Image.Image:
    large = digit.resize((round(28 * height_px / 20),) * 2, Image.Resampling.BICUBIC)
    return large.point([max(0, min(255, round((level - 70) * 2.2))) for level in range(256)])


Kind = Callable[[Sheet], None]


def plain(sheet: Sheet) -> None:
    """Two or three lines of digits apart."""
    random = sheet.random
    for line in range(int(random.integers(2, 4))):
        sheet.write_line(int(random.integers(4, 9)), 50, 40 + 130 * line, 70, lambda: random.uniform(0.25, 0.5), line=line + 1)


def gap_0(sheet: Sheet) -> None:
    """Five or six digits whose boxes touch."""
    sheet.write_line(int(sheet.random.integers(5, 7)), 60, 100, 70, lambda: 0.0)


def touching(sheet: Sheet) -> None:
    """Digits moved together until their ink touches, in pairs and threes."""
    random = sheet.random
    for line in range(2):
        x = 50.0
        for _ in range(3):
            x = _write_touching(sheet, int(random.integers(2, 4)), x, line=line + 1, depth_px=1) + 50


def overlapping(sheet: Sheet) -> None:
    """The same, pushed into each other by a stroke or so."""
    random = sheet.random
    for line in range(2):
        x = 50.0
        for _ in range(3):
            x = _write_touching(sheet, 2, x, line=line + 1, depth_px=int(random.integers(3, 8))) + 50


def _write_touching(sheet: Sheet, count: int, x: float, *, line: int, depth_px: int) -> float:
    """Write digits each as far left as it goes until it shares ink with the one before, and then `depth_px` farther; return the end."""
    before: npt.NDArray[np.bool_] | None = None
    y, height_px = 160 * line - 110, 70
    for _ in range(count):
        label, ink = sheet.render(height_px)
        down = round((height_px - ink.height) / 2 + sheet.random.uniform(-4, 4))
        page = Image.new("L", (sheet.width, sheet.height))
        page.paste(ink, (0, round(y) + down))
        levels = np.asarray(page) > 128
        if before is not None:
            left = round(x)
            while not (before[:, left : left + ink.width] & levels[:, : ink.width]).any():
                left -= 1
            x = left - depth_px + 1
        sheet.put(label, ink, x, round(y) + down, line=line)
        before = np.roll(levels, round(x), 1)
        x = round(x) + ink.width
    return x


def grid(sheet: Sheet) -> None:
    """Squared paper."""
    random = sheet.random
    every, width, level = int(random.integers(24, 60)), int(random.integers(1, 3)), int(random.integers(90, 200))
    _draw_grid(sheet, every, width, level)
    for line in range(2):
        sheet.write_line(int(random.integers(4, 8)), 50, 50 + 150 * line, 75, lambda: random.uniform(0.25, 0.5), line=line + 1)


def grid_cells(sheet: Sheet) -> None:
    """Squared paper of dark lines with a digit in every other square."""
    random = sheet.random
    every = int(random.integers(48, 72))
    _draw_grid(sheet, every, int(random.integers(1, 3)), int(random.integers(150, 256)))
    for line in range(2):
        for column in range(int(random.integers(5, 9))):
            label, ink = sheet.render(0.75 * every)
            left, top = every * (column + 1), every * (2 * line + 1)
            sheet.put(label, ink, left + (every - ink.width) / 2, top + (every - ink.height) / 2, line=line + 1)


def _draw_grid(sheet: Sheet, every: int, width: int, level: int) -> None:
    for x in range(every, sheet.width, every):
        sheet.pen.line((x, 0, x, sheet.height), fill=level, width=width)
    for y in range(every, sheet.height, every):
        sheet.pen.line((0, y, sheet.width, y), fill=level, width=width)


def comb(sheet: Sheet) -> None:
    """A form's comb: a base line with ticks between the digits."""
    random = sheet.random
    pitch, width = int(random.integers(60, 90)), int(random.integers(2, 4))
    level = int(random.integers(140, 256))
    for line in range(2):
        count = int(random.integers(5, 9))
        left, base, tick = 60, 150 + 160 * line, round(pitch * random.uniform(0.3, 1.2))
        sheet.pen.line((left, base, left + count * pitch, base), fill=level, width=width)
        for column in range(count + 1):
            sheet.pen.line((left + column * pitch, base - tick, left + column * pitch, base), fill=level, width=width)
        for column in range(count):
            label, ink = sheet.render(0.75 * pitch)
            x = left + column * pitch + (pitch - ink.width) / 2 + random.uniform(-3, 3)
            sheet.put(label, ink, x, base - 0.1 * pitch - ink.height, line=line + 1)


def boxes(sheet: Sheet) -> None:
    """A printed box around each digit, apart or joined."""
    random = sheet.random
    side, width = int(random.integers(70, 100)), int(random.integers(1, 5))
    apart, level = int(random.choice([0, 12, 30])), int(random.integers(120, 256))
    for line in range(2):
        for column in range(int(random.integers(4, 7))):
            left, top = 50 + column * (side + apart), 40 + 170 * line
            sheet.pen.rectangle((left, top, left + side, top + side), outline=level, width=width)
            label, ink = sheet.render(0.65 * side)
            x, y = left + (side - ink.width) / 2 + random.uniform(-5, 5), top + (side - ink.height) / 2 + random.uniform(-5, 5)
            sheet.put(label, ink, x, y, line=line + 1)


def broken(sheet: Sheet) -> None:
    """Strokes that the pen left out here and there."""
    random = sheet.random
    for line in range(2):
        x = 50.0
        for _ in range(int(random.integers(5, 8))):
            label, ink = sheet.render(75)
            sheet.put(label, _break(ink, random), x, 50 + 150 * line, line=line + 1)
            x += ink.width + random.uniform(0.3, 0.5) * 75


def _break(ink: Image.Image, random: np.random.Generator) -> Image.Image:
    cut = ink.copy()
    pen = ImageDraw.Draw(cut)
    for _ in range(2):
        x, y, angle = random.uniform(0, ink.width), random.uniform(0.2, 0.8) * ink.height, random.uniform(0, pi)
        dx, dy = 18 * cos(angle), 18 * sin(angle)
        pen.line((x - dx, y - dy, x + dx, y + dy), fill=0, width=int(random.integers(2, 5)))
    return cut


def separators(sheet: Sheet) -> None:
    """Points, commas, dashes, slashes and gaps between digits."""
    random = sheet.random
    for line in range(3):
        height = 64
        x, y = 50.0, 40 + 120 * line
        count = int(random.integers(4, 8))
        for index in range(count):
            label, ink = sheet.render(height)
            sheet.put(label, ink, x, y + height - ink.height, line=line + 1)
            x += ink.width + random.uniform(0.2, 0.4) * height
            if index < count - 1 and random.random() < 0.4:
                x = _write_separator(sheet, x, y, height)


def _write_separator(sheet: Sheet, x: float, y: float, height: float) -> float:
    random, pen = sheet.random, sheet.pen
    width = max(3, round(height * random.uniform(0.08, 0.12)))
    kind = ("point", "comma", "minus", "slash", "gap")[int(random.integers(5))]
    base = y + height
    if kind == "gap":
        sheet.mark("gap")
        return x + height * random.uniform(1.2, 2.0)
    if kind == "point":
        sheet.mark("point")
        pen.ellipse((x, base - 1.4 * width, x + 1.4 * width, base), fill=255)
        return x + 1.4 * width + 0.25 * height
    if kind == "comma":
        sheet.mark("point")
        pen.line((x + width, base - width, x, base + 0.15 * height), fill=255, width=width)
        return x + width + 0.25 * height
    if kind == "minus":
        sheet.mark("minus")
        length = height * random.uniform(0.3, 0.5)
        middle = y + height * random.uniform(0.45, 0.6)
        pen.line((x, middle, x + length, middle + random.uniform(-2, 2)), fill=255, width=width)
        return x + length + 0.25 * height
    sheet.mark("slash")
    lean = height * random.uniform(0.3, 0.5)
    pen.line((x, base + 0.12 * height, x + lean, y - 0.12 * height), fill=255, width=width)
    return x + lean + 0.2 * height


def slopes(sheet: Sheet) -> None:
    """Lines a few degrees aslant."""
    random = sheet.random
    slope = float(random.uniform(-0.09, 0.09))
    for line in range(2):
        sheet.write_line(8, 50, 100 + 140 * line, 70, lambda: random.uniform(0.2, 0.5), line=line + 1, slope=slope)


def sizes(sheet: Sheet) -> None:
    """Digits of 30 to 150 pixels on one sheet, a size a line."""
    random = sheet.random
    y = 30.0
    for line in range(3):
        height = float(random.uniform(30, 150))
        if y + height > sheet.height - 20:
            return
        count = min(8, int((sheet.width - 150) / (1.4 * height)))
        sheet.write_line(count, 50, y, height, lambda: random.uniform(0.25, 0.5), line=line + 1)
        y += 1.4 * height


def words(sheet: Sheet) -> None:
    """Printed words beside the digits, as on a form."""
    random = sheet.random
    for line in range(3):
        y = 50 + 130 * line
        font = ImageFont.load_default(int(random.integers(22, 34)))
        word = str(random.choice(["Telephone", "Amount due", "Postal code", "Date of birth", "Customer number", "Total"]))
        sheet.pen.text((30, y + 25), word, fill=255, font=font)
        x = 30 + sheet.pen.textlength(word, font=font) + 40
        sheet.write_line(int(random.integers(3, 6)), x, y, 70, lambda: random.uniform(0.2, 0.4), line=line + 1)


KINDS: dict[str, tuple[Kind, tuple[int, int]]] = {
    "plain": (plain, (1000, 480)),
    "gap 0": (gap_0, (560, 260)),
    "touching": (touching, (900, 400)),
    "overlapping": (overlapping, (800, 400)),
    "grid": (grid, (900, 400)),
    "grid of cells": (grid_cells, (820, 420)),
    "comb": (comb, (900, 400)),
    "boxes": (boxes, (900, 400)),
    "broken strokes": (broken, (900, 380)),
    "separators": (separators, (1000, 420)),
    "slopes": (slopes, (1000, 480)),
    "sizes of 30 to 150": (sizes, (1100, 640)),
    "printed words": (words, (1000, 460)),
}


def draw(kind: str, seed: int, digits: Split) -> tuple[Image.Image, Sequence[Written]]:
    """Return a sheet of that kind and what is written on it: every third of pen strokes, every second photographed."""
    write, (width, height) = KINDS[kind]
    random = np.random.default_rng((seed, sum(kind.encode())))
    sheet = Sheet(width, height, random, digits, strokes=seed % 3 == 2)
    write(sheet)
    if seed % 2:
        return photographed(sheet.ink, seed=seed, noise=3, gradient=30, blur_px=0.8), sheet.written
    return sheet.ink.point([255 - level for level in range(256)]), sheet.written
