"""Tuning teaches the network what is no digit; it forgets little, and the network it begins with stays as it was."""

import copy

import numpy as np
import pytest
import torch

from recipes.dataset import Dataset, Split
from training.drawings.arrays import draw_arrays
from training.drawings.sets import draw_non_digits
from training.trainers import tuning
from training.trainers.network import JudgingNetwork, Network
from training.trainers.precision import use_bfloat16
from training.trainers.tuning import RETURNED, Batches, return_towards, tune_on

HYPERPARAMETERS = {"tune_steps": 30, "tune_learning_rate": 3e-3, "weight_decay": 0.05, "label_smoothing": 0.05}


@pytest.fixture(scope="module")
def start() -> Network:
    torch.manual_seed(0)
    return Network(2).eval()


@pytest.fixture(scope="module")
def batches(few: Dataset) -> Batches:
    """All labels are wrong: what the network answered before is all that speaks for it."""
    wrong = Split(few.train.inputs, np.full_like(few.train.targets, 7))
    return Batches([wrong] * 4, draw_non_digits(few.train, 20, seed=1), draw_arrays(9, seed=1), torch.device("cpu"))


def measure_change(start: Network, tuned: JudgingNetwork, few: Dataset) -> float:
    images = torch.tensor(few.test.inputs)[:, None] / 255
    with torch.no_grad():
        return float((start(images).softmax(1) - tuned.eval()(images)[0].softmax(1)).abs().mean())


def test_the_old_answers_hold_it_back(start: Network, batches: Batches, few: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    changes = []
    for share in (0.0, 1.0):
        monkeypatch.setattr(tuning, "OLD_SHARE", share)
        changes.append(measure_change(start, tune_on(start, batches, HYPERPARAMETERS, seed=1, progress=lambda *_: None), few))
    assert changes[1] < 0.5 * changes[0]


def test_the_network_it_begins_with_stays_as_it_was(start: Network, batches: Batches) -> None:
    before = copy.deepcopy(start.state_dict())
    tune_on(start, batches, {**HYPERPARAMETERS, "tune_steps": 2}, seed=1, progress=lambda *_: None)
    assert all(torch.equal(value, before[name]) for name, value in start.state_dict().items())


def test_goes_a_part_of_the_way_back(start: Network) -> None:
    before, tuned = copy.deepcopy(start), copy.deepcopy(start)
    with torch.no_grad():
        for weight in tuned.parameters():
            weight.add_(1)
    return_towards(tuned, start)
    for weight, old, given in zip(tuned.parameters(), before.parameters(), start.parameters(), strict=True):
        torch.testing.assert_close(weight - old, torch.full_like(old, 1 - RETURNED))
        assert torch.equal(given, old)


@pytest.mark.parametrize(
    ("known", "is_used"), [({}, False), ({"avx512_bf16": False}, False), ({"avx512_bf16": True}, True), ({"amx_bf16": True}, True)]
)
def test_computes_in_16_bits_only_where_the_processor_does(known: dict[str, bool], is_used: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: known)
    with use_bfloat16(torch.device("cpu")):
        product = torch.ones(2, 2) @ torch.ones(2, 2)
    assert product.dtype == (torch.bfloat16 if is_used else torch.float32)
