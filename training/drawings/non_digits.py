"""What is no digit, by kind: what a model that knows digits from the rest is fitted on, and, apart from it, what that is measured on.

A letter that people would read as a digit if nothing stood beside it (O, l, q) is in neither.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from training.drawings import digits, fonts, looks
from training.drawings.letters import LETTERS
from training.drawings.pen import SIDE_PX, Points, Random, curve, ink, write

UInt8 = npt.NDArray[np.uint8]
Kind = Callable[[UInt8, Random], Image.Image]  # of digits [N, 28, 28], to be joined or cut
PRINTED = "ABCDEFGHJKLMNPQRSTUVWXYZacdefhkmnprstuvwxyz"
SYMBOLS = "?&@#$%*+=<>{}~ΓΔΞΠΣΨΩλμπωηЖДИЛЦШЫЮЯ←→↔★☆♠♥♦♣☺✓✗♪∞√±×÷≠≤≥∀∃∈"
PLAIN_SYMBOLS = "?&@#$%*+="


def print_letter(_: UInt8, random: Random) -> Image.Image:
    """Return a printed letter."""
    return digits.print_text(_choose(PRINTED, random), random, fonts.FITTED_ON)


def print_symbol(_: UInt8, random: Random) -> Image.Image:
    """Return a printed sign; where a font has none, the frame that stands for it."""
    return digits.print_text(_choose(SYMBOLS, random), random, ("DejaVuSans", "DejaVuSans-Bold", "STIXGeneral"))


def print_word(_: UInt8, random: Random) -> Image.Image:
    """Return two to four printed letters."""
    return digits.print_text("".join(_choose(PRINTED, random) for _ in range(random.integers(2, 5))), random, fonts.FITTED_ON)


def write_letter(_: UInt8, random: Random) -> Image.Image:
    """Return a letter of a pen."""
    return write(LETTERS[_choose("".join(LETTERS), random)], random)


def scribble(_: UInt8, random: Random) -> Image.Image:
    """Return a line that goes to and fro: with corners, or smooth."""
    count = random.integers(5, 15)
    points = random.uniform(10, SIDE_PX - 10, (count, 2))
    if random.random() < 0.4:  # a walk
        points = np.cumsum(random.normal(0, 18, (3 * count, 2)), 0)
        points = (points - points.min(0)) / (np.ptp(points, axis=0).max() + 1) * (SIDE_PX - 20) + 10
    elif random.random() < 0.3:  # to and fro
        points[:, 0] = np.linspace(10, SIDE_PX - 10, count)
        points[:, 1] = np.where(np.arange(count) % 2, 15, SIDE_PX - 15) + random.normal(0, 8, count)
    if random.random() < 0.5:
        points = curve(points)
    return ink([points], random.uniform(2, 10))


def draw_shape(_: UInt8, random: Random) -> Image.Image:
    """Return an outlined or a full shape; no ring, which is a 0."""
    corners, star = random.integers(3, 8), random.random() < 0.4
    angles = np.linspace(0, 2 * np.pi, corners * (2 if star else 1), endpoint=False) + random.uniform(0, np.pi)
    radii = np.where(np.arange(len(angles)) % 2, random.uniform(0.3, 0.6), 1.0) if star else np.ones(len(angles))
    points = np.stack([np.cos(angles) * radii, np.sin(angles) * radii * random.uniform(0.6, 1)], 1) * 36 + SIDE_PX / 2
    full = random.random() < 0.4
    if random.random() < 0.25:  # a blot
        points, full = curve(points + random.normal(0, 5, points.shape), closed=True), True
    elif corners > 5 and not star:
        full = True
    page = ink([np.concatenate([points, points[:2]])], random.uniform(2, 9))
    if full:
        ImageDraw.Draw(page).polygon([(float(x), float(y)) for x, y in points], fill=0)
    return page


def draw_cross(_: UInt8, random: Random) -> Image.Image:
    """Return lines that cross: a plus, a grid, a ticked box, a tree."""
    strokes: list[list[tuple[float, float]]] = []
    lines = int(random.integers(1, 4))
    for at in (np.arange(lines) + 0.5) / lines:
        strokes += [[(0, float(at)), (1, float(at))], [(float(at), 0), (float(at), 1)]]
    if random.random() < 0.3:
        strokes = [[(0, 0), (1, 1)], [(1, 0), (0, 1)]]
    if random.random() < 0.3:
        strokes.append([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)])
    return write(strokes, random, turn=45 if lines > 1 else 12)


def draw_face(_: UInt8, random: Random) -> Image.Image:
    """Return a face: lines, or with light and shade."""
    page = Image.new("L", (SIDE_PX, SIDE_PX), int(random.integers(170, 256)))
    draw = ImageDraw.Draw(page)
    shaded = random.random() < 0.6
    x, y = random.uniform(28, 38), random.uniform(34, 42)
    box = (48 - x, 48 - y, 48 + x, 48 + y)
    pen = int(random.integers(2, 6))
    if shaded and random.random() < 0.7:
        draw.ellipse((box[0] - 4, box[1] - 6, box[2] + 4, 70), fill=int(random.integers(0, 90)))
    draw.ellipse(box, fill=int(random.integers(100, 230)) if shaded else None, outline=int(random.integers(0, 80)), width=pen)
    for side in (-1, 1):
        eye, size = 48 + side * random.uniform(10, 15), random.uniform(2, 6)
        draw.ellipse((eye - size, 38 - size, eye + size, 38 + size), fill=0 if random.random() < 0.7 else None, outline=0, width=2)
    mouth = random.uniform(5, 16)
    draw.arc((48 - mouth, 52, 48 + mouth, 72), *((10, 170) if random.random() < 0.7 else (190, 350)), fill=0, width=pen)
    if random.random() < 0.6:
        draw.line([(48, 42), (45, 55), (49, 55)], fill=30, width=2)
    return page.filter(ImageFilter.GaussianBlur(random.uniform(0.5, 3))) if shaded else page


def draw_noise(_: UInt8, random: Random) -> Image.Image:
    """Return noise, from single pixels to clouds."""
    side = int(random.integers(4, 40))
    levels = random.integers(0, 256, (side, side), dtype=np.uint8)
    if random.random() < 0.5:
        levels = np.where(random.random((side, side)) < random.uniform(0.1, 0.5), 0, 255).astype(np.uint8)
    way = Image.Resampling.NEAREST if random.random() < 0.5 else Image.Resampling.BICUBIC
    return _paste(Image.fromarray(levels), random, way)


def draw_texture(_: UInt8, random: Random) -> Image.Image:
    """Return waves, stripes or checks, with an edge or without one."""
    y, x = np.mgrid[:SIDE_PX, :SIDE_PX] / SIDE_PX
    total = np.zeros((SIDE_PX, SIDE_PX))
    for _i in range(random.integers(1, 4)):
        towards, rate = random.uniform(0, np.pi), random.uniform(1.5, 9)
        total += np.sin(2 * np.pi * rate * (np.cos(towards) * x + np.sin(towards) * y) + random.uniform(0, 6))
    levels = (total > 0) * 255.0 if random.random() < 0.5 else 128 + 60 * total
    return _paste(Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8)), random)


def join_digits(pool: UInt8, random: Random) -> Image.Image:
    """Return two or three digits beside each other, which touch or nearly do."""
    count = 2 if random.random() < 0.75 else 3
    page = np.zeros((56, 28 * count + 20), np.uint8)
    x = 10
    for digit in pool[random.integers(0, len(pool), count)]:
        columns = np.flatnonzero(digit.max(0) > 40)
        cut = digit[:, columns[0] : columns[-1] + 1]
        y = 14 + int(random.integers(-3, 4))
        page[y : y + 28, x : x + cut.shape[1]] = np.maximum(page[y : y + 28, x : x + cut.shape[1]], cut)
        x += cut.shape[1] + int(random.integers(-3, 5))
    return Image.fromarray(255 - page)


def print_number(_: UInt8, random: Random) -> Image.Image:
    """Return a printed number of two or three digits."""
    return digits.print_text(str(random.integers(10, 1000)), random, fonts.FITTED_ON)


def show_on_display(_: UInt8, random: Random) -> Image.Image:
    """Return segments of a display that are no digit."""
    return looks.show_non_digit(random)


def change_look(pool: UInt8, random: Random) -> Image.Image:
    """Return letters, a sign or a scribble as they look elsewhere than on paper."""
    kinds = (print_letter, write_letter, print_symbol, print_word, scribble)
    return looks.change(kinds[random.choice(len(kinds), p=(0.4, 0.25, 0.15, 0.1, 0.1))](pool, random), random)


def print_held_out_letter(_: UInt8, random: Random) -> Image.Image:
    """Return a printed letter of a font that no model is fitted on."""
    return digits.print_text(_choose(PRINTED, random), random, fonts.HELD_OUT)


def print_held_out_symbol(_: UInt8, random: Random) -> Image.Image:
    """Return a printed sign of a font that no model is fitted on."""
    return digits.print_text(_choose(PLAIN_SYMBOLS, random), random, fonts.HELD_OUT)


def draw_doodle(_: UInt8, random: Random) -> Image.Image:
    """Return a small drawing: a house, a person, a flower, a fish, a tree, a spiral, a figure of waves."""
    strokes = list(DOODLES[random.integers(len(DOODLES))])
    if random.random() < 0.3:
        t = np.linspace(0, 2 * np.pi, 80)
        across, along = _WAVES[random.integers(len(_WAVES))]
        strokes = [np.stack([0.5 + 0.5 * np.sin(across * t + 1), 0.5 + 0.5 * np.sin(along * t)], 1)]
    elif random.random() < 0.15:
        t = np.linspace(0, 2 * np.pi * random.uniform(2, 4), 90)
        strokes = [np.stack([0.5 + 0.5 * t / t[-1] * np.cos(t), 0.5 + 0.5 * t / t[-1] * np.sin(t)], 1)]
    return write(strokes, random, wobble=0.01)


def crop_photo(_: UInt8, random: Random) -> Image.Image:
    """Return a part of a photo of a person, or of a landscape's heights."""
    photo = _PHOTOS[random.integers(len(_PHOTOS))]()
    side = int(random.uniform(0.15, 0.7) * min(photo.size))
    x, y = int(random.integers(photo.width - side + 1)), int(random.integers(photo.height - side + 1))
    return _paste(photo.crop((x, y, x + side, y + side)), random)


