"""A picture that is made of pictures' values is refused, and a picture of that size, or a sheet of such pictures, is not."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from recipes.digits.segment import find_digits
from recipes.digits.transform import to_digit
from recipes.errors import WrongShape
from tests.digits import UInt8, any_digit, digit, encoded, on_page

LABELS = (3, 1, 4, 1, 5, 9, 2, 6)
both_doors = pytest.mark.parametrize("read", [to_digit, find_digits])


def stack(side: int, count: int) -> UInt8:
    """Return the values of so many digits, one of them a row; the smallest pictures have no margin, as scikit-learn's."""
    cut = (0, 0, 28, 28) if side > 8 else (4, 4, 24, 24)
    return np.stack([np.asarray(digit(label).resize((side, side), Image.Resampling.BOX, cut)).ravel() for label in LABELS[:count]])


@both_doors
@pytest.mark.parametrize(
    ("size", "advice"),
    [((784, 1), "x.reshape(28, 28)"), ((1, 784), "x.reshape(28, 28)"), ((64, 1), "x.reshape(8, 8)"), ((2, 300), "the picture itself.")],
)
def test_refuses_a_picture_s_values_in_a_line(read: Callable[[bytes], object], size: tuple[int, int], advice: str) -> None:
    line = Image.fromarray(np.resize(np.asarray(any_digit()), size[::-1]))
    with pytest.raises(WrongShape, match=f"{size[0]}×{size[1]}") as caught:
        read(encoded(line))
    assert advice in caught.value.advice
    assert ("reshape" in advice) == ("reshape" in caught.value.advice)


@both_doors
@pytest.mark.parametrize("side", [8, 16, 28])
@pytest.mark.parametrize("count", [3, 5])
@pytest.mark.parametrize("turn", [0, 255])
def test_refuses_several_pictures_values_in_rows_or_columns(read: Callable[[bytes], object], side: int, count: int, turn: int) -> None:
    rows = stack(side, count) ^ np.uint8(turn)
    for values, advice in ((rows, f"Image.fromarray(x[0].reshape({side}, {side}))"), (rows.T, f"x[:, 0].reshape({side}, {side})")):
        with pytest.raises(WrongShape, match=f"the values of {count} pictures of {side}×{side}") as caught:
            read(encoded(Image.fromarray(np.ascontiguousarray(values))))
        assert advice in caught.value.advice


@pytest.mark.parametrize("count", [5, 28])
def test_a_row_of_pictures_is_no_row_of_values(count: int) -> None:
    labels = (LABELS * 4)[:count]
    assert len(find_digits(encoded(Image.fromarray(np.concatenate([np.asarray(digit(each)) for each in labels], axis=1)))).found) == count


@both_doors
@pytest.mark.parametrize("side", [64, 100, 256, 784])
@pytest.mark.parametrize("cells", [1, 4, 1000])
def test_a_page_as_wide_as_values_is_read_whatever_it_is_ruled_with(read: Callable[[bytes], object], side: int, cells: int) -> None:
    page = on_page(any_digit(), page_px=side, scale=side / 36, right_px=side // 9, down_px=side // 9)
    period = round(side**0.5)
    for at in range(period // 2, side, cells * period):
        ImageDraw.Draw(page).line((0, at, side, at), fill=190)
        ImageDraw.Draw(page).line((at, 0, at, side), fill=190)
    read(encoded(page))
