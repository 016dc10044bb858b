"""Sheets of writing alone: digits apart, together, broken, with signs between them, aslant, of several sizes."""

from math import cos, pi, sin

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from benchmarks.digits.sheet import Sheet


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