def _paste(image: Image.Image, random: Random, way: Image.Resampling = Image.Resampling.BICUBIC) -> Image.Image:
    """Return the image on white paper, from a third of it to nearly all."""
    page = Image.new("L", (SIDE_PX, SIDE_PX), 255)
    width, height = (int(random.uniform(0.35, 0.85) * SIDE_PX) for _ in "xy")
    page.paste(image.resize((width, height), way), ((SIDE_PX - width) // 2, (SIDE_PX - height) // 2))
    return page


@cache
def _open_portrait() -> Image.Image:
    return Image.open(fonts.find_matplotlibs_data() / "sample_data/grace_hopper.jpg").convert("L")


@cache
def _open_landscape() -> Image.Image:
    heights = np.load(fonts.find_matplotlibs_data() / "sample_data/jacksboro_fault_dem.npz")["elevation"].astype(float)
    return Image.fromarray((255 * (heights - heights.min()) / np.ptp(heights)).astype(np.uint8))


def _choose(characters: str, random: Random) -> str:
    return characters[random.integers(len(characters))]


_WAVES = ((2, 3), (3, 4), (3, 5), (4, 5))
_PHOTOS = (_open_portrait, _open_landscape)
_RING: Points = curve([(0.5, 0), (0.2, 0.15), (0.5, 0.3), (0.8, 0.15)], closed=True)
DOODLES: tuple[digits.Strokes, ...] = (
    [
        [(0.1, 1), (0.1, 0.4), (0.5, 0), (0.9, 0.4), (0.9, 1), (0.1, 1)],
        [(0.1, 0.4), (0.9, 0.4)],
        [(0.4, 1), (0.4, 0.7), (0.6, 0.7), (0.6, 1)],
    ],
    [_RING, [(0.5, 0.3), (0.5, 0.65)], [(0.1, 0.45), (0.9, 0.45)], [(0.1, 1), (0.5, 0.65), (0.9, 1)]],
    [
        _RING,
        [(0.5, 0.3), (0.5, 1)],
        curve([(0.5, 0.8), (0.2, 0.6), (0.1, 0.7), (0.5, 0.85)]),
        [(0.2, 0), (0.8, 0.3)],
        [(0.8, 0), (0.2, 0.3)],
    ],
    [
        curve([(0, 0.5), (0.35, 0.2), (0.75, 0.5), (1, 0.75)]),
        curve([(0, 0.5), (0.35, 0.8), (0.75, 0.5), (1, 0.25)]),
        [(1, 0.25), (1, 0.75)],
    ],
    [[(0.5, 1), (0.5, 0.2)], [(0.5, 0.7), (0.15, 0.35)], [(0.5, 0.7), (0.85, 0.3)], [(0.5, 0.4), (0.3, 0.1)], [(0.5, 0.4), (0.75, 0.05)]],
    [curve([(0.5, 0.3), (0.2, 0), (0, 0.35), (0.5, 1)]), curve([(0.5, 0.3), (0.8, 0), (1, 0.35), (0.5, 1)])],
)
# Each kind, and its share of what models are fitted on.
FITTED_ON: dict[str, tuple[Kind, float]] = {
    "printed letters": (print_letter, 0.18),
    "letters of a pen": (write_letter, 0.15),
    "symbols": (print_symbol, 0.08),
    "words": (print_word, 0.04),
    "scribbles": (scribble, 0.11),
    "shapes": (draw_shape, 0.05),
    "crosses": (draw_cross, 0.03),
    "faces": (draw_face, 0.03),
    "noise": (draw_noise, 0.025),
    "textures": (draw_texture, 0.025),
    "joined digits": (join_digits, 0.04),
    "numbers": (print_number, 0.02),
    "displays": (show_on_display, 0.04),
    "other looks": (change_look, 0.18),
}
HELD_OUT: dict[str, Kind] = {
    "letters of other fonts": print_held_out_letter,
    "symbols of other fonts": print_held_out_symbol,
    "doodles": draw_doodle,
    "photos": crop_photo,
}
