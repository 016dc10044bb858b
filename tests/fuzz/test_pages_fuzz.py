"""Whatever a picture holds, looking for digits on it has an answer or an error of ours."""

import numpy as np
import pytest
from PIL import Image

from recipes.digits.segment import find_digits
from recipes.digits.writing.layout import MAX_DIGITS
from recipes.errors import InvalidInput
from tests.pages import encoded

Y, X = np.mgrid[:150, :200]
HOSTILE = {
    "noise": np.random.default_rng(0).integers(0, 256, (150, 200)),
    "salt": np.where(np.random.default_rng(0).random((150, 200)) < 0.2, 0, 255),
    "chequers of 1": (X + Y) % 2 * 255,
    "chequers of 8": (X // 8 + Y // 8) % 2 * 255,
    "chequers of 64": (X // 64 + Y // 64) % 2 * 255,
    "upright stripes": X // 2 % 2 * 255,
    "level stripes": Y // 2 % 2 * 255,
    "broad stripes": X // 20 % 2 * 255,
    "dashes": (X // 8 % 2) * (Y // 30 % 2) * 255,
    "specks": np.where((X % 9 < 3) & (Y % 9 < 3), 0, 255),
    "rings": np.where((X % 12 < 6) & (Y % 14 < 8) & ~((X % 12 - 1) % 12 < 4) & ~((Y % 14 - 1) % 14 < 6), 0, 255),
    "boxes": np.where((X % 40 < 28) & (Y % 40 < 28) & ((X % 40 < 2) | (X % 40 > 25) | (Y % 40 < 2) | (Y % 40 > 25)), 0, 255),
    "gradient": X * 255 // 200,
    "a pixel": X[:1, :1],
    "a row": X[:1] % 256,
    "a column": Y[:, :1] % 256,
    "a corner": X[:2, :2] * 255,
}


@pytest.mark.parametrize("levels", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("format_", ["PNG", "JPEG"])
def test_answers_or_refuses_what_is_no_page(levels: np.ndarray, format_: str) -> None:
    picture = encoded(Image.fromarray(levels.astype(np.uint8)), format_)
    try:
        found = find_digits(picture).found
    except InvalidInput:
        return
    assert 1 <= len(found) <= MAX_DIGITS
    assert all(len(one.instance) == 784 for one in found)
