"""What is set on the validation split: the temperature, and the thresholds of trust."""

import numpy as np
import pytest

from recipes.thresholds import Thresholds
from training.metrics.trust import score_trust
from training.trainers.calibration import choose_thresholds, fit_sharpness, measure_auroc


@pytest.mark.parametrize("sharpness", [0.5, 1.0, 3.0])
def test_finds_the_temperature_that_labels_were_drawn_with(random: np.random.Generator, sharpness: float) -> None:
    logits = random.normal(0, 2, (20_000, 10)).astype(np.float32)
    odds = np.exp(sharpness * logits)
    labels = (odds.cumsum(1) / odds.sum(1, keepdims=True) > random.random((len(logits), 1))).argmax(1)
    assert fit_sharpness(logits, labels) == pytest.approx(sharpness, rel=0.05)


def test_keeps_most_digits_and_calls_few_others_certain() -> None:
    trust, others = np.linspace(0, 1, 10_001), np.linspace(0, 0.6, 1001)
    found = choose_thresholds(trust, np.ones(10_001, bool), others)
    assert found == {"certain": pytest.approx(0.594, abs=0.001), "digit": pytest.approx(0.005, abs=0.001)}


def test_calls_certain_what_is_nearly_always_right() -> None:
    trust = np.linspace(0, 1, 10_001)
    right = trust > 0.8
    assert choose_thresholds(trust, right, np.zeros(5))["certain"] == pytest.approx(0.8, abs=0.01)
    assert choose_thresholds(trust, trust < 0.5, np.zeros(5))["certain"] == 1.0


@pytest.mark.parametrize(
    ("digits", "others", "area"), [([1.0, 0.9], [0.1, 0.2], 1.0), ([0.5], [0.5, 0.5], 0.5), ([0.3, 0.7], [0.5], 0.5), ([0.1], [0.9], 0.0)]
)
def test_measures_how_often_a_digit_has_more_trust(digits: list[float], others: list[float], area: float) -> None:
    assert measure_auroc(np.array(digits), np.array(others)) == pytest.approx(area)


def test_counts_what_is_kept_and_rejected_by_kind() -> None:
    trust, right = np.array([0.95, 0.9, 0.5, 0.05], np.float32), np.array([True, True, False, True])
    others = {"letters": np.array([0.01, 0.02], np.float32), "photos": np.array([0.2, 0.95], np.float32)}
    found = score_trust(Thresholds(certain=0.9, digit=0.1), trust, right, others)
    assert (found["digits_kept"], found["digits_certain"], found["certain_right"]) == (0.75, 0.5, 1.0)
    assert (found["others_rejected"], found["others_certain"]) == (0.5, 0.25)
    assert found["rejected_by_kind"] == {"letters": 1.0, "photos": 0.0}
    assert found["certain_by_kind"] == {"letters": 0.0, "photos": 0.5}
    assert found["curve"][0] == {"trust": 0.0, "digits_kept": 1.0, "others_rejected": 0.0}
