"""A piece of a broken digit belongs to the digit that it is nearest to, however low what is left of that digit is."""

import pytest
from PIL import Image, ImageDraw

from recipes.digits.ink.components import find_components
from recipes.digits.writing.joining import find_parts

STROKE = 8


def test_the_bar_of_a_low_five_is_joined_to_it_and_not_to_the_digit_beside_it() -> None:
    mask = Image.new("L", (260, 120))
    pen = ImageDraw.Draw(mask)
    pen.ellipse((20, 20, 69, 89), outline=255, width=STROKE)
    pen.rectangle((80, 36, 137, 89), outline=255, width=STROKE)  # a five's body, lower than the digits beside it
    pen.rectangle((96, 20, 137, 31), fill=255)  # its bar, which ends beside the next digit
    pen.ellipse((140, 20, 189, 89), outline=255, width=STROKE)
    parts, _ = find_parts(find_components(mask.tobytes(), mask.width), *mask.size)
    assert sorted((part.left, part.top, part.right) for part in parts) == [(20, 20, 70), (80, 20, 138), (140, 20, 190)]


def test_pieces_above_each_other_are_one_digit_also_in_a_row_of_such_pieces() -> None:
    mask = Image.new("L", (700, 120))
    pen = ImageDraw.Draw(mask)
    for left in (20, 110, 200):
        pen.ellipse((left, 20, left + 59, 99), outline=255, width=3 * STROKE)
    for left in (300, 400, 500):
        pen.rectangle((left, 20, left + 39, 57), outline=255, width=STROKE)
        pen.rectangle((left + 26, 62, left + 63, 99), outline=255, width=STROKE)
    parts, _ = find_parts(find_components(mask.tobytes(), mask.width), *mask.size)
    assert sorted(part.left for part in parts) == [20, 110, 200, 300, 400, 500]


@pytest.mark.parametrize(("gap_px", "count"), [(4, 4), (24, 8)])
def test_flush_halves_are_one_digit_also_where_all_digits_come_as_halves(gap_px: int, count: int) -> None:
    mask = Image.new("L", (420, 160))
    pen = ImageDraw.Draw(mask)
    for left in (20, 110, 200, 290):
        pen.line([(left, 66), (left, 24), (left + 40, 24), (left + 40, 66)], fill=255, width=STROKE)
        pen.line([(left, 67 + gap_px), (left, 109 + gap_px), (left + 40, 109 + gap_px), (left + 40, 67 + gap_px)], fill=255, width=STROKE)
    parts, _ = find_parts(find_components(mask.tobytes(), mask.width), *mask.size)
    assert len(parts) == count
