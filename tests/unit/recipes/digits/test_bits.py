"""A mask as one integer is spread and shrunk as Pillow's bytes are."""

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from recipes.digits.ink.bits import Bits
from recipes.digits.ink.page import shrink, spread


@st.composite
def masks(draw: st.DrawFn) -> Image.Image:
    width, height = draw(st.integers(1, 20)), draw(st.integers(1, 9))
    cells = draw(st.lists(st.sampled_from([0, 255]), min_size=width * height, max_size=width * height))
    return Image.frombytes("L", (width, height), bytes(cells))


@given(masks(), st.integers(0, 5), st.integers(0, 5))
def test_spreads_and_shrinks_as_bytes_are(mask: Image.Image, across: int, down: int) -> None:
    bits = Bits.from_mask(mask, across)
    assert bits.to_mask().tobytes() == mask.tobytes()
    assert bits.spread(across, down).to_mask().tobytes() == spread(mask, across, down).tobytes()
    assert bits.shrink(across, down).to_mask().tobytes() == shrink(mask, across, down).tobytes()


@given(masks())
def test_what_is_subtracted_is_gone(mask: Image.Image) -> None:
    bits = Bits.from_mask(mask, 2)
    inner = bits.shrink(1, 1)
    assert bits.subtract(inner).value & inner.value == 0
    assert (bits & inner).value == inner.value
