"""A candidate is no worse than the champion unless chance does not explain it: by McNemar's test, and row by row."""

import numpy as np
import pytest

from recipes.dataset import Split
from recipes.recipe import load
from training.gate import compare_answers, find_lowest_row
from training.steps.evaluate import judge

DIGITS = load("digits")


def answer(labels: list[int]) -> np.ndarray:
    return np.eye(10, dtype=np.float32)[labels]


def test_only_instances_that_one_alone_gets_right_make_a_difference() -> None:
    truth = np.array([1, 1, 1, 1, 2, 2, 2, 2])
    found = compare_answers(load("digits"), answer([1, 1, 1, 1, 2, 2, 0, 0]), answer([1, 1, 1, 0, 2, 2, 2, 0]), truth)
    assert (found["only_first_right"], found["only_second_right"], found["chance"]) == (1, 1, 1.0)
    assert found["noise"] == pytest.approx(1.96 * 2**0.5 / 8, abs=1e-5)
    same = compare_answers(load("digits"), answer([1] * 8), answer([1] * 8), truth)
    assert (same["differ"], same["noise"]) == (0, 0.0)


@pytest.mark.parametrize(("accuracy", "may_pass"), [(0.995, True), (0.994, True), (0.985, False)])
def test_finds_the_row_that_falls_furthest_behind(accuracy: float, may_pass: bool) -> None:
    split = Split(np.zeros((10_000, 28, 28), np.uint8), np.arange(10_000) % 10)
    champion = {"clean": 0.995, "photo": 0.995, "gone": 0.5}
    lowest = find_lowest_row(DIGITS, split, {"clean": 0.999, "photo": accuracy, "new": 0.1}, champion)
    assert lowest["row"] == "photo"
    assert (lowest["margin"] >= 0) == may_pass


def test_a_row_of_few_digits_has_more_noise() -> None:
    split = Split(np.zeros((10_000, 28, 28), np.uint8), np.arange(10_000) % 10)
    behind = {"champion": {"clean": 0.995, "flagged one": 0.995}, "best": {"clean": 0.992, "flagged one": 0.992}}
    lowest = find_lowest_row(DIGITS, split, behind["best"], behind["champion"])
    assert (lowest["row"], lowest["margin"] < 0) == ("clean", True)


def test_without_a_champion_there_is_nothing_to_fall_behind() -> None:
    split = Split(np.zeros((1, 28, 28), np.uint8), np.zeros(1))
    assert judge(DIGITS, split, [], [], 0.5) == {"most_improvement": 0.5, "row_margin": 0.0}
