"""What the search for strokes on a page takes for granted."""

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from recipes.digits.ink.page import shrink, spread


@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 6), st.data())
def test_a_wider_window_never_fills_up_less(width: int, height: int, radius: int, data: st.DataObject) -> None:
    levels = data.draw(st.binary(min_size=width * height, max_size=width * height))
    picture = Image.frombytes("L", (width, height), levels)
    filled, wider = (shrink(spread(picture, reach, reach), reach, reach) for reach in (radius, 2 * radius))
    assert ImageChops.subtract(picture, filled).getbbox() is None
    assert ImageChops.subtract(filled, wider).getbbox() is None
