"""Every candidate of the two regressions learns its few rows, and its graph answers as the library does, also beyond them."""

import numpy as np
import pytest

from recipes import dataset
from recipes.recipe import Candidate, Recipe, load
from training.artifact import OnnxModel
from training.metrics.regression import score_values
from training.train import check_export
from training.trainers import fit

EACH = [(recipe, candidate) for recipe in (load("salary"), load("house_price")) for candidate in recipe.candidates]


@pytest.mark.parametrize(("recipe", "candidate"), EACH, ids=[f"{recipe.name}-{candidate.name}" for recipe, candidate in EACH])
def test_learns_and_is_exported(recipe: Recipe, candidate: Candidate) -> None:
    data = dataset.load(recipe.name)
    fitted = fit(recipe, candidate, data.train, data.validation, seed=0, progress=lambda *_: None)
    assert score_values(fitted.predict(data.validation.inputs), data.validation.targets)["r2"] > 0.9
    beyond = np.linspace(0, 2 * data.train.inputs.max(), 7, dtype=np.float32)[:, None]
    check_export(OnnxModel(fitted.to_onnx()), fitted, np.concatenate([data.test.inputs, beyond]))
