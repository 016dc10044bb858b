"""The median of a regression's values, of which there may be five million."""

import tracemalloc
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from random import Random
from statistics import median

import pytest

from functions.process_upload.results import median as module
from functions.process_upload.results.median import KEPT, Median


def find_median(values: list[float]) -> float:
    found = Median()
    for value in values:
        found.add(value)
    return found.find()


@pytest.mark.parametrize("count", [1, 2, 3, 10, 101, KEPT - 1, KEPT])
def test_is_the_value_in_the_middle(count: int) -> None:
    random = Random(count)
    values = [random.choice([random.gauss(0, 1e6), 0.0, -1.5]) for _ in range(count)]
    assert find_median(values) == median(values)


def test_is_finite_between_two_values_whose_sum_is_not() -> None:
    assert find_median([1e308, 1.5e308]) == 1.25e308


ORDERS: dict[str, Callable[[int], float]] = {
    "in order": float,
    "falling": lambda number: -float(number),
    "a saw": lambda number: number % 97 * 1000.0 + number // 97,
    "from both ends": lambda number: float(number if number % 2 else -number),
    "at random": lambda number: Random(number).random(),
    "few": lambda number: float(number % 3),
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("count", [65, 1000, 20_000])
def test_is_near_the_middle_of_more(order: Callable[[int], float], count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 64)
    values = list(map(order, range(count)))
    found, in_order = find_median(values), sorted(values)
    levels = (count // 64).bit_length()
    middle = (count - 1) / 2
    off = max(bisect_left(in_order, found) - middle, middle - bisect_right(in_order, found))
    assert off <= levels * count / 64


def test_takes_no_more_memory_the_more_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 512)
    found = Median()
    tracemalloc.start()
    for number in range(8 * 512):
        found.add(-number)
    found.find()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * 512 * 32


def test_of_nothing_is_none() -> None:
    with pytest.raises(ValueError, match="no values"):
        Median().find()
