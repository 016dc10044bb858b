"""A picture of any size and mode becomes the square, of colours or grey, that torchvision's evaluation transform gives."""

from pathlib import Path

import pytest
from PIL import Image

from recipes.errors import BlankImage, Malformed
from recipes.natural_images.recipe import RECIPE
from recipes.pictures.decode import decode_color
from recipes.pictures.squares import SIDE, read_color_square, read_grey_square
from tests.digits import encoded

GOLDEN = Path(__file__).resolve().parents[4] / "recipes/natural_images/golden"


def draw_slopes(width: int, height: int) -> Image.Image:
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.linear_gradient("L").resize((width, height))
    return Image.merge("RGB", (across, down, Image.new("L", (width, height), 40)))


def show(instance: bytes) -> Image.Image:
    return Image.frombytes("RGB", (SIDE, SIDE), instance)


def test_turns_a_picture_as_its_camera_was_held() -> None:
    upright, turned = (read_color_square((GOLDEN / name).read_bytes()) for name in ("car.png", "turned.png"))
    assert upright == turned


@pytest.mark.parametrize("size", [(320, 240), (240, 321), (224, 224), (7, 5), (1, 400), (999, 256)])
def test_is_the_centre_of_the_picture_made_256_pixels_high_or_wide(size: tuple[int, int]) -> None:
    picture = draw_slopes(*size)
    width, height = size
    shorter = min(size)
    resized = picture.resize((256 * width // shorter, 256 * height // shorter), Image.Resampling.BILINEAR)
    left, top = round((resized.width - SIDE) / 2), round((resized.height - SIDE) / 2)
    expected = resized.crop((left, top, left + SIDE, top + SIDE)).tobytes()
    found = read_color_square(encoded(picture)).values
    assert len(found) == RECIPE.instance_bytes
    assert max(abs(one - other) for one, other in zip(found, expected, strict=True)) <= 1


def test_says_which_part_of_the_picture_it_is() -> None:
    place = read_color_square(encoded(draw_slopes(512, 256))).place
    assert place == pytest.approx(((256 - 112) / 512, 16 / 256, (256 + 112) / 512, 240 / 256))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16"])
def test_takes_every_mode(mode: str) -> None:
    kind = {"CMYK": "JPEG", "YCbCr": "JPEG"}.get(mode, "PNG")
    level = 255 if mode == "1" else 200
    picture = Image.new("I;16", (30, 20), level * 256) if mode == "I;16" else Image.new("L", (30, 20), level).convert(mode)
    red, green, blue = show(read_color_square(encoded(picture, kind)).values).getpixel((100, 100))
    assert red == pytest.approx(level, abs=3)
    assert red == green == blue


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_transparent_is_white(mode: str) -> None:
    assert show(read_color_square(encoded(Image.new(mode, (9, 9), 0))).values).getpixel((100, 100)) == (255, 255, 255)


@pytest.mark.parametrize("side", [SIDE, 128])
def test_grey_is_the_luminance_of_the_colours(side: int) -> None:
    picture = encoded(draw_slopes(320, 240))
    colors, grey = read_color_square(picture, side=side), read_grey_square(picture, side=side)
    assert Image.frombytes("RGB", (side, side), colors.values).convert("L").tobytes() == grey.values
    assert colors.place == grey.place


def test_grey_levels_stay_what_they_are() -> None:
    assert set(read_grey_square(encoded(Image.new("L", (9, 9), 77))).values) == {77}


@pytest.mark.parametrize("colour", [(255, 255, 255, 255), (90, 0, 0, 255), (0, 0, 0, 0)])
@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_refuses_a_photo_of_one_colour(colour: tuple[int, int, int, int], kind: str) -> None:
    with pytest.raises(BlankImage, match="one colour"):
        RECIPE.read_image(encoded(Image.new("RGBA", (300, 200), colour), kind))


def test_refuses_a_transparent_photo_whatever_its_pixels_hide() -> None:
    photo = draw_slopes(300, 200)
    photo.putalpha(0)
    with pytest.raises(BlankImage):
        RECIPE.read_image(encoded(photo))


def test_a_smaller_square_is_of_the_same_part_of_the_picture() -> None:
    places = [read_color_square(encoded(draw_slopes(512, 256)), side=side).place for side in (SIDE, 112)]
    assert places[0] == places[1]


def test_keeps_the_colours_of_a_first_frame_that_is_not_blank() -> None:
    frames = [Image.new("RGB", (40, 40), "white"), draw_slopes(40, 40)]
    gif = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert decode_color(gif).getpixel((39, 0)) != (255, 255, 255)


def test_refuses_a_broken_picture() -> None:
    with pytest.raises(Malformed, match="damaged or incomplete"):
        read_color_square(encoded(draw_slopes(40, 40))[:60])
