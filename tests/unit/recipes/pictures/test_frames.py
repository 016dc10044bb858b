"""A frame around a digit is not its ink, and a ring with a dot in it is no frame."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from recipes.digits.ink.panels import is_plain
from recipes.digits.transform import read_digit, to_digit
from tests.digits import digit, distance, encoded, on_page, pixels

SAME = 3.0  # levels of 255, on average
Draw = Callable[[ImageDraw.ImageDraw], None]
SQUARE = (12, 12, 188, 12, 188, 188, 12, 188, 12, 12)
FRAMES: dict[str, Draw] = {
    "square": lambda draw: draw.rectangle((12, 12, 188, 188), outline=0, width=4),
    "rounded": lambda draw: draw.rounded_rectangle((14, 10, 190, 190), radius=24, outline=0, width=5),
    "circle": lambda draw: draw.ellipse((8, 8, 192, 192), outline=0, width=4),
    "with a gap": lambda draw: draw.line((100, 10, 190, 10, 190, 190, 10, 190, 10, 10, 97, 10), fill=0, width=3),
    "double": lambda draw: draw.line((*SQUARE, 26, 26, 174, 26, 174, 174, 26, 174, 26, 26), fill=0, width=3),
    "by hand": lambda draw: draw.line((14, 18, 187, 11, 192, 186, 9, 190, 15, 14), fill=0, width=4),
}


def page(label: int) -> Image.Image:
    return on_page(digit(label), page_px=200, scale=5, right_px=32, down_px=30)


@pytest.mark.parametrize("turn", [lambda image: image, ImageOps.invert], ids=["dark ink", "light ink"])
@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("label", [0, 1, 4, 8])
def test_a_frame_is_not_the_digits(label: int, frame: str, turn: Callable[[Image.Image], Image.Image]) -> None:
    framed = page(label)
    FRAMES[frame](ImageDraw.Draw(framed))
    seen = read_digit(encoded(turn(framed)))
    assert distance(seen.values, to_digit(encoded(page(label)))) < SAME
    assert seen.side_by_side == 1


@pytest.mark.parametrize(
    ("outline", "is_frame"),
    [((14, 4, 52, 14, 42, 52, 4, 42), True), ((16, 2, 40, 4, 44, 20, 32, 54, 22, 54, 26, 36, 10, 30, 8, 12), False)],
    ids=["a square aslant", "a hollow nine"],
)
def test_a_frame_fills_more_of_its_box_than_the_outline_of_a_digit(outline: tuple[int, ...], is_frame: bool) -> None:
    shape = Image.new("1", (56, 56))
    ImageDraw.Draw(shape).polygon(outline, fill=1)
    assert is_plain(int.from_bytes(shape.tobytes(), "big"), 56) == is_frame


@pytest.mark.parametrize("side", range(4), ids=["left", "top", "right", "bottom"])
@pytest.mark.parametrize("label", [3, 4])
def test_a_box_that_touches_the_digit_is_not_the_digits(label: int, side: int) -> None:
    framed = page(label)
    left, top, right, bottom = ImageOps.invert(framed).point([255 if level > 128 else 0 for level in range(256)]).getbbox() or (0, 0, 0, 0)
    box = [left - 24, top - 20, right + 20, bottom + 24]
    box[side] = (left, top, right - 1, bottom - 1)[side]
    ImageDraw.Draw(framed).rectangle(tuple(box), outline=0, width=2)
    seen = read_digit(encoded(framed))
    assert distance(seen.values, to_digit(encoded(page(label)))) < SAME
    assert seen.side_by_side == 1


@pytest.mark.parametrize("fill", [255, 220])
@pytest.mark.parametrize("box", [(40, 40, 160, 160), (30, 60, 150, 170)])
def test_nothing_of_an_empty_box_is_a_one(box: tuple[int, int, int, int], fill: int) -> None:
    image = Image.new("L", (200, 200), 255)
    draw = ImageDraw.Draw(image)
    draw.rectangle(box, outline=90, width=4, fill=fill)
    draw.line((box[2] - 7, box[1] + 12, box[2] - 7, box[3] - 12), fill=90, width=2)  # beside a side, as what removing it leaves
    assert np.ptp(np.nonzero(pixels(to_digit(encoded(image))).max(0) > 60)[0]) >= 14


@pytest.mark.parametrize("label", [0, 8])
def test_a_digit_of_straight_strokes_is_no_box(label: int) -> None:
    image = Image.new("L", (200, 200), 255)
    draw = ImageDraw.Draw(image)
    draw.line((70, 40, 130, 40, 130, 160, 70, 160, 70, 40), fill=0, width=5)
    if label:
        draw.line((70, 100, 130, 100), fill=0, width=5)
    seen = pixels(to_digit(encoded(image)))
    assert (seen.max(1) > 60).sum() == 20
    assert (seen[14].max(), seen[9, 14]) == ((255, 0) if label else (seen[14].max(), 0))


def test_a_dot_in_a_zero_does_not_make_it_a_frame() -> None:
    dotted = Image.new("L", (200, 200), 255)
    draw = ImageDraw.Draw(dotted)
    draw.ellipse((60, 30, 140, 170), outline=0, width=14)
    plain = to_digit(encoded(dotted))
    draw.ellipse((92, 92, 108, 108), fill=0)
    assert distance(to_digit(encoded(dotted)), plain) < 6


def test_a_hook_under_a_dot_is_no_frame() -> None:
    broken = Image.new("L", (200, 200), 255)
    draw = ImageDraw.Draw(broken)
    draw.line((80, 30, 80, 60), fill=0, width=16)
    draw.line((60, 90, 60, 150, 80, 165, 110, 150, 130, 130, 140, 138), fill=0, width=12)
    columns, rows = np.nonzero(pixels(to_digit(encoded(broken))).T > 60)
    assert np.ptp(rows) + 1 >= 19
    assert 11 <= np.ptp(columns) + 1 <= 14
