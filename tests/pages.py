"""Pages of several digits for tests, with where each digit is: drawn, photographed, ruled, slanted.

`python -m tests.pages` writes docs/digits-photo.jpg from MNIST's test digits.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

UInt8 = npt.NDArray[np.uint8]
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page, and the digits on it in reading order: labels, and boxes (x, y, width, height) of their ink."""

    image: Image.Image
    labels: list[int]
    boxes: list[Box]


class Paper:
    """White paper on which digits uint8 [28, 28] are drawn in black."""

    def __init__(self, width: int, height: int) -> None:
        self.ink = Image.new("L", (width, height))
        self.labels: list[int] = []
        self.boxes: list[Box] = []

    def draw(self, digit: UInt8, label: int, x: float, y: float, height_px: float, *, pen: float = 1.0) -> None:
        """Draw the digit's ink with its upper left corner at (x, y), the 20 pixels of MNIST's box being `height_px` long."""
        scale = height_px / 20
        large = Image.fromarray(digit).resize((round(28 * scale),) * 2, Image.Resampling.BICUBIC)
        large = large.point([max(0, min(255, round((level - 70) * 2.2))) for level in range(256)])
        box = large.point([255 if level > 90 else 0 for level in range(256)]).getbbox()
        assert box is not None
        left, top = round(x), round(y)
        crop = large.crop(box)
        faint = crop.point([round(level * pen) for level in range(256)])
        self.ink.paste(faint, (left, top), crop)
        self.labels.append(label)
        self.boxes.append((left, top, *crop.size))

    def line(
        self, digits: UInt8, labels: Sequence[int], x: float, y: float, height_px: float, *, pitch: float = 1.15, slope: float = 0
    ) -> None:
        """Draw digits beside each other, `pitch` heights from one's left to the next's, `slope` down for each pixel right."""
        for index, (digit, label) in enumerate(zip(digits, labels, strict=True)):
            left = x + index * pitch * height_px
            self.draw(digit, int(label), left, y + slope * (left - x), height_px)

    def page(self, image: Image.Image | None = None) -> Drawn:
        drawn = image or self.ink.point([255 - level for level in range(256)])
        return Drawn(drawn, self.labels, self.boxes)


def photographed(
    ink: Image.Image,
    *,
    seed: int = 0,
    paper: float = 200,
    pen: float = 50,
    gradient: float = 50,
    noise: float = 5,
    blur_px: float = 1.0,
    shadow: float = 0,
) -> Image.Image:
    """Return ink on paper as a camera would have it: lit from one side, vignetted, with a shadow's edge across it, noisy, out of focus."""
    random = np.random.default_rng(seed)
    height, width = ink.size[::-1]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    y, x = y / height - 0.5, x / width - 0.5
    towards = random.uniform(0, 2 * np.pi)
    light = 1 + (np.cos(towards) * x + np.sin(towards) * y) * (gradient / paper) - (x * x + y * y) * 0.3
    if shadow:
        angle = random.uniform(0, 2 * np.pi)
        across = np.cos(angle) * x + np.sin(angle) * y + random.uniform(-0.15, 0.15)
        light = light * (1 - shadow / (1 + np.exp(-np.clip(across * 60, -30, 30))))
    levels = np.asarray(ink, np.float32) * ((pen - paper) / 255) + paper
    soft = Image.fromarray((levels * light).clip(0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(blur_px))
    grains = random.normal(0, noise, (min(height, 512), min(width, 512))).astype(np.float32)
    grains = np.tile(grains, (-(-height // grains.shape[0]), -(-width // grains.shape[1])))[:height, :width]
    return Image.fromarray((np.asarray(soft, np.float32) + grains).clip(0, 255).astype(np.uint8))


def ruled(ink: Image.Image, *, every_px: int, width_px: int, level: int = 140, slope: float = 0.0, margin: bool = True) -> Image.Image:
    """Return the ink on ruled paper: pale horizontal lines, and a margin line."""
    lined = ink.copy()
    rules = Image.new("L", ink.size)
    draw = ImageDraw.Draw(rules)
    for y in range(every_px, ink.height, every_px):
        draw.line((0, y, ink.width, y + slope * ink.width), fill=level, width=width_px)
    if margin:
        draw.line((ink.width // 25, 0, ink.width // 25, ink.height), fill=level, width=width_px)
    lined.paste(rules, (0, 0), rules.point([255 if value else 0 for value in range(256)]))
    lined.paste(ink, (0, 0), ink)
    return lined


def encoded(image: Image.Image, format_: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_, **({"compress_level": 1} if format_ == "PNG" else {"quality": 85}) | options)
    return buffer.getvalue()


def overlap(one: Box, other: Box) -> float:
    """Return intersection over union."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    both = max(0, width) * max(0, height)
    return both / (one[2] * one[3] + other[2] * other[3] - both)


def number_photo() -> bytes:
    """Return two numbers in blue-black ink on warm, fibrous paper, sloping, half in the shade, as a JPEG."""
    from recipes.digits.dataset import load

    test, random = load().test, np.random.default_rng(5)
    paper, at = Paper(1600, 1000), 120
    for number, y, height_px, slope in (("5550142", 240, 185, -0.035), ("31415926", 620, 160, -0.03)):
        x = 170.0
        for label in map(int, number):
            at += 1 + int(np.argmax(test.targets[at + 1 :] == label))
            paper.draw(test.inputs[at], label, x, y + slope * x + random.uniform(-8, 8), height_px * random.uniform(0.93, 1.05))
            x += paper.boxes[-1][2] + random.uniform(0.28, 0.42) * height_px
    grey = photographed(paper.ink, seed=3, paper=212, pen=58, gradient=60, noise=2.2, blur_px=1.4, shadow=0.28)
    fibres = Image.fromarray((128 + random.normal(0, 26, (250, 400))).clip(0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(1))
    levels = np.asarray(grey, float) + (np.asarray(fibres.resize(grey.size, Image.Resampling.BICUBIC), float) - 128) * 0.35
    ink = np.asarray(paper.ink.filter(ImageFilter.GaussianBlur(1.4)), float) / 255
    colours = np.stack([levels * (1.0 - 0.18 * ink), levels * (0.975 - 0.08 * ink), levels * (0.91 + 0.22 * ink)], -1)
    return encoded(Image.fromarray(colours.clip(0, 255).astype(np.uint8)), "JPEG", quality=80, optimize=True)


if __name__ == "__main__":
    (Path(__file__).resolve().parents[1] / "docs/digits-photo.jpg").write_bytes(number_photo())
