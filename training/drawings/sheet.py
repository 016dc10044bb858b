"""A sheet of paper with a digit on it or none: its ink, the light on it, and the camera that takes it."""

import io
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

UInt8 = npt.NDArray[np.uint8]
Levels = npt.NDArray[np.floating[Any]]
Box = tuple[int, int, int, int]


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
    image = round_levels(levels).filter(ImageFilter.GaussianBlur(blur_px))
    noisy = np.asarray(image, np.float32) + page.random.normal(0, page.random.uniform(*noise), levels.shape)
    if page.random.random() < jpeg_share:
        return encode(round_levels(noisy), "JPEG", quality=int(page.random.integers(82, 95)))
    return encode(round_levels(noisy))


def encode(image: Image.Image, format_: str = "PNG", **options: int) -> bytes:
    """Return the image's file; a PNG is not compressed, because it is read once."""
    buffer = io.BytesIO()
    image.save(buffer, format_, compress_level=0, **options)
    return buffer.getvalue()


def round_levels(levels: Levels) -> Image.Image:
    """Return levels as a grey image."""
    return Image.fromarray(levels.clip(0, 255).round().astype(np.uint8))
