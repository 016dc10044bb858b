"""A digit on a panel, a badge or a sticker is read, and neither a bold zero nor the outline of a hollow digit is taken for one of them."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from recipes.digits.ink.specks import may_be_left_out
from recipes.digits.transform import read_digit, to_digit
from tests.digits import digit, distance, encoded, on_page, pixels

SAME = 6.0  # levels of 255, on average
Draw = Callable[[ImageDraw.ImageDraw, int], None]
PANELS: dict[str, Draw] = {
    "square": lambda draw, level: draw.rectangle((30, 30, 210, 210), fill=level),
    "button": lambda draw, level: draw.rounded_rectangle((25, 35, 215, 205), radius=30, fill=level),
    "badge": lambda draw, level: draw.ellipse((25, 25, 215, 215), fill=level),
    "wide": lambda draw, level: draw.rectangle((15, 40, 225, 200), fill=level),
}


def on_panel(label: int, panel: str, *, page: int, level: int, pen: int) -> Image.Image:
    image = Image.new("L", (240, 240), page)
    PANELS[panel](ImageDraw.Draw(image), level)
    ink = digit(label).resize((112, 112), Image.Resampling.BICUBIC)
    image.paste(pen, (64, 64), ink)
    return image


@pytest.mark.parametrize(
    ("page", "level", "pen"),
    [(255, 30, 255), (255, 90, 200), (0, 240, 10), (40, 250, 60)],
    ids=["dark", "of other grey", "sticker", "grey"],
)
@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("label", [0, 1, 4, 8])
def test_reads_what_is_left_out_of_a_panel(label: int, panel: str, page: int, level: int, pen: int) -> None:
    seen = read_digit(encoded(on_panel(label, panel, page=page, level=level, pen=pen)))
    assert distance(seen.values, to_digit(encoded(on_page(digit(label))))) < SAME
    assert (seen.side_by_side, seen.marks) == (1, 0)
    assert seen.place is not None
    assert 0.2 < seen.place[1] < 0.5 < seen.place[3] < 0.8


@pytest.mark.parametrize(
    ("page", "level", "pen"),
    [(18, 40, 230), (255, 200, 20), (0, 60, 255), (240, 215, 60)],
    ids=["card on a dark page", "tinted", "black page", "grey"],
)
@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("label", [0, 1, 4, 8])
def test_reads_what_is_written_on_a_panel_of_a_shade_between(label: int, panel: str, page: int, level: int, pen: int) -> None:
    seen = read_digit(encoded(on_panel(label, panel, page=page, level=level, pen=pen)))
    assert distance(seen.values, to_digit(encoded(on_page(digit(label))))) < SAME
    assert (seen.side_by_side, seen.marks) == (1, 0)


TORN = (25, 40, 70, 28, 115, 36, 165, 25, 212, 33, 205, 80, 214, 130, 204, 212, 150, 203, 95, 214, 28, 205, 36, 120)
SHEETS = {"aslant": (60, 20, 220, 50, 190, 215, 25, 180), "torn": TORN}


@pytest.mark.parametrize("sheet", SHEETS)
@pytest.mark.parametrize("label", [0, 4, 8])
def test_reads_what_is_on_a_sheet_on_a_table(label: int, sheet: str) -> None:
    photo = Image.new("L", (240, 240), 70)
    ImageDraw.Draw(photo).polygon(SHEETS[sheet], fill=225)
    photo.paste(25, (72, 72), digit(label).resize((96, 96), Image.Resampling.BICUBIC))
    grainy = np.asarray(photo) + np.random.default_rng(label).normal(0, 3, (240, 240))
    seen = read_digit(encoded(Image.fromarray(grainy.clip(0, 255).astype(np.uint8)), "JPEG", quality=90))
    assert seen.place is not None
    assert np.allclose(seen.place, np.add(digit(label).getbbox(), 21) / 70, atol=0.03)  # pasted at 72 of 240, 96 pixels for 28


def test_a_bold_eight_is_no_sheet() -> None:
    """Its holes are bent, as strokes on a sheet are."""
    photo = Image.new("L", (240, 240), 215)
    draw = ImageDraw.Draw(photo)
    for box in ((62, 30, 178, 120), (58, 105, 182, 208)):
        draw.rounded_rectangle(box, radius=34, fill=25)
    for top, bottom in ((62, 92), (140, 175)):
        draw.polygon((90, top, 110, top, 110, top + 14, 130, top + 14, 130, top, 150, top, 150, bottom, 90, bottom), fill=215)
    grainy = np.asarray(photo) + np.random.default_rng(1).normal(0, 3, (240, 240))
    seen = read_digit(encoded(Image.fromarray(grainy.clip(0, 255).astype(np.uint8)), "JPEG", quality=90))
    assert seen.place is not None
    assert np.allclose(seen.place, np.divide((58, 30, 182, 208), 240), atol=0.02)


def test_counts_two_digits_on_a_panel() -> None:
    image = on_panel(7, "square", page=255, level=20, pen=255).resize((240, 240))
    image.paste(255, (150, 64), digit(1).resize((112, 112), Image.Resampling.BICUBIC).crop((20, 0, 56, 112)))
    assert read_digit(encoded(image)).side_by_side == 2


def plot(label: int, *, ground: int, pen: int, bar: bool) -> Image.Image:
    """Return a digit as plotting libraries show an array: its 28×28 pixels as squares, with a frame, ticks, names of them and a title."""
    image, cell, left, top = Image.new("L", (320, 240), 255), 6, 72, 32
    side = 28 * cell
    ink = digit(label).resize((side, side), Image.Resampling.NEAREST)
    image.paste(Image.eval(ink, lambda level: ground + (pen - ground) * level // 255), (left, top))
    draw = ImageDraw.Draw(image)
    draw.rectangle((left, top, left + side, top + side), outline=0)
    for at in range(cell // 2, side, 5 * cell):
        draw.line((left - 4, top + at, left, top + at), fill=0)
        draw.line((left + at, top + side, left + at, top + side + 4), fill=0)
        draw.rectangle((left - 12, top + at - 3, left - 7, top + at + 3), outline=0)
        draw.rectangle((left + at - 3, top + side + 6, left + at + 3, top + side + 12), outline=0)
    for at in range(0, 60, 10):
        draw.line((130 + at, 16, 135 + at, 26), fill=0, width=2)
    if bar:
        for at in range(side):
            draw.line((260, top + at, 272, top + at), fill=pen - (pen - ground) * at // side)
    return image


@pytest.mark.parametrize(("ground", "pen"), [(0, 255), (30, 215), (10, 250)], ids=["grey", "viridis", "inferno"])
@pytest.mark.parametrize("bar", [False, True])
@pytest.mark.parametrize("label", [0, 1, 3, 4, 6, 8])
def test_reads_a_digit_in_a_plot_with_what_is_written_about_it(label: int, ground: int, pen: int, bar: bool) -> None:
    seen = read_digit(encoded(plot(label, ground=ground, pen=pen, bar=bar)))
    assert distance(seen.values, to_digit(encoded(on_page(digit(label))))) < 2 * SAME  # its pixels are squares
    assert seen.side_by_side == 1


@pytest.mark.parametrize(
    "draw",
    [
        lambda draw: draw.ellipse((70, 50, 170, 190), outline=0, width=32),
        lambda draw: draw.ellipse((50, 50, 190, 190), outline=0, width=36),
        lambda draw: draw.rounded_rectangle((70, 50, 170, 190), radius=40, outline=0, width=30),
    ],
    ids=["zero", "round zero", "square zero"],
)
def test_a_bold_zero_is_no_panel(draw: Callable[[ImageDraw.ImageDraw], None]) -> None:
    image = Image.new("L", (240, 240), 255)
    draw(ImageDraw.Draw(image))
    seen = pixels(to_digit(encoded(image.filter(ImageFilter.GaussianBlur(1)))))
    assert seen[14, 14] < 60
    assert seen[14].max() == 255
    assert (seen.max(0) > 60).sum() >= 14


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_with_nothing_on_it_stays_what_it_is(panel: str) -> None:
    image = Image.new("L", (240, 240), 255)
    PANELS[panel](ImageDraw.Draw(image), 30)
    assert pixels(to_digit(encoded(image)))[14, 14] == 255


def test_the_outline_of_a_hollow_six_is_no_frame() -> None:
    image = Image.new("L", (240, 240), 255)
    draw = ImageDraw.Draw(image)
    six = (160, 40, 110, 45, 75, 90, 70, 160, 90, 195, 130, 200, 165, 175, 165, 130, 140, 110, 105, 115, 110, 85, 125, 70, 160, 65, 160, 40)
    draw.line(six, fill=0, width=4)
    draw.polygon((105, 145, 120, 135, 138, 145, 138, 165, 120, 175, 105, 165), outline=0, width=4)
    seen = pixels(to_digit(encoded(image)))
    assert (seen.max(1) > 60).sum() == 20
    assert (seen[:14] > 60).sum() > 20  # its upper half is there


@pytest.mark.parametrize("has_hole", [False, True])
def test_the_paper_in_an_open_ring_about_a_zero_is_no_digit(has_hole: bool) -> None:
    panel, paper = Image.new("L", (200, 200)), Image.new("L", (200, 200))
    ImageDraw.Draw(panel).ellipse((10, 10, 190, 190), fill=255)
    pen = ImageDraw.Draw(paper)
    pen.arc((40, 40, 160, 160), 40, 360, fill=255, width=14)
    if has_hole:
        pen.polygon((85, 130, 105, 70, 115, 75, 95, 132), fill=255)
    assert may_be_left_out(paper, panel, is_flat=True) != has_hole


@pytest.mark.parametrize(("left_px", "is_flat", "expected"), [(10, False, False), (10, True, True), (40, False, True)])
def test_what_a_photo_shows_up_to_its_side_is_no_digit(left_px: int, is_flat: bool, expected: bool) -> None:
    panel, shown = Image.new("L", (200, 200)), Image.new("L", (200, 200))
    ImageDraw.Draw(panel).rectangle((10, 10, 190, 190), fill=255)
    pen = ImageDraw.Draw(shown)
    pen.line((left_px, 60, 120, 60, 70, 150), fill=255, width=12)
    assert may_be_left_out(shown, panel, is_flat=is_flat) == expected
