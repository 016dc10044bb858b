"""A training run that is cut goes on where it was, and ends as if it had never been cut."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from recipes.dataset import Dataset
from recipes.recipe import Candidate, load
from training.trainers import fit
from training.trainers.checkpoint import FOLDER_VARIABLE, Checkpoint

EPOCH, STEPS = 2, 8  # of 20 images, ten at a time; the average of the weights, which is what a run gives, first moves at step 5
DIGITS = load("digits")
CNN = Candidate(
    "cnn", "cnn", {"epochs": 4, "width": 2, "batch_size": 10, "learning_rate": 3e-3, "weight_decay": 0.05, "label_smoothing": 0.05}
)
WITH_DRAWN = CNN._replace(hyperparameters={**CNN.hyperparameters, "drawn_digits": 12, "drawn_in_batch": 4})


class Cut(Exception):
    """A spot instance that was taken back."""


class Told:
    """What a run said of its steps, until it is cut."""

    def __init__(self, cut_at: int | None = None) -> None:
        self.lines: list[tuple[int, int, str]] = []
        self._cut_at = cut_at

    def __call__(self, *line: Any) -> None:
        if "drawn" in line[2]:  # before the first step
            return
        self.lines.append(line)
        if line[0] == self._cut_at:
            raise Cut


def run(few: Dataset, told: Told, seed: int = 1, candidate: Candidate = CNN) -> np.ndarray:
    return fit(DIGITS, candidate, few.train.head(20), few.validation.head(5), seed=seed, progress=told).predict(few.test.inputs)


@pytest.mark.parametrize("candidate", [CNN, WITH_DRAWN], ids=["MNIST alone", "with drawn digits"])
def test_a_run_cut_after_an_epoch_ends_as_one_that_was_not(
    few: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, candidate: Candidate
) -> None:
    uninterrupted = Told()
    whole = run(few, uninterrupted, candidate=candidate)
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "checkpoints"))
    with pytest.raises(Cut):
        run(few, Told(cut_at=EPOCH), candidate=candidate)
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["cnn.pt"]
    torch.rand(7)  # the new process knows nothing of the old one's random numbers
    told = Told()
    assert run(few, told, candidate=candidate).tobytes() == whole.tobytes()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    assert told.lines[0] == (EPOCH, STEPS, f"resumes on {device}")
    assert uninterrupted.lines[0] == (0, STEPS, f"starts on {device}")
    assert told.lines[-1] == uninterrupted.lines[-1]


def test_another_runs_checkpoint_is_not_resumed(few: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = run(few, Told(), seed=2)
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    run(few, Told(), seed=1)
    told = Told()
    assert run(few, told, seed=2).tobytes() == alone.tobytes()
    assert told.lines[0][0] == 0


class Weights:
    """A part whose state is any value."""

    def __init__(self, state: Any) -> None:
        self.state = state

    def state_dict(self) -> Any:
        return self.state

    def load_state_dict(self, state: Any) -> None:
        self.state = state


def test_a_checkpoint_that_could_not_be_written_leaves_the_last_one(tmp_path: Path) -> None:
    part = Weights({"weight": torch.ones(2)})
    checkpoint = Checkpoint(tmp_path / "any.pt", {"seed": 0}, {"part": part})
    checkpoint.save(5)
    part.state = {"weight": torch.zeros(2), "unwritable": lambda: None}
    with pytest.raises((AttributeError, RuntimeError, TypeError), match="lambda"):
        checkpoint.save(10)
    assert checkpoint.resume() == 5
    assert part.state["weight"].tolist() == [1, 1]


def test_nothing_is_kept_unless_a_folder_is_named() -> None:
    checkpoint = Checkpoint(None, {}, {"part": Weights(lambda: None)})
    checkpoint.save(5)
    assert checkpoint.resume() == 0


def test_drawn_digits_in_the_batches_change_what_is_learned(few: Dataset) -> None:
    assert run(few, Told(), candidate=WITH_DRAWN).tobytes() != run(few, Told()).tobytes()
