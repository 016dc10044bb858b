"""Pictures of the eight kinds drawn by code: `python -m recipes.natural_images.generate OUT.zip`. For tests, trials and the shipped model.

The rule. A picture is 120 to 320 pixels wide and high, filled with a slope of two colours; up to five plain shapes lie on it anywhere. On
them stands one thing, made of two to ten shapes at fixed places in a square of its own, which is turned by up to 15 degrees, mirrored or
not, 0.3 to 0.48 of the shorter side in size, and up to a tenth of it off the middle. All colours, of the ground and of each part of a
thing, come from one list, whatever the kind: colour tells nothing. The picture is blurred a little and saved as a JPEG of quality 70 to 95.
"""

import io
import math
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw, ImageFilter

from recipes.natural_images.recipe import RECIPE

EACH = 150
SEED = 20261129
COLORS = (
    "#b01c24",
    "#e07b1a",
    "#e8c53a",
    "#3f8f3a",
    "#2a9d8f",
    "#2b5fa8",
    "#7b4ea3",
    "#c9548c",
    "#7a4a28",
    "#2b2b2b",
    "#8d8d8d",
    "#e9e4d8",
)
FOLDER = "natural_images"  # the layout of Kaggle's: natural_images/<class>/<class>_0000.jpg
STAMP = (2026, 11, 29, 0, 0, 0)  # of every file in the zip, which is the same whenever it is written
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Pen:
    """Draws in a thing's own square, from -1 to 1, y downwards."""

    draw: ImageDraw.ImageDraw
    middle: Point
    size: float
    angle: float
    flip: int
    colors: list[str]

    def place(self, x: float, y: float) -> Point:
        """Return where a point of the square is in the picture."""
        x *= self.flip
        turned = (x * math.cos(self.angle) - y * math.sin(self.angle), x * math.sin(self.angle) + y * math.cos(self.angle))
        return self.middle[0] + self.size * turned[0], self.middle[1] + self.size * turned[1]

    def fill(self, color: int, *points: Point) -> None:
        """Fill a polygon."""
        self.draw.polygon([self.place(*point) for point in points], fill=self.colors[color])

    def oval(self, color: int, x: float, y: float, wide: float, high: float, lean: float = 0.0) -> None:  # noqa: PLR0917 - as one says it
        """Fill an ellipse of these half axes that leans by an angle."""
        turns = [step * math.pi / 16 for step in range(32)]
        around = [(wide * math.cos(turn), high * math.sin(turn)) for turn in turns]
        cosine, sine = math.cos(lean), math.sin(lean)
        self.fill(color, *((x + a * cosine - b * sine, y + a * sine + b * cosine) for a, b in around))

    def line(self, color: int, width: float, *points: Point) -> None:
        """Draw a line with round ends."""
        placed = [self.place(*point) for point in points]
        self.draw.line(placed, fill=self.colors[color], width=max(1, round(width * self.size)), joint="curve")


def draw_airplane(pen: Pen) -> None:
    """Draw a body, two wings and a tail, from the side and above."""
    pen.oval(0, 0, 0, 0.95, 0.13)
    pen.fill(1, (0.2, 0), (-0.3, 0.75), (-0.45, 0.7), (-0.15, 0))
    pen.fill(1, (0.2, 0), (-0.2, -0.6), (-0.35, -0.6), (-0.1, 0))
    pen.fill(2, (-0.65, 0), (-0.95, -0.4), (-0.8, -0.4), (-0.45, -0.05))


def draw_car(pen: Pen) -> None:
    """Draw a body, a cabin with a window and two wheels."""
    pen.fill(0, (-0.55, -0.05), (-0.35, -0.45), (0.3, -0.45), (0.5, -0.05))
    pen.fill(1, (-0.38, -0.08), (-0.26, -0.37), (0.22, -0.37), (0.35, -0.08))
    pen.fill(0, (-0.95, -0.05), (0.95, -0.05), (0.95, 0.35), (-0.95, 0.35))
    for x in (-0.52, 0.52):
        pen.oval(2, x, 0.36, 0.22, 0.22)
        pen.oval(3, x, 0.36, 0.09, 0.09)


def draw_cat(pen: Pen) -> None:
    """Draw a round head with pointed ears, eyes and whiskers."""
    for side in (-1, 1):
        pen.fill(0, (side * 0.68, -0.15), (side * 0.62, -0.95), (side * 0.1, -0.5))
    pen.oval(0, 0, 0.05, 0.72, 0.65)
    for side in (-1, 1):
        pen.oval(1, side * 0.28, -0.08, 0.12, 0.16)
        for y in (0.2, 0.34):
            pen.line(2, 0.05, (side * 0.15, 0.25), (side * 0.95, y))
    pen.fill(2, (-0.09, 0.16), (0.09, 0.16), (0, 0.28))


def draw_dog(pen: Pen) -> None:
    """Draw a long head with hanging ears and a snout."""
    pen.oval(0, 0, -0.1, 0.52, 0.62)
    for side in (-1, 1):
        pen.oval(1, side * 0.6, 0.02, 0.19, 0.52, -side * 0.25)
        pen.oval(2, side * 0.2, -0.25, 0.08, 0.08)
    pen.oval(3, 0, 0.38, 0.34, 0.38)
    pen.oval(2, 0, 0.2, 0.17, 0.12)


