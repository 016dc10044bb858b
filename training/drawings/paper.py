"""One digit on paper as people photograph it, and the same paper without a digit, drawn by code from a seed."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from recipes.digits.page import spread

UInt8 = npt.NDArray[np.uint8]
Levels = npt.NDArray[np.floating[Any]]
Box = tuple[int, int, int, int]

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


class Page:
    """A page with a digit on it, or with none: its ink from 0 to 1, and the light on it.

    Args:    digit: uint8 [28, 28]; None draws an empty page.
             sides_px: of the width; the height is 0.75 to 1.33 times that.
             height: of the digit, in shares of the shorter side.
             margin: that the digit keeps from the border, in shares of the sides.
    """

    def __init__(
        self,
        digit: UInt8 | None,
        random: np.random.Generator,
        *,
        sides_px: tuple[int, int] = (120, 420),
        height: tuple[float, float] = (0.35, 0.75),
        margin: float = 0.04,
    ) -> None:
        self.random = random
        self.width = int(random.integers(*sides_px))
        self.height = int(self.width * random.uniform(0.75, 1.33))
        self.shorter = min(self.width, self.height)
        y, x = np.mgrid[: self.height, : self.width].astype(np.float32)
        self.x, self.y = x / self.width - 0.5, y / self.height - 0.5
        ink, self.box = self._write(digit, random.uniform(*height) * self.shorter, margin)
        self.ink: Levels = np.asarray(ink, np.float32) / 255

    def _write(self, digit: UInt8 | None, height_px: float, margin: float) -> tuple[Image.Image, Box]:
        page = Image.new("L", (self.width, self.height))
        if digit is None:
            left, top = (round((side - height_px) / 2) for side in page.size)
            return page, (left, top, round(left + height_px), round(top + height_px))
        image = Image.fromarray(digit)
        image = image.crop(image.getbbox())
        scale = height_px / max(image.size)
        large = image.resize((max(2, round(image.width * scale)), max(2, round(image.height * scale))), Image.Resampling.BICUBIC)
        large = large.rotate(self.random.uniform(-8, 8), expand=True, resample=Image.Resampling.BICUBIC)
        large = large.point([max(0, min(255, round((level - 30) * 1.6))) for level in range(256)])
        large = large.crop(large.getbbox())
        left, top = (
            round(self.random.uniform(margin * side, max(margin * side + 1, side - length - margin * side)))
            for side, length in zip(page.size, large.size, strict=True)
        )
        page.paste(large, (left, top))
        return page, (left, top, left + large.width, top + large.height)

    def add(self, drawing: Image.Image, share: float) -> None:
        """Draw more ink, of a share of the digit's."""
        printed = np.asarray(drawing.resize((self.width, self.height), Image.Resampling.BOX), np.float32) / 255
        self.ink = np.maximum(self.ink, printed * share)

    def draw_large(self) -> tuple[Image.Image, ImageDraw.ImageDraw]:
        """Return an empty page of twice the size, and its pen."""
        drawing = Image.new("L", (2 * self.width, 2 * self.height))
        return drawing, ImageDraw.Draw(drawing)

    def tilt(self, levels: float) -> Levels:
        """Return a plane that rises by so many levels from one side to the other."""
        towards = self.random.uniform(0, 2 * np.pi)
        plane: Levels = (np.cos(towards) * self.x + np.sin(towards) * self.y) * levels
        return plane

    def find_edge(self, width_px: float) -> Levels:
        """Return 0 on one side of an edge across the page and 1 on the other; `width_px` is how soft it is."""
        towards, offset = self.random.uniform(0, 2 * np.pi), self.random.uniform(-0.3, 0.3)
        distance_px = (np.cos(towards) * self.x + np.sin(towards) * self.y - offset) * self.shorter
        side: Levels = 1 / (1 + np.exp(-np.clip(distance_px / width_px, -30, 30)))
        return side

    def colour(self, paper: tuple[float, float], pen: tuple[float, float]) -> tuple[Levels, float]:
        """Return the levels of ink on paper, and the paper's, each chosen from a range."""
        light = self.random.uniform(*paper)
        return light + (self.random.uniform(*pen) - light) * self.ink, light


def photograph(levels: Levels, page: Page, noise: tuple[float, float], blur_px: float = 0.7, *, jpeg_share: float = 1.0) -> bytes:
    """Return the levels as a camera would have them: out of focus, noisy, mostly JPEG."""
    image = _round(levels).filter(ImageFilter.GaussianBlur(blur_px))
    noisy = np.asarray(image, np.float32) + page.random.normal(0, page.random.uniform(*noise), levels.shape)
    if page.random.random() < jpeg_share:
        return encode(_round(noisy), "JPEG", quality=int(page.random.integers(82, 95)))
    return encode(_round(noisy))


def encode(image: Image.Image, format_: str = "PNG", **options: int) -> bytes:
    """Return the image's file."""
    buffer = io.BytesIO()
    image.save(buffer, format_, **options)
    return buffer.getvalue()


def _round(levels: Levels) -> Image.Image:
    return Image.fromarray(levels.clip(0, 255).round().astype(np.uint8))


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
        return encode(_round(255 - 255 * page.ink if random.random() < 0.7 else 255 * page.ink))
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
        return encode(_round(levels))
    levels += random.normal(0, 2.5, levels.shape) + page.tilt(random.uniform(0, 20))[..., None]
    return encode(_round(levels).filter(ImageFilter.GaussianBlur(0.6)), "JPEG", quality=90, subsampling=int(random.choice([0, 2])))


def tight(digit: UInt8 | None, random: np.random.Generator) -> bytes:
    """A picture cut to the digit, with up to 3 % of its height about it."""
    page = Page(digit, random, sides_px=(150, 400), height=(0.6, 0.85))
    left, top, right, bottom = page.box
    margin_px = round(random.uniform(0, 0.03) * (bottom - top))
    part = np.s_[max(0, top - margin_px) : bottom + margin_px + 1, max(0, left - margin_px) : right + margin_px + 1]
    page.ink = page.ink[part]
    if random.random() < 0.4:
        return encode(_round(255 - 255 * page.ink))
    levels, _ = page.colour((170, 235), (20, 80))
    return photograph(levels + page.tilt(random.uniform(0, 30))[part], page, (1, 4))


def bold(digit: UInt8 | None, random: np.random.Generator) -> bytes:
    """Strokes made wider by a fortieth of the side, with a faint shadow."""
    page = Page(digit, random, sides_px=(100, 300), height=(0.5, 0.8))
    wider = max(1, round(0.012 * page.shorter))
    page.ink = np.asarray(spread(_round(255 * page.ink), wider, wider), np.float32) / 255
    levels, _ = page.colour((170, 235), (20, 80))
    return photograph(levels * (1 - 0.2 * page.find_edge(3)), page, (1, 4))


def stained(digit: UInt8 | None, random: np.random.Generator) -> bytes:
    """Paper mottled by stains of up to 12 levels (one sigma)."""
    page = Page(digit, random)
    cells = 128 + random.normal(0, random.uniform(1, 12), (12, 12))
    stains = np.asarray(_round(cells).resize((page.width, page.height), Image.Resampling.BICUBIC), np.float32) - 128
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
