"""Light that is no plane, and lines that are no ink: the digit is read as on plain paper."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from recipes.digits.transform import read_digit, to_digit
from recipes.errors import BlankImage
from tests.digits import digit, distance, encoded, on_page

Levels = npt.NDArray[np.float64]
ALIKE = 14.0  # levels of 255, on average: the same digit, in other light; two different digits are 15 and more apart
SIDE_PX = 180
Y, X = np.mgrid[:SIDE_PX, :SIDE_PX] / SIDE_PX - 0.5


def draw_lines(levels: Levels, every_px: int, *, down: bool) -> Levels:
    paper, ink = levels[0, 0], (levels.min() if levels[0, 0] > 100 else levels.max())
    line = paper + 0.45 * (ink - paper)
    lines = np.zeros(levels.shape, bool)
    lines[::every_px] = True
    lines[:, ::every_px] |= down
    return np.where(lines & (abs(levels - paper) < abs(line - paper)), line, levels)


LIGHTS: dict[str, Callable[[Levels], Levels]] = {
    "vignette": lambda levels: levels * (1 - 0.9 * (X * X + Y * Y)),
    "a shadow's edge": lambda levels: levels * np.where(X + 0.7 * Y > 0.05, 0.65, 1),
    "a gleam": lambda levels: levels + 110 * np.exp(-((X - 0.3) ** 2 + (Y + 0.3) ** 2) / 0.03),
    "ruled": lambda levels: draw_lines(levels, 24, down=False),
    "squared": lambda levels: draw_lines(levels, 20, down=True),
}


@pytest.mark.parametrize(
    ("light", "is_light"),
    [(light, is_light) for light in LIGHTS for is_light in (False, True) if (light, is_light) != ("a gleam", True)],  # it is light, too
)
@pytest.mark.parametrize("label", [1, 4, 8])
def test_the_paper_is_what_is_wider_than_the_strokes(label: int, light: str, is_light: bool) -> None:
    page = on_page(digit(label), page_px=SIDE_PX, scale=4, right_px=30, down_px=40)
    share = np.asarray(page, float) / 255
    levels = LIGHTS[light](70 + 130 * (1 - share) if is_light else 40 + 150 * share) + np.random.default_rng(0).normal(0, 1.5, X.shape)
    seen = read_digit(encoded(Image.fromarray(levels.clip(0, 255).astype(np.uint8))))
    assert seen.side_by_side == 1
    assert distance(seen.values, to_digit(encoded(page))) < ALIKE


@pytest.mark.parametrize("slope", [-0.03, -0.02, -0.01, 0.01, 0.02, 0.03])
def test_pieces_of_printed_lines_are_no_digit(slope: float) -> None:
    rows = SIDE_PX * (Y - slope * X) % 24
    levels = 200 - 30 * np.clip(1.5 - abs(rows - 12), 0, 1) + np.random.default_rng(0).normal(0, 2, X.shape)
    with pytest.raises(BlankImage):
        to_digit(encoded(Image.fromarray(levels.clip(0, 255).astype(np.uint8))))
