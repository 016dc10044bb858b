"""One file a trainer, each with `fit(split, hyperparameters, …) -> FittedModel`. Imported on use: torch and xgboost take seconds."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from recipes.dataset import Array, Split
from recipes.recipe import Candidate

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]
Hyperparameters = Mapping[str, Any]
Progress = Callable[[int, int, str], None]  # steps done, steps in all, a figure to show


class FittedModel(Protocol):
    """A trained model in its own library."""

    def predict(self, images: Array, /) -> Float32:
        """Return the library's own answers for instances [N, …]: probabilities [N, classes], or values [N]."""

    def to_onnx(self) -> bytes:
        """Return the model as ONNX. Its one output is what `predict` gives.

        A classifier:  input `pixels` uint8 [N, 28, 28], output `probabilities` float32 [N, classes].
        A regression:  input `features` float32 [N, features], output `values` float32 [N].
        """


def fit(candidate: Candidate, train: Split, validation: Split, *, seed: int, progress: Progress) -> FittedModel:
    """Return the trained candidate. A trainer with nothing to choose may train on the validation split too."""
    trainer = import_module(f"training.trainers.{candidate.trainer}_trainer")
    fitted: FittedModel = trainer.fit(train, validation, candidate.hyperparameters, seed=seed, progress=progress)
    return fitted
