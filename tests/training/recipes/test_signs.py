"""What stands beside digits and is none is told of: named where its kind is known, and else unread."""

from math import cos, pi, sin

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from recipes.dataset import Dataset
from recipes.digits.ink.components import find_components
from recipes.digits.segment import find_digits
from recipes.digits.writing.dollars import is_dollar
from recipes.digits.writing.part import Part
from tests.digits import digit, on_page
from tests.pages import encoded
from tests.training.recipes.labels import read_labels
from training.artifact import OnnxModel
from training.drawings import fonts


def beside_a_seven(sign: str) -> bytes:
    """Return a seven with a sign drawn before it, after it, or around it, as high as signs are."""
    page = Image.new("L", (420, 220), 255)
    page.paste(on_page(digit(7)).resize((150, 150)), (130, 35))
    pen = ImageDraw.Draw(page)
    for stroke in SIGNS[sign]:
        if len(stroke) == 1:
            ((x, y),) = stroke
            pen.ellipse((x - 6, y - 6, x + 6, y + 6), fill=0)
        else:
            pen.line(stroke, fill=0, width=8, joint="curve")
    return encoded(page)


def ring(x: int, y: int) -> list[tuple[int, int]]:
    return [(round(x + 13 * cos(turn * pi / 8)), round(y + 13 * sin(turn * pi / 8))) for turn in range(17)]


SIGNS: dict[str, list[list[tuple[int, int]]]] = {
    "-7": [[(100, 110), (140, 110)]],
    ".7": [[(135, 150)]],
    "7.": [[(275, 150)]],
    "7-": [[(275, 110), (315, 110)]],
    "7/": [[(275, 175), (325, 45)]],
    "7:": [[(275, 90)], [(275, 150)]],
    "7=": [[(275, 98), (315, 98)], [(275, 124), (315, 124)]],
    "(7)": [[(145, 45), (126, 75), (120, 110), (126, 145), (145, 175)], [(265, 45), (284, 75), (290, 110), (284, 145), (265, 175)]],
    "[7]": [[(145, 48), (120, 48), (120, 172), (145, 172)], [(265, 48), (290, 48), (290, 172), (265, 172)]],
    "|7": [[(125, 40), (125, 180)]],
    "7!": [[(280, 60), (280, 125)], [(280, 155)]],
    "7?": [[(270, 80), (280, 65), (300, 65), (308, 80), (290, 105), (290, 125)], [(290, 155)]],
    "$7": [
        [
            (125, 82),
            (115, 72),
            (95, 72),
            (84, 82),
            (84, 98),
            (95, 108),
            (115, 114),
            (126, 124),
            (126, 140),
            (115, 150),
            (95, 150),
            (84, 140),
        ],
        [(105, 56), (105, 166)],
    ],
    "7%": [ring(283, 72), ring(340, 148), [(345, 55), (275, 165)]],
}
BEFORE = {"-7": "minus", ".7": "point", "$7": "mark", "(7)": "mark", "[7]": "mark", "|7": "mark"}
AFTER = {
    **{"7.": "point", "7-": "minus", "7/": "slash", "7:": "colon", "7=": "equals"},
    **{"(7)": "mark", "[7]": "mark", "7!": "mark", "7?": "mark", "7%": "mark"},
}


@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_beside_a_digit_is_no_digit_and_is_told_of(sign: str, model: OnnxModel) -> None:
    picture = find_digits(beside_a_seven(sign))
    assert read_labels(picture, model) == [7]
    (found,) = picture.found
    assert (found.before, found.after) == (BEFORE.get(sign, ""), AFTER.get(sign, ""))
    marks = [each for each in (found.before, found.after) if each == "mark"]
    assert len(picture.unread) == len(marks)


def printed(text: str, font: str, size_px: int, border_px: int) -> Image.Image:
    """Return a page of printed text."""
    type_ = fonts.open_font(font, size_px)
    left, top, right, bottom = map(round, type_.getbbox(text))
    page = Image.new("L", (right - left + 2 * border_px, bottom - top + 2 * border_px), 255)
    ImageDraw.Draw(page).text((border_px - left, border_px - top), text, fill=0, font=type_)
    return page


@pytest.mark.parametrize("text", ["7*", "*7", "7a", "a7", "7<", "+7", "7^"])
def test_a_digit_beside_something_lower_is_no_slash(text: str, model: OnnxModel) -> None:
    """A bold seven is a straight stroke but for its bar, and only what is beside it told how high digits are."""
    picture = find_digits(encoded(printed(text, "DejaVuSans-Bold", 90, 45)))
    assert 7 in read_labels(picture, model)
    assert "slash" not in {mark for found in picture.found for mark in (found.before, found.after)}


