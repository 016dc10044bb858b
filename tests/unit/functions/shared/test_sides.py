"""Rows and columns in each other's place: of many instances it is told, of a few and of other recipes nothing is."""

import numpy as np
import pytest

from functions.predict.reading.codecs import decode
from functions.shared.reading.drafts.sides import LEAST, measure_ink
from recipes.recipe import load
from tests.arrays import npy_of
from tests.cases.writing import BOTH, ONE, SEVEN
from tests.rows import open_upload

DIGITS = load("digits")
MANY = np.concatenate([BOTH] * (LEAST // 2))
TURNED = MANY.transpose(0, 2, 1)


def list_notes(array: np.ndarray) -> tuple[set[str], set[str]]:
    """Return the codes of the notes on an array, in a request and in an upload."""
    content = npy_of(np.ascontiguousarray(array))
    batch, rows = decode(content, "application/x-npy", DIGITS), open_upload(content, DIGITS)
    assert batch.instances == b"".join(row.instance or b"" for row in rows.rows)
    return {note.code for note in batch.notes}, {note.code for note in rows.notes}


@pytest.mark.parametrize(
    "array", [TURNED, 255 - TURNED, TURNED / 255, np.rot90(MANY, 1, (1, 2))], ids=["levels", "dark", "0 to 1", "turned"]
)
def test_tells_of_many_that_lie(array: np.ndarray) -> None:
    assert all("maybe-transposed" in codes for codes in list_notes(array))


def test_changes_nothing_of_them() -> None:
    assert decode(npy_of(np.ascontiguousarray(TURNED)), "application/x-npy", DIGITS).instances == TURNED.tobytes()


@pytest.mark.parametrize(
    "array",
    [MANY, TURNED[:-1], np.concatenate([TURNED[: LEAST // 2], MANY]), np.zeros_like(MANY)],
    ids=["upright", "too few", "half of them", "blank"],
)
def test_tells_nothing_of_others(array: np.ndarray) -> None:
    assert all("maybe-transposed" not in codes for codes in list_notes(array))


@pytest.mark.parametrize(("digit", "sides"), [(SEVEN, (20, 16)), (ONE, (20, 2)), (ONE.T, (2, 20)), (ONE * 0, (0, 0))])
def test_measures_the_ink(digit: np.ndarray, sides: tuple[int, int]) -> None:
    assert measure_ink(digit.tobytes(), 28) == sides


def test_tells_nothing_of_things_that_may_be_wider_than_high() -> None:
    batch = decode(npy_of(np.ascontiguousarray(TURNED)), "application/x-npy", DIGITS._replace(is_upright=False))
    assert batch.notes == ()
