"""A picture of a digit comes out as MNIST would have stored it, whatever it was drawn on, with and how."""

import base64
import io
import json
from collections.abc import Callable
from contextlib import suppress
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from recipes.digits.dataset import load
from recipes.digits.transform import to_digit
from recipes.errors import BlankImage
from tests.digits import GOLDEN, any_digit, digit, distance, encoded, on_page, pixels

CASES = json.loads((GOLDEN / "cases.json").read_text())
SAME = 3.0  # levels of 255, on average: an edge pixel here and there; two different digits are 15 and more apart
ALIKE = 12.0  # the same digit, drawn again


@cache
def plain(label: int = 5) -> bytes:
    return to_digit(encoded(on_page(digit(label))))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_makes_the_golden_pixels_of_the_golden_pictures(case: dict[str, str]) -> None:
    assert to_digit((GOLDEN / case["file"]).read_bytes()) == base64.b64decode(case["pixels_base64"])


def test_leaves_mnist_as_it_is() -> None:
    images = load().test.inputs[:60]
    changed = [np.abs(pixels(to_digit(encoded(Image.fromarray(image)))).astype(int) - image).mean() for image in images]
    assert np.mean(changed) < 1
    assert max(changed) < 12


@pytest.mark.parametrize("turn", [lambda image: image, ImageOps.invert], ids=["light on black", "dark on white"])
def test_what_mnist_stored_so_comes_through_untouched(turn: Callable[[Image.Image], Image.Image]) -> None:
    images = [image for image in load().test.inputs[:60] if is_stored(image)]
    assert len(images) > 40
    for image in images:
        assert to_digit(encoded(turn(Image.fromarray(image)))) == image.tobytes()


def is_stored(image: np.ndarray) -> bool:
    """Whether the ink is 20 pixels long and its centre of mass within half a pixel of (14, 14): some of MNIST's are not."""
    rows, columns = np.nonzero(image)
    total = image.sum(dtype=float)
    from_centre = [abs((image.sum(axis) @ np.arange(28)) / total - 14) for axis in (0, 1)]
    return max(np.ptp(rows), np.ptp(columns)) == 19 and max(from_centre) < 0.5 and image.max() == 255


def test_different_digits_stay_different() -> None:
    assert min(distance(plain(a), plain(b)) for a in range(10) for b in range(a)) > 15


@pytest.mark.parametrize("label", range(10))
def test_either_polarity_gives_the_same(label: int) -> None:
    page = on_page(digit(label))
    assert distance(to_digit(encoded(page)), to_digit(encoded(ImageOps.invert(page)))) < 1


@pytest.mark.parametrize("label", range(10))
def test_fills_the_box_and_centres_the_mass(label: int) -> None:
    image = pixels(plain(label)).astype(float)
    rows, columns = np.nonzero(image > 0)
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    assert 19 <= max(height, width) <= 20
    total = image.sum()
    assert abs((image.sum(1) @ np.arange(28)) / total - 14) <= 0.51
    assert abs((image.sum(0) @ np.arange(28)) / total - 14) <= 0.51
    assert image.max() == 255


@pytest.mark.parametrize(("right_px", "down_px"), [(0, 0), (48, 0), (0, 48), (48, 48), (13, 37)])
def test_the_place_on_the_page_does_not_matter(right_px: int, down_px: int) -> None:
    assert distance(to_digit(encoded(on_page(any_digit(), right_px=right_px, down_px=down_px))), plain()) < SAME


@pytest.mark.parametrize("scale", [1.5, 2.5, 5, 5.5])
def test_the_size_does_not_matter(scale: float) -> None:
    assert distance(to_digit(encoded(on_page(any_digit(), scale=scale, right_px=3, down_px=3))), plain()) < ALIKE


