"""A gleam on empty paper is refused as nothing, and a digit under one is read."""

import numpy as np
import pytest

from recipes.digits.transform import read_digit
from recipes.errors import BlankImage
from tests.digits import digit
from training.drawings.paper import draw

GLEAMS = (2, 3, 4, 5, 6, 7, 8, 9, 11, 13)  # of the drawings of empty paper, those that are no ramp over the whole page


@pytest.mark.parametrize("seed", GLEAMS)
def test_refuses_a_gleam_on_empty_paper(seed: int) -> None:
    with pytest.raises(BlankImage):
        read_digit(draw("a gleam", seed, None))


@pytest.mark.parametrize("kind", ["a gleam", "pale pencil", "bold", "small"])
@pytest.mark.parametrize("label", [0, 6, 8])
def test_reads_a_digit_with_soft_edges(kind: str, label: int) -> None:
    assert len(read_digit(draw(kind, label, np.asarray(digit(label)))).values) == 784
