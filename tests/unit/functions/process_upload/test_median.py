"""The median of a regression's values, of which there may be five million."""

import tracemalloc
from array import array
from random import Random
from statistics import median

import pytest

from functions.process_upload.median import BLOCK, find_median


@pytest.mark.parametrize("count", [1, 2, 3, 10, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 3 * BLOCK + 7])
def test_is_the_value_in_the_middle(count: int) -> None:
    random = Random(count)
    values = array("d", (random.choice([random.gauss(0, 1e6), 0.0, -1.5]) for _ in range(count)))
    expected = median(values)
    assert find_median(values) == expected


def test_takes_no_more_memory_the_more_there_are() -> None:
    values = array("d", map(float, range(16 * BLOCK, 0, -1)))
    tracemalloc.start()
    find_median(values)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * len(values)  # all of them in a list would be four times that