def draw_flower(pen: Pen) -> None:
    """Draw petals around a middle, on a stem with a leaf."""
    pen.line(1, 0.09, (0, -0.2), (0.05, 1))
    pen.oval(1, 0.26, 0.66, 0.26, 0.1, -0.6)
    for petal in range(7):
        turn = petal * 2 * math.pi / 7
        pen.oval(0, 0.42 * math.cos(turn), -0.35 + 0.42 * math.sin(turn), 0.27, 0.16, turn)
    pen.oval(2, 0, -0.35, 0.2, 0.2)


def draw_fruit(pen: Pen) -> None:
    """Draw a round body with a dent, a stalk and a leaf."""
    for side in (-1, 1):
        pen.oval(0, side * 0.26, 0.15, 0.48, 0.66)
    pen.line(1, 0.1, (0, -0.35), (0.08, -0.85))
    pen.oval(2, 0.36, -0.7, 0.3, 0.13, -0.4)


def draw_motorbike(pen: Pen) -> None:
    """Draw two open wheels, a frame, a tank and a handlebar."""
    for x in (-0.62, 0.62):
        turns = [step * math.pi / 12 for step in range(25)]
        pen.line(0, 0.1, *((x + 0.32 * math.cos(turn), 0.35 + 0.32 * math.sin(turn)) for turn in turns))
    pen.line(1, 0.09, (-0.62, 0.35), (-0.1, 0.3), (0.35, -0.25), (0.62, 0.35))
    pen.line(1, 0.07, (0.35, -0.25), (0.25, -0.55), (0.05, -0.5))
    pen.oval(2, 0.05, -0.1, 0.3, 0.15)
    pen.fill(3, (-0.7, -0.12), (-0.2, -0.02), (-0.2, 0.08), (-0.62, 0.04))


def draw_person(pen: Pen) -> None:
    """Draw a head, a body, arms and legs."""
    for side in (-1, 1):
        pen.line(1, 0.17, (side * 0.12, 0.25), (side * 0.22, 0.98))
        pen.line(2, 0.13, (side * 0.2, -0.35), (side * 0.5, 0.05), (side * 0.42, 0.3))
    pen.fill(0, (-0.28, -0.42), (0.28, -0.42), (0.22, 0.32), (-0.22, 0.32))
    pen.oval(2, 0, -0.7, 0.2, 0.25)


DRAW: dict[str, Callable[[Pen], None]] = {
    "airplane": draw_airplane,
    "car": draw_car,
    "cat": draw_cat,
    "dog": draw_dog,
    "flower": draw_flower,
    "fruit": draw_fruit,
    "motorbike": draw_motorbike,
    "person": draw_person,
}


def draw_picture(kind: str, random: Random) -> Image.Image:
    """Return a picture of a thing of this kind."""
    width, height = random.randint(120, 320), random.randint(120, 320)
    ground = random.sample(COLORS, 2)
    slope = Image.linear_gradient("L").rotate(random.randrange(0, 360, 90)).resize((width, height))
    picture = Image.composite(Image.new("RGB", (width, height), ground[0]), Image.new("RGB", (width, height), ground[1]), slope)
    draw = ImageDraw.Draw(picture)
    shorter = min(width, height)
    for _ in range(random.randint(0, 5)):
        x, y, size = random.uniform(0, width), random.uniform(0, height), random.uniform(0.05, 0.2) * shorter
        shape = draw.ellipse if random.random() < 0.5 else draw.rectangle
        shape((x - size, y - size * random.uniform(0.3, 1), x + size, y + size * random.uniform(0.3, 1)), fill=random.choice(COLORS))
    colors = random.sample([color for color in COLORS if color not in ground], 4)
    middle = tuple(side / 2 + random.uniform(-0.1, 0.1) * shorter for side in (width, height))
    angle, flip = math.radians(random.uniform(-15, 15)), random.choice((-1, 1))
    DRAW[kind](Pen(draw, (middle[0], middle[1]), random.uniform(0.3, 0.48) * shorter, angle, flip, colors))
    return picture.filter(ImageFilter.GaussianBlur(random.uniform(0.3, 1.0)))


def draw_files(each: int = EACH, seed: int = SEED) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the JPEG of each picture, `each` of every kind; a picture depends on the seed and its name alone."""
    for kind in RECIPE.labels:
        for place in range(each):
            random = Random(f"{seed} {kind} {place}")  # noqa: S311 - to be the same again
            file = io.BytesIO()
            draw_picture(str(kind), random).save(file, "JPEG", quality=random.randint(70, 95))
            yield f"{FOLDER}/{kind}/{kind}_{place:04}.jpg", file.getvalue()


def write_zip(path: Path, each: int = EACH) -> Path:
    """Write the pictures into a zip, and return its path; it is complete or absent."""
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = path.with_suffix(".part")
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        for name, content in draw_files(each):
            archive.writestr(zipfile.ZipInfo(name, STAMP), content)
    return whole.replace(path)


if __name__ == "__main__":
    write_zip(Path(sys.argv[1]))