@pytest.mark.parametrize("page_px", [300, 700, 1900])
def test_large_pictures_are_read_as_small_ones(page_px: int) -> None:
    page = on_page(any_digit(), page_px=page_px, scale=page_px / 40, right_px=page_px // 8, down_px=page_px // 7)
    assert distance(to_digit(encoded(page)), plain()) < ALIKE
    assert distance(to_digit(encoded(page, "JPEG")), plain()) < ALIKE


@pytest.mark.parametrize(("width", "height"), [(400, 130), (130, 400)])
def test_long_pages_are_read(width: int, height: int) -> None:
    page = Image.new("L", (width, height), 255)
    page.paste(on_page(any_digit(), page_px=120, right_px=4, down_px=4), (5, 5))
    assert distance(to_digit(encoded(page)), plain()) < ALIKE


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_camera_does_not_matter(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = on_page(any_digit())
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(undo[orientation]) if orientation in undo else upright
    for format_ in ("JPEG", "PNG"):
        assert distance(to_digit(encoded(stored, format_, exif=exif)), plain()) < SAME


@pytest.mark.parametrize("ink", [(0, 0, 0), (255, 255, 255), (200, 30, 30), (30, 60, 220)])
def test_ink_in_the_alpha_channel_alone_is_seen(ink: tuple[int, int, int]) -> None:
    page = Image.new("RGBA", (160, 160), (*ink, 0))
    page.putalpha(ImageOps.invert(on_page(any_digit())))
    assert distance(to_digit(encoded(page)), plain()) < SAME


@pytest.mark.parametrize("hidden", [(0, 0, 0), (255, 255, 255)])
@pytest.mark.parametrize(("pen", "paper"), [(0, 255), (255, 0)])
def test_what_a_transparent_pixel_hides_is_not_seen(hidden: tuple[int, int, int], pen: int, paper: int) -> None:
    """A mostly opaque drawing whose corners are cut round."""
    page = on_page(any_digit(), pen=pen, paper=paper).convert("RGB")
    opaque = Image.new("L", page.size)
    ImageDraw.Draw(opaque).rounded_rectangle((2, 2, 157, 157), 30, fill=255)
    cut = Image.composite(page, Image.new("RGB", page.size, hidden), opaque)
    cut.putalpha(opaque)
    assert distance(to_digit(encoded(cut)), plain()) < SAME


@pytest.mark.parametrize("mode", ["LA", "RGBA", "P"])
def test_refuses_a_transparent_picture_that_hides_a_digit(mode: str) -> None:
    page = on_page(digit(7))
    if mode == "P":
        ramp = Image.frombytes("P", page.size, page.tobytes())
        ramp.putpalette([level for level in range(256) for _ in range(3)])
        hidden = encoded(ramp, transparency=bytes(256))
    else:
        page = page.convert(mode)
        page.putalpha(0)
        hidden = encoded(page)
    with pytest.raises(BlankImage):
        to_digit(hidden)


@pytest.mark.parametrize("level", [0, 30, 240, 255])
def test_a_digit_cut_out_of_one_colour_is_seen(level: int) -> None:
    ink = on_page(digit(7), paper=0, pen=255)
    page = Image.new("RGBA", ink.size, (level, level, level, 255))
    page.putalpha(ImageOps.invert(ink))
    assert distance(to_digit(encoded(page)), to_digit(encoded(ink))) < 1


@pytest.mark.parametrize("pen", [0, 255])
@pytest.mark.parametrize("quality", [None, 80])
def test_a_digit_whose_paper_was_made_transparent_keeps_its_edge(pen: int, quality: int | None) -> None:
    """As "make white transparent" leaves it: a soft edge stays, and of a JPEG some of the paper's noise."""
    page = on_page(any_digit(), pen=pen, paper=255 - pen)
    if quality:
        page = Image.open(io.BytesIO(encoded(page, "JPEG", quality=quality)))
    cut = page.convert("RGBA")
    cut.putalpha(page.point([255 * (level != 255 - pen) for level in range(256)]))
    assert distance(to_digit(encoded(cut)), plain()) < SAME
    if not quality:
        assert distance(to_digit(encoded(page, transparency=255 - pen)), plain()) < SAME


@pytest.mark.parametrize("size", [(1000, 60), (60, 1000)])
def test_a_digit_in_a_long_strip_keeps_its_pixels(size: tuple[int, int]) -> None:
    page, small = Image.new("L", size, 255), on_page(digit(8), page_px=60, scale=2, right_px=2, down_px=2)
    page.paste(small, ((size[0] - 60) // 2, (size[1] - 60) // 2))
    assert distance(to_digit(encoded(page)), to_digit(encoded(small))) < 3


@pytest.mark.parametrize("mode", ["1", "P", "LA", "RGB", "RGBA", "I;16"])
def test_every_png_mode_gives_the_same(mode: str) -> None:
    page = on_page(any_digit())
    if mode == "I;16":
        image = Image.fromarray(np.asarray(page).astype(np.uint16) * 257)
    else:
        image = page.convert("RGB").quantize(16) if mode == "P" else page.convert(mode)
    assert distance(to_digit(encoded(image)), plain()) < (ALIKE if mode == "1" else SAME)


def test_sixteen_bits_of_faint_ink_are_not_clipped() -> None:
    faint = 20_000 + np.asarray(on_page(any_digit())).astype(np.uint16) * 100
    assert distance(to_digit(encoded(Image.fromarray(faint))), plain()) < SAME


def test_bytes_that_were_written_with_sixteen_bits_are_seen() -> None:
    values = np.asarray(on_page(any_digit(), pen=255, paper=0)).astype(np.uint16)
    assert distance(to_digit(encoded(Image.fromarray(values))), plain()) < SAME


def test_a_palette_with_a_transparent_colour_is_read() -> None:
    page = on_page(any_digit()).point(lambda level: 255 if level > 127 else 0).convert("P")
    assert distance(to_digit(encoded(page, transparency=255)), plain()) < ALIKE


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_every_jpeg_mode_gives_the_same(mode: str) -> None:
    assert distance(to_digit(encoded(on_page(any_digit()).convert(mode), "JPEG", quality=95)), plain()) < SAME


@pytest.mark.parametrize("towards", ["left", "right", "top", "bottom"])
def test_uneven_light_on_the_paper_does_not_matter(towards: str) -> None:
    slope = np.linspace(0, 70, 160)
    light = {"left": -slope[None, :], "right": slope[None, :], "top": -slope[:, None], "bottom": slope[:, None]}[towards]
    page = np.asarray(on_page(any_digit(), pen=30, paper=160), float) + light + (70 if towards in {"left", "top"} else 0)
    assert distance(to_digit(encoded(Image.fromarray(np.clip(page, 0, 255).astype(np.uint8)))), plain()) < ALIKE


def test_a_noisy_photo_is_read() -> None:
    page = np.asarray(on_page(any_digit(), pen=60, paper=180), float) + np.random.default_rng(0).normal(0, 6, (160, 160))
    blurred = Image.fromarray(page.clip(0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.8))
    assert distance(to_digit(encoded(blurred, "JPEG", quality=80)), plain()) < 15


def test_specks_are_dropped() -> None:
    page = on_page(any_digit())
    for x, y in ((8, 8), (150, 20), (12, 148), (140, 140)):
        ImageDraw.Draw(page).ellipse((x, y, x + 3, y + 3), fill=0)
    assert distance(to_digit(encoded(page)), plain()) < SAME


def test_the_detached_bar_of_a_five_is_kept() -> None:
    page = Image.new("L", (200, 200), 255)
    draw = ImageDraw.Draw(page)
    draw.line((70, 60, 70, 100), fill=0, width=10)
    draw.arc((55, 95, 125, 165), 210, 130, fill=0, width=10)
    without = to_digit(encoded(page))
    draw.line((90, 45, 130, 45), fill=0, width=10)  # not touching
    with_bar = pixels(to_digit(encoded(page)))
    top = with_bar[with_bar.max(1) > 127][:2]
    assert top.max(0)[14:].sum() > 4 * 255
    assert distance(with_bar.tobytes(), without) > 10


def test_ink_that_runs_off_the_page_is_read() -> None:
    page = on_page(digit(1), page_px=112, right_px=0, down_px=-14)
    assert pixels(to_digit(encoded(page))).max() == 255


@pytest.mark.parametrize(("width", "height"), [(1, 40), (40, 1), (2, 2), (28, 3)])
def test_slivers_have_an_answer_or_are_blank(width: int, height: int) -> None:
    random = np.random.default_rng(width)
    picture = encoded(Image.fromarray(random.integers(0, 256, (height, width), np.uint8)))
    with suppress(BlankImage):
        assert len(to_digit(picture)) == 784


@pytest.mark.parametrize("level", [0, 1, 127, 254, 255])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_refuses_a_blank_picture(level: int, mode: str) -> None:
    with pytest.raises(BlankImage, match="nothing stands out"):
        to_digit(encoded(Image.new("L", (64, 64), level).convert(mode)))


@pytest.mark.parametrize("format_", ["PNG", "JPEG"])
def test_refuses_paper_with_nothing_but_noise_and_shade(format_: str) -> None:
    shade = np.linspace(120, 200, 200)[None, :] + np.random.default_rng(1).normal(0, 2, (200, 200))
    with pytest.raises(BlankImage):
        to_digit(encoded(Image.fromarray(shade.clip(0, 255).astype(np.uint8)), format_))


@pytest.mark.parametrize("colour", [(0, 0, 0, 0), (255, 255, 255, 0), (9, 99, 200, 0)])
def test_refuses_a_fully_transparent_picture(colour: tuple[int, int, int, int]) -> None:
    with pytest.raises(BlankImage):
        to_digit(encoded(Image.new("RGBA", (64, 64), colour)))


@given(
    width=st.integers(1, 40),
    height=st.integers(1, 40),
    mode=st.sampled_from(["1", "L", "LA", "RGB", "RGBA", "P"]),
    data=st.binary(min_size=1, max_size=64),
)
def test_any_picture_is_784_bytes_or_blank(width: int, height: int, mode: str, data: bytes) -> None:
    levels = np.resize(np.frombuffer(data, np.uint8), (height, width))
    picture = encoded(Image.fromarray(levels).convert(mode))
    try:
        instance = to_digit(picture)
    except BlankImage:
        return
    assert len(instance) == 784
    assert max(instance) == 255
