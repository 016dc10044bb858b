"""A drawn digit that was cut out at its ink, as contours are, is read as on its page; its strokes are no light and no printed lines."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from recipes.digits.transform import to_digit
from recipes.errors import BlankImage
from tests.digits import digit, distance, encoded, on_page

ALIKE = 12.0  # levels of 255, on average: the same digit, drawn again; two different ones are 15 and more apart
PEN = {  # the corners of strokes in 28×28, which reach from border to border
    2: [(4, 6), (8, 0), (18, 0), (23, 5), (22, 11), (4, 27), (24, 27)],
    4: [(9, 0), (4, 15), (23, 15), (18, 8), (18, 27)],
    6: [(20, 1), (10, 3), (4, 12), (4, 20), (10, 26), (18, 24), (20, 17), (14, 11), (5, 15)],
    9: [(18, 5), (12, 1), (6, 6), (8, 12), (15, 13), (18, 6), (18, 18), (12, 25), (6, 26)],
}


def cut_close(page: Image.Image, margin_px: int = 0) -> Image.Image:
    """Return what of a white page its black ink is in."""
    left, top, right, bottom = ImageOps.invert(page).point([255 * (level > 60) for level in range(256)]).getbbox() or (0, 0, 1, 1)
    return page.crop((left - margin_px, top - margin_px, right + margin_px, bottom + margin_px))


@pytest.mark.parametrize("label", range(2, 10))  # a one is ink nearly everywhere then, and of a zero's paper little is on the border
@pytest.mark.parametrize("turn", [lambda image: image, ImageOps.invert], ids=["dark on light", "light on dark"])
@pytest.mark.parametrize("scale", [1.5, 4])
def test_strokes_may_be_on_the_border(label: int, turn: Callable[[Image.Image], Image.Image], scale: float) -> None:
    page = on_page(digit(label), scale=scale).point([255 * (level > 127) for level in range(256)])  # as a paint program's pen draws
    for margin_px in (0, 1):
        cut = turn(cut_close(page, margin_px))
        assert distance(to_digit(encoded(cut)), to_digit(encoded(page))) < ALIKE


@pytest.mark.parametrize("label", PEN)
def test_a_thin_pen_that_fills_a_small_picture_draws_no_printed_lines(label: int) -> None:
    page, wide = Image.new("L", (28, 28), 255), Image.new("L", (60, 60), 255)
    ImageDraw.Draw(page).line(PEN[label], fill=0)
    wide.paste(page, (16, 16))
    assert distance(to_digit(encoded(page)), to_digit(encoded(wide))) < 1


def test_lines_from_border_to_border_are_printed() -> None:
    paper = Image.new("L", (60, 60), 255)
    for row in (9, 29, 49):
        ImageDraw.Draw(paper).line([(0, row), (59, row)], fill=140)
    with pytest.raises(BlankImage):
        to_digit(encoded(paper))
    written, plain = paper.copy(), Image.new("L", (60, 60), 255)
    for page in (written, plain):
        page.paste(0, (10, 8), digit(3).resize((42, 42)))
    assert distance(to_digit(encoded(written)), to_digit(encoded(plain))) < ALIKE


def test_a_shadow_on_white_paper_is_no_ink() -> None:
    """Paper that is white half way and falls off in a shadow, as a lamp's light clips it."""
    falls_off = np.clip(np.linspace(340, 130, 160), 0, 255)[None, :].repeat(160, 0)
    page = np.asarray(on_page(digit(3)), float) / 255 * falls_off
    assert distance(to_digit(encoded(Image.fromarray(page.astype(np.uint8)))), to_digit(encoded(on_page(digit(3))))) < ALIKE
