"""A mask as one integer gives what cell by cell gives."""

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from recipes.digits.ink.components import find_components
from recipes.digits.ink.specks import SPECK_SHARE, Cells, remove_noise, remove_specks


@st.composite
def masks(draw: st.DrawFn) -> Image.Image:
    width, height = draw(st.integers(1, 20)), draw(st.integers(1, 9))
    cells = draw(st.lists(st.sampled_from([0, 0, 255]), min_size=width * height, max_size=width * height))
    return Image.frombytes("L", (width, height), bytes(cells))


@given(masks())
def test_keeps_the_components_that_are_not_specks(mask: Image.Image) -> None:
    mask = mask.crop((0, 0, mask.width, min(2, mask.height)))  # a frame would be three rows high
    box = mask.getbbox()
    if box is None:
        return
    found = find_components(mask.tobytes(), mask.width)
    specks = [component for component in found if component.area < SPECK_SHARE * found[0].area]
    kept, count, *_ = remove_specks(mask, box)
    assert (kept is mask) == (not specks)
    assert 1 <= count <= len(found)
    pixels = kept.tobytes()
    for component in found[: len(found) - len(specks)]:
        for row, start, end in component.runs:
            assert pixels[row * mask.width + start : row * mask.width + end] == b"\xff" * (end - start)


@given(masks(), st.integers(0, 8), st.integers(0, 8))
def test_finds_in_a_stored_picture_what_it_finds_in_its_mask(mask: Image.Image, left: int, top: int) -> None:
    stored = Image.new("L", (28, 17))
    stored.paste(mask, (left, top))
    box = stored.getbbox()
    if box is None:
        return
    width = box[2] - box[0]
    own = Cells.of_text(stored.point([48, *[49] * 255]).tobytes(), 28, box)
    known = Cells.of_mask(stored, box, 1)
    assert own.find_digits(width)[1:] == known.find_digits(width)[1:]
    assert [each.bit_count() for each in own.find_components()] == [each.bit_count() for each in known.find_components()]


def test_drops_a_speck_that_no_margin_reaches() -> None:
    mask = Image.new("L", (40, 12))
    mask.paste(255, (0, 0, 30, 12))
    mask.putpixel((37, 6), 255)
    kept, count, *_ = remove_specks(mask, (0, 0, 38, 12))
    assert count == 1
    assert [kept.getpixel((x, 6)) for x in (0, 29, 30, 32, 37)] == [255, 255, 255, 0, 0]


@given(masks())
def test_a_pixel_without_two_neighbours_is_lonely(mask: Image.Image) -> None:
    left = remove_noise(mask, 2)

    def is_ink(x: int, y: int) -> bool:
        return 0 <= x < mask.width and 0 <= y < mask.height and mask.getpixel((x, y)) == 255

    for y in range(mask.height):
        for x in range(mask.width):
            neighbours = sum(is_ink(*place) for place in ((x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)))
            assert left.getpixel((x, y)) == (255 if is_ink(x, y) and neighbours >= 2 else 0)


def test_an_open_loop_is_about_a_digit_only_where_nothing_was_cut_away() -> None:
    mask = Image.new("L", (100, 100))
    pen = ImageDraw.Draw(mask)
    pen.arc((5, 5, 95, 95), 20, 340, fill=255, width=4)
    pen.rectangle((46, 26, 54, 74), fill=255)
    box = mask.getbbox()
    assert box is not None
    assert remove_specks(mask, box).mask.getbbox() != box
    assert remove_specks(mask, box, is_part=True).mask.getbbox() == box
