"""How good a regression of few rows is: each row is predicted by a model that has not seen it, because six test rows carry no figure.

Source:  Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapters 13 (the percentile interval) and 17 (cross-validation).
"""

from typing import Any

import numpy as np

from recipes.dataset import Dataset, Split
from recipes.recipe import Candidate, Recipe
from training.metrics.regression import score_values
from training.trainers import Float32, Progress, fit

MOST_ROWS = 60  # of more the test split says enough, and as many trainings take long
RESAMPLES = 2000
SHARES = (2.5, 97.5)  # percent: the ends of the interval


def is_needed(recipe: Recipe, data: Dataset) -> bool:
    """Return whether a model of these rows is measured so: a regression of few rows, none of them in two splits."""
    rows = len(data.train) + len(data.validation) + len(data.test)
    return recipe.kind == "regression" and rows <= MOST_ROWS and data.train is not data.test


def measure(recipe: Recipe, candidate: Candidate, data: Dataset, *, seed: int, progress: Progress = lambda *_: None) -> dict[str, Any]:
    """Return R² with its 95 % interval and the errors, of each row as the candidate predicts it that was fitted without it.

    A row that is measured on belongs to no part that is trained or chosen on, so these models learn from more rows than the one that ships.
    """
    rows = data.train + data.validation + data.test
    chosen_on = np.arange(len(data.train), len(data.train) + len(data.validation))
    values = np.zeros(len(rows), np.float32)
    for left_out in range(len(rows)):
        choosing = np.isin(np.arange(len(rows)), chosen_on)
        fitting = ~choosing
        fitting[left_out] = choosing[left_out] = False
        fitted = fit(recipe, candidate, _select(rows, fitting), _select(rows, choosing), seed=seed, progress=lambda *_: None)
        values[left_out] = fitted.predict(rows.inputs[left_out : left_out + 1])[0]
        progress(left_out + 1, len(rows), "left out")
    scores = {name: figure for name, figure in score_values(values, rows.targets).items() if name != "residuals"}
    return {"rows": len(rows), **scores, "r2_interval": estimate_interval(values, rows.targets)}


def estimate_interval(values: Float32, targets: Any) -> list[float]:
    """Return the 95 % interval of R², by drawing as many rows again, with replacement, many times."""
    random = np.random.default_rng(0)
    found = []
    for _ in range(RESAMPLES):
        drawn = random.integers(0, len(targets), len(targets))
        r2 = score_values(values[drawn], targets[drawn])["r2"]
        if r2 is not None:
            found.append(r2)
    return [round(float(end), 3) for end in np.percentile(found, SHARES)]


def _select(rows: Split, which: Any) -> Split:
    return Split(rows.inputs[which], rows.targets[which])
