"""Straight thin lines of a page are found where they are, whatever there is of margins about the ink."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from recipes.digits.ink import lines
from recipes.digits.ink.lines import Line, find_ruling

WIDTH, HEIGHT = 1000, 120
BAR = st.tuples(st.integers(0, 500), st.integers(0, HEIGHT), st.integers(1, 600), st.integers(-40, 40), st.integers(1, 6))
BARS = st.lists(BAR, max_size=6)


@given(BARS, st.sampled_from([(0, 0), (100, 40), (0, 60), (300, 0)]))
def test_are_found_as_on_the_whole_page(bars: list[tuple[int, int, int, int, int]], corner: tuple[int, int]) -> None:
    mask = Image.new("L", (WIDTH, HEIGHT))
    pen = ImageDraw.Draw(mask)
    for x, y, across, down, thickness in bars:
        left, top = corner[0] + x, corner[1] + y
        pen.line(((left, top), (left + across, top + down)), fill=255, width=thickness)
    about = find_ruling(mask)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "ABOUT", 10_000)
        whole = find_ruling(mask)
    assert about.length_px == whole.length_px == WIDTH
    assert sorted(map(describe, about.long)) == sorted(map(describe, whole.long))
    assert sorted(map(describe, about.short)) == sorted(map(describe, whole.short))


def describe(line: Line) -> tuple[list[float], list[object]]:
    figures = [line.start, line.end, line.at, line.slope, line.thickness, line.radius]
    return [round(figure, 6) for figure in figures], [piece.runs for piece in line.pieces]


def test_are_where_they_were_drawn() -> None:
    mask = Image.new("L", (WIDTH, HEIGHT))
    mask.paste(255, (240, 90, 800, 92))
    (line,) = find_ruling(mask).long
    assert (line.start, line.end) == pytest.approx((240, 800), abs=1)
    assert (line.find_row(100), line.thickness) == pytest.approx((90.5, 2), abs=0.6)
