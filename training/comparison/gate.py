"""Whether a candidate may take the champion's place: both measured on the validation split, and what chance explains is no difference."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from recipes.dataset import Split
from recipes.recipe import Recipe
from training.comparison.versions import count_disagreements
from training.drawings import robustness
from training.trainers import Float32

DEVIATIONS = 1.96  # of the normal distribution, on either side of 95 %


def compare_answers(recipe: Recipe, first: Float32, second: Float32, labels: Any) -> dict[str, Any]:
    """Return how the answers of two classifiers differ, and how much of a difference in the recipe's metric chance explains.

    Args:    first, second: probabilities [N, classes] of the candidate and of the champion for the same instances.
    Source:  McNemar, 1947: only instances that one of them gets right tell them apart.
    """
    found = count_disagreements(first, second, labels)
    alone = (first.argmax(1) == labels) != (second.argmax(1) == labels)
    parts = labels if recipe.metric == "balanced_accuracy" else np.zeros(len(labels))
    classes = [alone[parts == each] for each in np.unique(parts)]
    variance = sum(int(inside.sum()) / len(inside) ** 2 for inside in classes)
    return {**found, "noise": round(DEVIATIONS * math.sqrt(variance) / len(classes), 5)}


def compare_certain(best: Mapping[str, float], champion: Mapping[str, float]) -> dict[str, Any]:
    """Return how much more of what is no digit the candidate calls certain than the champion, and how much of that chance explains.

    A model takes most pictures of a kind for the same, so what chance draws are kinds: McNemar's test, with a kind in place of an instance.

    Args:    best, champion: the share of its pictures that is certain, by kind; a kind that only one of them has is left out.
    Returns: the mean share of both, the kinds, the noise, and the margin: below zero it is more than chance explains.
    """
    kinds = sorted(best.keys() & champion.keys())
    shares = np.array([(best[kind], champion[kind]) for kind in kinds])
    more = shares[:, 0] - shares[:, 1]
    noise = DEVIATIONS * math.sqrt((more**2).sum()) / len(kinds)
    found = {"best": shares[:, 0].mean(), "champion": shares[:, 1].mean(), "noise": noise, "margin": noise - more.mean()}
    return {"kinds": len(kinds), **{name: round(float(figure), 5) for name, figure in found.items()}}


def find_lowest_row(recipe: Recipe, split: Split, best: Mapping[str, float], champion: Mapping[str, float]) -> dict[str, Any]:
    """Return the row of the robustness table in which the candidate falls furthest behind the champion, for the noise of that row.

    Args:    split: what the rows were drawn of.
             best, champion: accuracy by row; a row that the champion's table has not is left out.
    Returns: its name, both accuracies, the noise, and the margin: below zero it is worse than chance explains.
    """
    rows = []
    for row in best.keys() & champion.keys():
        count = len(robustness.select(row, split)) if recipe.takes_pictures else len(split)
        both = (best[row] + champion[row]) / 2
        noise = DEVIATIONS * math.sqrt(2 * both * (1 - both) / max(1, count))
        margin = best[row] - champion[row] + noise
        rows.append({"row": row, "best": best[row], "champion": champion[row], "noise": round(noise, 5), "margin": round(margin, 5)})
    return min(rows, key=lambda found: (found["margin"], found["row"]))
