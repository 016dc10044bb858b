"""One file a trainer, each with `fit(recipe, train, …) -> FittedModel`. Imported on use: torch and xgboost take seconds."""

from collections.abc import Callable, Mapping
from importlib import import_module
from inspect import signature
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from recipes.dataset import Array, Split
from recipes.errors import InvalidSettings
from recipes.recipe import Candidate, Recipe

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]
Hyperparameters = Mapping[str, Any]
Progress = Callable[[int, int, str], None]  # steps done, steps in all, a figure to show


class FittedModel(Protocol):
    """A trained model in its own library.

    One that has the attribute `thresholds` knows how far its answers can be trusted: its graph has a second output, `trust` float32 [N],
    and `judge` gives the library's own probabilities and trust. One with `described` has something to say of how it was made, for the
    manifest's provenance.
    """

    def predict(self, instances: Array, /) -> Float32:
        """Return the library's own answers for instances [N, …]: probabilities [N, classes], or values [N]."""

    def to_onnx(self) -> bytes:
        """Return the model as ONNX. Its first output is what `predict` gives.

        The input is called `pixels` for pictures and `features` for tables, and is [N, *shape] of the recipe's type.
        The output of a classifier is `probabilities`, float32 [N, classes], of a regression `values`, float32 [N].
        """


def require_grey(recipe: Recipe, side: int, who: str) -> None:
    """Raise InvalidSettings unless a recipe's instances are grey pictures of this size, which is all that `who` reads."""
    if recipe.instance_shape != (side, side):
        raise InvalidSettings(
            f"{who} reads grey pictures of {side} × {side}; {recipe.name} has instances of {' × '.join(map(str, recipe.instance_shape))}",
            advice="Use the trainer densenet for other pictures.",
        )


def fit(
    recipe: Recipe,
    candidate: Candidate,
    train: Split,
    validation: Split,
    *,
    seed: int,
    progress: Progress,
    start: bytes | None = None,
    first: FittedModel | None = None,
) -> FittedModel:
    """Return the candidate, trained on the train split alone: the validation split is for what is chosen, by its trainer or after it.

    Args:    start: a graph to go on from in place of training anew.
             first: the candidate trained on fewer instances; what it chose on the validation split is kept, if it chose anything.
    Raises:  InvalidSettings: this trainer cannot go on from one.
    """
    trainer = import_module(f"training.trainers.{candidate.trainer}_trainer")
    known = signature(trainer.fit).parameters
    if start is not None and "start" not in known:
        raise InvalidSettings(f"{candidate.name} cannot go on from a model", advice="leave out --start, or train a candidate that can: cnn")
    more = {name: value for name, value in {"start": start, "first": first}.items() if value is not None and name in known}
    fitted: FittedModel = trainer.fit(recipe, train, validation, candidate.hyperparameters, seed=seed, progress=progress, **more)
    return fitted


def refit(
    recipe: Recipe,
    candidate: Candidate,
    train: Split,
    validation: Split,
    first: FittedModel,
    *,
    seed: int,
    progress: Progress,
    start: bytes | None = None,
) -> FittedModel:
    """Return the candidate trained anew on both splits, with what `first`, trained on one, chose on the other.

    Args:    start: as in `fit`.
    """
    return fit(recipe, candidate, train + validation, validation, seed=seed, progress=progress, start=start, first=first)
