"""A candidate is no worse than the champion unless chance does not explain it: by McNemar's test, row by row, and on what is no digit."""

from pathlib import Path

import numpy as np
import pytest

from recipes.dataset import Dataset, Split
from recipes.recipe import load
from tests import tiny_model
from training.comparison.gate import compare_answers, compare_certain, find_lowest_row
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


@pytest.mark.parametrize(
    ("taken", "may_pass"),
    [
        ({}, True),  # as many
        ({"0": 1.0}, True),  # all pictures of one kind: they count as one
        ({str(at): 0.3 for at in range(3)}, True),
        ({str(at): 0.3 for at in range(12)}, False),
        ({str(at): 0.3 * (-1) ** at for at in range(50)}, True),  # other kinds than the champion, no more
    ],
)
def test_must_not_call_clearly_more_non_digits_certain(taken: dict[str, float], may_pass: bool) -> None:
    champion = dict.fromkeys(map(str, range(100)), 0.3) | {"gone": 1.0}
    best = {kind: share + taken.get(kind, 0.0) for kind, share in champion.items() if kind != "gone"} | {"new": 1.0}
    found = compare_certain(best, champion)
    assert (found["margin"] >= 0) == may_pass
    assert (found["champion"], found["kinds"]) == (0.3, 100)


@pytest.mark.parametrize(("trusts", "gated"), [((True, True), True), ((True, False), False), ((False, True), False)])
def test_what_is_no_digit_counts_where_both_models_have_a_trust(
    tmp_path: Path, few: Dataset, trusts: tuple[bool, bool], gated: bool
) -> None:
    folders = [tiny_model.write(tmp_path / str(at), trust=trust) for at, trust in enumerate(trusts)]
    certain = ({"certain_by_kind": dict.fromkeys("abcdefghij", share)} for share in (0.4, 0.1))
    evaluations = [
        {"robustness": {"clean": 0.99}, **({"trust": figures} if trust else {})} for trust, figures in zip(trusts, certain, strict=True)
    ]
    found = judge(DIGITS, few.validation, folders, evaluations, 0.0)
    assert ("no_digit" in found, found["row_margin"] < 0) == (gated, gated)


def test_without_a_champion_there_is_nothing_to_fall_behind() -> None:
    split = Split(np.zeros((1, 28, 28), np.uint8), np.zeros(1))
    assert judge(DIGITS, split, [], [], 0.5) == {"most_improvement": 0.5, "row_margin": 0.0}
