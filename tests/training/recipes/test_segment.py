"""Every digit of a page is found where it is, in reading order, and read right."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont, ImageOps

from recipes.digits.segment import find_digits
from recipes.digits.transform import to_digit
from recipes.digits.writing.layout import MAX_DIGITS
from recipes.errors import BlankImage, TooLarge
from recipes.recipe import load as load_recipe
from tests.digits import any_digit, digit, on_page
from tests.pages import encoded, overlap
from tests.training.recipes.labels import read_labels
from training.artifact import OnnxModel

ROOT = Path(__file__).resolve().parents[3]


def row_of(*labels: int, page_px: int = 160) -> Image.Image:
    page = Image.new("L", (page_px * len(labels), page_px), 255)
    for index, label in enumerate(labels):
        page.paste(on_page(digit(label), page_px=page_px), (index * page_px, 0))
    return page


def test_boxes_are_of_the_upright_picture(model: OnnxModel) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    upright = row_of(1, 2, 3)
    for format_ in ("PNG", "JPEG"):
        picture = find_digits(encoded(upright.transpose(Image.Transpose.ROTATE_90), format_, exif=exif))
        assert (picture.width, picture.height) == (480, 160)
        assert [found.box[0] // 160 for found in picture.found if found.box] == [0, 1, 2]
        assert read_labels(picture, model) == [1, 2, 3]


def test_a_neighbour_leaves_no_ink_in_a_digit() -> None:
    """Each digit of a row is what it would be alone."""
    alone = [to_digit(encoded(on_page(digit(label)))) for label in (4, 7)]
    for instance, expected in zip((found.instance for found in find_digits(encoded(row_of(4, 7))).found), alone, strict=True):
        difference = np.frombuffer(instance, np.uint8).astype(int) - np.frombuffer(expected, np.uint8)
        assert np.abs(difference).mean() < 6


def test_a_detached_bar_belongs_to_its_five() -> None:
    page = Image.new("L", (600, 200), 255)
    draw = ImageDraw.Draw(page)
    for left in (0, 200, 400):
        draw.line((left + 70, 60, left + 70, 100), fill=0, width=10)
        draw.arc((left + 55, 95, left + 125, 165), 210, 130, fill=0, width=10)
        draw.line((left + 90, 45, left + 130, 45), fill=0, width=10)  # not touching
    boxes = [found.box for found in find_digits(encoded(page)).found]
    assert len(boxes) == 3
    assert all(box is not None and box[1] <= 42 and box[1] + box[3] >= 160 for box in boxes)


def test_a_bar_far_off_belongs_to_its_five_and_a_minus_does_not() -> None:
    page = Image.new("L", (700, 200), 255)
    draw = ImageDraw.Draw(page)
    for left in (0, 200, 400):
        draw.line((left + 70, 80, left + 70, 110), fill=0, width=10)
        draw.arc((left + 55, 95, left + 110, 165), 210, 130, fill=0, width=10)
        draw.line((left + 92, 75, left + 150, 75), fill=0, width=10)  # beginning over the bow's end, and longer than half of the five
    draw.line((585, 120, 640, 120), fill=0, width=10)
    picture = find_digits(encoded(page))
    assert [found.box[2] > 85 for found in picture.found if found.box] == [True] * 3
    assert [found.after for found in picture.found] == ["", "", "minus"]
    assert not picture.unread


def test_a_digit_in_two_halves_is_one() -> None:
    page = row_of(3, 3, 3)
    ImageDraw.Draw(page).line((0, 80, 480, 80), fill=255, width=4)  # a fold that took no ink
    assert len(find_digits(encoded(page)).found) == 3


def test_dashes_and_dots_between_digits_are_no_digits() -> None:
    page = row_of(5, 6, 7)
    draw = ImageDraw.Draw(page)
    draw.line((142, 80, 172, 80), fill=0, width=8)
    draw.ellipse((318, 118, 326, 126), fill=0)
    assert len(find_digits(encoded(page)).found) == 3


def test_tells_what_stands_between_digits(model: OnnxModel) -> None:
    page = row_of(5, 6, 7, 4, 2)
    draw = ImageDraw.Draw(page)
    draw.ellipse((152, 110, 164, 122), fill=0)
    draw.line((304, 82, 336, 82), fill=0, width=9)
    draw.line((460, 132, 496, 30), fill=0, width=9)
    picture = find_digits(encoded(page))
    assert read_labels(picture, model) == [5, 6, 7, 4, 2]
    assert [found.after for found in picture.found] == ["point", "minus", "slash", "", ""]
    assert not picture.unread


def test_a_gap_is_wider_than_the_others_of_its_line() -> None:
    page = Image.new("L", (1120, 160), 255)
    page.paste(row_of(5, 6, 7), (0, 0))
    page.paste(row_of(4, 2), (800, 0))
    assert [found.after for found in find_digits(encoded(page)).found] == ["", "", "gap", "", ""]


def test_small_digits_beside_large_ones_are_no_part_of_them(model: OnnxModel) -> None:
    page = Image.new("L", (700, 300), 255)
    page.paste(row_of(6, 8, 3).resize((240, 80), Image.Resampling.LANCZOS), (0, 0))
    page.paste(row_of(5, 2, 9), (0, 70))
    assert read_labels(find_digits(encoded(page)), model) == [6, 8, 3, 5, 2, 9]


def test_a_printed_word_is_unread(model: OnnxModel) -> None:
    page = Image.new("L", (900, 160), 255)
    page.paste(row_of(3, 8, 2, 5), (260, 0))
    ImageDraw.Draw(page).text((20, 70), "Telephone", fill=0, font=ImageFont.load_default(36))
    picture = find_digits(encoded(page))
    assert read_labels(picture, model) == [3, 8, 2, 5]
    assert len(picture.unread) == 1
    assert overlap(picture.unread[0], (20, 78, 180, 36)) > 0.6


def test_ink_that_is_no_digit_is_unread_and_specks_are_not_told_of() -> None:
    page = row_of(5, 6, 7)
    draw = ImageDraw.Draw(page)
    draw.rectangle((150, 20, 180, 60), fill=0)
    draw.ellipse((310, 140, 315, 145), fill=0)
    picture = find_digits(encoded(page))
    assert len(picture.found) == 3
    assert [tuple(round(side, -1) for side in box) for box in picture.unread] == [(150, 20, 30, 40)]


def touching(*labels: int) -> Image.Image:
    """Return digits whose ink overlaps by a few pixels."""
    page, left = Image.new("L", (100 * len(labels) + 60, 160)), 30
    for label in labels:
        ink = digit(label).resize((98, 98), Image.Resampling.BICUBIC)
        ink = ink.crop(ink.point([255 if level > 110 else 0 for level in range(256)]).getbbox())
        page.paste(255, (left, (160 - ink.height) // 2), ink)
        left += ink.width - 3
    return ImageOps.invert(page)


@pytest.mark.parametrize("written", [(5, 8), (3, 6), (2, 7), (9, 0), (3, 5, 9, 2, 7)])
def test_digits_that_touch_are_cut_apart(written: tuple[int, ...], model: OnnxModel) -> None:
    assert read_labels(find_digits(encoded(touching(*written))), model) == list(written)


def five_and_eight() -> bytes:
    """Return a five and an eight that touch in two places, and are no wider than one digit."""
    page = Image.new("L", (260, 250), 255)
    draw = ImageDraw.Draw(page)
    draw.line((126, 62, 78, 62, 75, 112), fill=0, width=12, joint="curve")
    draw.arc((62, 98, 132, 188), 230, 520, fill=0, width=12)
    draw.ellipse((130, 55, 184, 122), outline=0, width=12)
    draw.ellipse((127, 112, 190, 186), outline=0, width=12)
    return encoded(page)


def measure_width(instance: bytes) -> int:
    return int((np.frombuffer(instance, np.uint8).reshape(28, 28).max(0) > 60).sum())


def test_the_model_decides_where_shapes_do_not() -> None:
    picture = find_digits(five_and_eight())
    shown = picture.list_instances()
    assert len(picture.decide({each: {"trust": 0.99} for each in shown}).found) == 1
    narrow = picture.decide({each: {"trust": 0.99 if measure_width(each) < 17 else 0.01} for each in shown})
    assert len(narrow.found) == 2
    assert {each.instance for each in narrow.found} <= set(shown)


def test_a_digit_alone_stays_whole_and_many_need_no_second_look(model: OnnxModel) -> None:
    pages = [find_digits(encoded(on_page(digit(label)))) for label in range(10)]
    assert sum(not page.others for page in pages) >= 4
    for page in pages:
        shown = page.list_instances()
        trusts = model.judge(np.frombuffer(b"".join(shown), np.uint8).reshape(-1, 28, 28)).tolist()
        assert len(page.decide({each: {"trust": trust} for each, trust in zip(shown, trusts, strict=True)}).found) == 1


def squares(pen: ImageDraw.ImageDraw) -> None:
    for at in range(25, 800, 50):
        pen.line((at, 0, at, 160), fill=140, width=2)
        pen.line((0, at, 800, at), fill=140, width=2)


def boxes(pen: ImageDraw.ImageDraw) -> None:
    for left in range(0, 800, 160):
        pen.rectangle((left + 8, 8, left + 152, 152), outline=0, width=4)


def joined_boxes(pen: ImageDraw.ImageDraw) -> None:
    for left in range(10, 700, 160):
        pen.rectangle((left, 8, left + 140, 152), outline=0, width=4)


def comb(pen: ImageDraw.ImageDraw) -> None:
    pen.line((4, 150, 796, 150), fill=60, width=3)
    for left in range(4, 800, 158):
        pen.line((left, 110, left, 150), fill=60, width=3)


@pytest.mark.parametrize("printed", [squares, boxes, joined_boxes, comb])
def test_printed_lines_are_no_digits(printed: Callable[[ImageDraw.ImageDraw], None], model: OnnxModel) -> None:
    page = row_of(1, 4, 7, 0, 5)
    printed(ImageDraw.Draw(page))
    assert read_labels(find_digits(encoded(page)), model) == [1, 4, 7, 0, 5]


@pytest.mark.parametrize("format_", ["PNG", "JPEG"])
def test_one_digit_is_answered_as_if_it_were_asked_alone(format_: str) -> None:
    page = encoded(on_page(any_digit()), format_)
    assert [(found.instance, found.box) for found in find_digits(page).found] == [(to_digit(page), None)]


def test_ink_that_is_no_separate_digits_is_answered_as_a_whole() -> None:
    page = Image.new("L", (300, 300), 255)
    ImageDraw.Draw(page).rectangle((100, 120, 220, 180), fill=0)
    found = find_digits(encoded(page)).found
    assert [one.box for one in found] == [None]


@pytest.mark.parametrize("level", [0, 128, 255])
def test_refuses_an_empty_page(level: int) -> None:
    with pytest.raises(BlankImage):
        find_digits(encoded(Image.new("L", (400, 300), level)))


def test_refuses_more_digits_than_a_page_has() -> None:
    columns = 45
    page = Image.new("L", (columns * 20, (MAX_DIGITS // columns + 2) * 24), 255)
    draw = ImageDraw.Draw(page)
    for place in range(MAX_DIGITS + columns):
        left, top = 5 + place % columns * 20, 4 + place // columns * 24
        draw.ellipse((left, top, left + 9, top + 14), outline=0, width=2)
    with pytest.raises(TooLarge, match="more than 1,000"):
        find_digits(encoded(page))


def test_of_lines_across_a_large_page_few_pieces_are_shown() -> None:
    page = Image.new("L", (2000, 1500), 255)
    pen = ImageDraw.Draw(page)
    for row in range(-200, 1500, 9):
        pen.line((0, row, 2000, row + 120), fill=0, width=2)
    assert len(find_digits(encoded(page)).others) < 60  # each is cut out of a fifth of the page, and there were 235


def test_the_limit_on_pixels_is_the_callers() -> None:
    page = row_of(1, 2)
    assert len(find_digits(encoded(page), max_pixels=320 * 160).found) == 2
    with pytest.raises(TooLarge, match="320×160"):
        find_digits(encoded(page), max_pixels=320 * 160 - 1)


def test_reads_the_photo_in_the_docs(model: OnnxModel) -> None:
    picture = find_digits((ROOT / "docs/digits-photo.jpg").read_bytes())
    assert read_labels(picture, model) == [5, 5, 5, 0, 1, 4, 2, 3, 1, 4, 1, 5, 9, 2, 6]


def test_the_recipe_finds_them_too() -> None:
    find = load_recipe("digits").find_instances
    assert find
    page = encoded(touching(5, 8))
    assert find(page).list_instances() == find_digits(page).list_instances()
