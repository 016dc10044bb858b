"""What stands about one digit is told: marks beside it are counted, and a line under or over it is parted from it."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from recipes.digits.dataset import load
from recipes.digits.transform import read_digit
from tests.digits import UInt8, digit, distance, encoded

Draw = Callable[[ImageDraw.ImageDraw], object]
SAME = 6.0  # levels of 255, on average
LEFT, TOP, RIGHT, BOTTOM = 100, 70, 160, 160  # of the digit


def write(label: int, draw: Draw | None = None) -> bytes:
    """Return a page with a digit, and what is drawn about it."""
    cut = digit(label).crop(digit(label).getbbox())
    ink = Image.new("L", (260, 230))
    ink.paste(cut.resize((RIGHT - LEFT, BOTTOM - TOP), Image.Resampling.BICUBIC), (LEFT, TOP))
    if draw:
        draw(ImageDraw.Draw(ink))
    return encoded(ink.point([255 - level for level in range(256)]))


def rule(y: int, left: int = 75, right: int = 190, slope: int = 0) -> Draw:
    return lambda pen: pen.line((left, y, right, y + slope), fill=255, width=8)


def add(pen: ImageDraw.ImageDraw) -> None:
    pen.line((40, 115, 80, 115), fill=255, width=8)
    pen.line((60, 95, 60, 135), fill=255, width=8)


MARKS: dict[str, Draw] = {
    "-7": rule(115, 45, 80),
    "7-": rule(115, 178, 214),
    ".7": lambda pen: pen.ellipse((68, 148, 80, 160), fill=255),
    "7.": lambda pen: pen.ellipse((176, 148, 188, 160), fill=255),
    "7,": lambda pen: pen.line((176, 152, 166, 178), fill=255, width=9),
    "7'": lambda pen: pen.line((180, 66, 178, 88), fill=255, width=8),
    "7°": lambda pen: pen.ellipse((176, 66, 200, 90), outline=255, width=7),
    "+7": add,
    "a line under it": rule(180),
    "a line over it": rule(52),
    "a line that it stands on": rule(160),
    "a line that it stands on, aslant": rule(158, slope=4),
}


@pytest.mark.parametrize("draw", MARKS.values(), ids=MARKS)
def test_counts_what_stands_about_a_digit(draw: Draw) -> None:
    found = read_digit(write(7, draw))
    assert (found.side_by_side, found.marks) == (1, 1)


ASIDE: dict[str, Draw] = {
    "holes of a pad": lambda pen: [pen.ellipse((12, y, 22, y + 10), fill=255) for y in range(10, 220, 45)],
    "a box to tick": lambda pen: pen.rectangle((190, 100, 220, 130), outline=255, width=4),
    "buttons above": lambda pen: [pen.ellipse((x, 1, x + 12, 13), fill=255) for x in (20, 60, 200, 240)],
    "what the picture's border has cut off": lambda pen: pen.rectangle((245, 90, 260, 125), fill=255),
    "two lines of a pen": lambda pen: [pen.line((80, y, 185, y + 6), fill=255, width=16) for y in (178, 206)],
    "a ring that is not closed": lambda pen: pen.arc((60, 45, 200, 185), 20, 330, fill=255, width=7),
    "the shadow of a sheet": lambda pen: pen.line((40, 205, 220, 205, 220, 25), fill=255, width=6),
}


@pytest.mark.parametrize("draw", ASIDE.values(), ids=ASIDE)
@pytest.mark.parametrize("label", [1, 4, 7])
def test_tells_of_what_is_not_the_digits_and_reads_the_digit_without(label: int, draw: Draw) -> None:
    found = read_digit(write(label, draw))
    assert distance(found.values, read_digit(write(label)).values) < SAME
    assert found.side_by_side == 1
    assert found.marks >= 1


@pytest.mark.parametrize("top", [30, 172], ids=["over", "under"])
def test_a_point_over_or_under_it_stays(top: int) -> None:
    pointed = read_digit(write(7, lambda pen: pen.ellipse((122, top, 140, top + 18), fill=255)))
    assert distance(pointed.values, read_digit(write(7)).values) > SAME


@pytest.mark.parametrize("label", [8, 9])
def test_a_mark_at_a_waist_is_in_no_loop(label: int) -> None:
    """The digit has strokes above it, below it and on one side, as a ring about a digit has."""
    marked = read_digit(write(label, lambda pen: pen.ellipse((150, 132, 160, 158), fill=255)))
    assert distance(marked.values, read_digit(write(label)).values) < 3 * SAME


def bracket(pen: ImageDraw.ImageDraw) -> None:
    for at, bend in ((80, -20), (180, 20)):
        pen.line([(at, 62), (at + bend, 62), (at + bend, 168), (at, 168)], fill=255, width=8)


def enclose(pen: ImageDraw.ImageDraw) -> None:
    pen.arc((60, 60, 110, 170), 115, 245, fill=255, width=8)
    pen.arc((150, 60, 200, 170), -65, 65, fill=255, width=8)


def exclaim(pen: ImageDraw.ImageDraw) -> None:
    pen.line((190, 70, 190, 135), fill=255, width=8)
    pen.ellipse((184, 148, 196, 160), fill=255)


def share(pen: ImageDraw.ImageDraw) -> None:
    pen.line((210, 70, 185, 160), fill=255, width=8)
    pen.ellipse((174, 72, 190, 90), outline=255, width=6)
    pen.ellipse((206, 140, 222, 158), outline=255, width=6)


HIGH: dict[str, Draw] = {"(7)": enclose, "[7]": bracket, "7!": exclaim, "7%": share}


@pytest.mark.parametrize("draw", HIGH.values(), ids=HIGH)
def test_counts_marks_as_high_as_digits_among_them(draw: Draw) -> None:
    assert read_digit(write(7, draw)).side_by_side > 1


@pytest.mark.parametrize("label", range(10))
def test_a_digit_by_itself_has_nothing_about_it(label: int) -> None:
    assert read_digit(write(label)).marks == 0


@pytest.mark.parametrize("label", [0, 3, 7, 8, 9])
@pytest.mark.parametrize("line", [180, 52, 160])
def test_parts_the_digit_from_a_line(label: int, line: int) -> None:
    plain, lined = (np.frombuffer(read_digit(page).values, np.uint8).astype(int) for page in (write(label), write(label, rule(line))))
    assert abs(plain - lined).mean() < 16


def test_digits_as_mnist_has_them_have_nothing_about_them() -> None:
    digits: UInt8 = load().test.inputs[:60]
    assert {read_digit(encoded(Image.fromarray(each))).marks for each in digits} == {0}