@pytest.mark.parametrize("text", ["1a", "a1", "1+", "<1"])
def test_a_leaning_one_beside_something_lower_is_no_slash(text: str, model: OnnxModel) -> None:
    picture = find_digits(encoded(printed(text, "STIXGeneralItalic", 90, 45)))
    assert 1 in read_labels(picture, model)
    assert "slash" not in {mark for found in picture.found for mark in (found.before, found.after)}


@pytest.mark.parametrize("text", ["7a", "a7", "7kg", "(7)", "7 %", "#7"])
def test_a_stroke_in_a_small_picture_is_no_printed_line(text: str, model: OnnxModel) -> None:
    """A seven's stem reaches across half of the picture."""
    picture = find_digits(encoded(printed(text, "DejaVuSans", 20, 4)))
    sevens = [each for each, label in zip(picture.found, read_labels(picture, model), strict=True) if label == 7]
    assert any(each.box and each.box[3] >= 13 for each in sevens)


@pytest.mark.parametrize("font", ["DejaVuSans", "DejaVuSerif-Bold", "STIXGeneral"])
@pytest.mark.parametrize("text", ["20°", "7 °C"])
def test_a_degree_sign_is_no_zero(text: str, font: str, model: OnnxModel) -> None:
    picture = find_digits(encoded(printed(text, font, 90, 45)))
    digits = [int(each) for each in text if each.isdigit()]
    assert read_labels(picture, model)[: len(digits)] == digits
    assert picture.found[len(digits) - 1].after == "mark"


def test_commas_are_no_small_ones(model: OnnxModel) -> None:
    page = Image.new("L", (960, 160), 255)
    for index in range(6):
        page.paste(on_page(digit(index + 1), page_px=160), (160 * index, 0))
    pen = ImageDraw.Draw(page)
    for left in range(160, 960, 160):
        pen.line((left + 4, 112, left - 4, 130), fill=0, width=6)
    picture = find_digits(encoded(page))
    assert read_labels(picture, model) == [1, 2, 3, 4, 5, 6]
    assert [found.after for found in picture.found] == ["point"] * 5 + [""]


@pytest.mark.parametrize("down_px", [-2, 12])
@pytest.mark.parametrize("label", [0, 4, 7])
def test_a_line_under_a_digit_is_no_part_of_it(label: int, down_px: int, model: OnnxModel) -> None:
    """A seven with it is a one on its base."""
    page = on_page(digit(label))
    left, _, right, bottom = page.point([255 if level < 128 else 0 for level in range(256)]).getbbox() or (0, 0, 0, 0)
    ImageDraw.Draw(page).line((left - 25, bottom + down_px, right + 25, bottom + down_px), fill=0, width=6)
    picture = find_digits(encoded(page))
    assert (read_labels(picture, model), len(picture.unread)) == ([label], 1)


@pytest.mark.parametrize("label", [2, 7])
def test_a_ring_about_a_digit_is_unread(label: int, model: OnnxModel) -> None:
    page = on_page(digit(label), page_px=220, right_px=54, down_px=54)
    ImageDraw.Draw(page).ellipse((16, 16, 204, 204), outline=0, width=7)
    page = ImageOps.expand(page, (60, 0, 160, 0), 255)
    page.paste(on_page(digit(4)), (280, 30))
    picture = find_digits(encoded(page))
    assert (read_labels(picture, model), len(picture.unread)) == ([label, 4], 1)


def test_holes_of_a_punch_are_no_digits(model: OnnxModel) -> None:
    page = Image.new("L", (420, 260), 255)
    page.paste(on_page(digit(7), page_px=220), (160, 20))
    for top in (40, 180):
        ImageDraw.Draw(page).ellipse((20, top, 60, top + 40), fill=0)
    picture = find_digits(encoded(page))
    shown = picture.list_instances()
    trusts = model.judge(np.frombuffer(b"".join(shown), np.uint8).reshape(-1, 28, 28)).tolist()
    chosen = picture.decide({each: {"trust": trust} for each, trust in zip(shown, trusts, strict=True)})
    assert (read_labels(chosen, model), len(chosen.unread)) == ([7], 2)


def test_no_four_is_a_dollar_sign(mnist: Dataset) -> None:
    """One in forty was: its crossbar lies where a dollar sign's lower bow begins."""
    fours = mnist.validation.inputs[mnist.validation.targets == 4][:400]
    masks = [Image.fromarray(four).resize((98, 98), Image.Resampling.BICUBIC).point([0] * 111 + [255] * 145) for four in fours]
    parts = [Part.from_component(find_components(mask.tobytes(), mask.width)[0]) for mask in masks]
    assert [at for at, part in enumerate(parts) if is_dollar(part)] == []
