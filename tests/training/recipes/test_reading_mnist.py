"""How the values of real digits are read: as they are, each by itself; and as meant, on each scale that people send."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from functions.shared.reading import thorough
from recipes import npy
from recipes.dataset import Dataset
from recipes.recipe import load
from tests.arrays import npy_of

Array = np.ndarray[Any, Any]
DIGITS = load("digits")


def test_changes_no_digit_of_the_test_set_and_notes_nothing(mnist: Dataset) -> None:
    alarms = []
    for index, digit in enumerate(mnist.test.inputs):
        batch = thorough.read_npy(npy.write(digit.tobytes(), digit.shape), DIGITS)
        if batch.instances != digit.tobytes() or batch.notes:
            alarms.append((index, batch.notes))
    assert (len(mnist.test.inputs), alarms) == (10_000, [])


SCALES: dict[str, tuple[Callable[[Array], Array], tuple[str, ...]]] = {
    "0 to 1": (lambda digit: digit / 255, ("scaled",)),
    "-1 to 1": (lambda digit: (digit / 127.5 - 1).astype("f4"), ("scaled",)),
    "normalised": (lambda digit: ((digit / 255 - 0.1307) / 0.3081).astype("f2"), ("scaled",)),
    "dark on bright": (lambda digit: 255 - digit, ("inverted",)),
    "dark on bright, 0 to 1": (lambda digit: (1 - digit / 255).astype("f4"), ("scaled", "inverted")),
}


@pytest.mark.parametrize(("write", "codes"), SCALES.values(), ids=SCALES)
def test_reads_digits_on_another_scale_as_meant(write: Callable[[Array], Array], codes: tuple[str, ...], mnist: Dataset) -> None:
    for digit in mnist.test.inputs[:300]:
        batch = thorough.read_npy(npy_of(write(digit)), DIGITS)
        assert batch.instances == digit.tobytes()
        assert tuple(note.code for note in batch.notes) == codes
