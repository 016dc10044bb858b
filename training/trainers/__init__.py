"""One file a trainer, each with `fit(split, hyperparameters, …) -> Fitted`. Imported when used: torch and xgboost take seconds."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from recipes.dataset import Split
from recipes.recipe import Candidate

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]
Hyperparameters = Mapping[str, Any]
Progress = Callable[[int, int, str], None]  # steps done, steps in all, a figure worth seeing


class Fitted(Protocol):
    """A trained model in its own library."""

    def probabilities(self, images: UInt8) -> Float32:
        """Return the library's own probabilities [N, classes] of uint8 images [N, 28, 28]."""

    def to_onnx(self) -> bytes:
        """Return the model as ONNX: input `pixels` uint8 [N, 28, 28], output `probabilities` float32 [N, classes]."""


def fit(candidate: Candidate, train: Split, validation: Split, *, seed: int, progress: Progress) -> Fitted:
    """Return the trained candidate. A trainer with nothing to choose may train on the validation split too."""
    trainer = import_module(f"training.trainers.{candidate.trainer}_trainer")
    fitted: Fitted = trainer.fit(train, validation, candidate.hyperparameters, seed=seed, progress=progress)
    return fitted
