"""Two versions of a model on the same test split: their figures beside each other, and the instances on which they disagree."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from recipes.dataset import Array, Split
from recipes.recipe import Recipe
from training.artifact import read_model_of
from training.metrics.regression import score_values
from training.metrics.scores import score_labels
from training.metrics.table_classes import score_table
from training.reports.classifier_plots import measure_scales, plot_confusion
from training.reports.measured import FITTED, TEST, find_measured
from training.reports.page import Table, write_page
from training.reports.plots import BAD, INK, Plot
from training.trainers import Float32

SHOWN = 60
COLUMNS = 10
FIGURES = {
    "balanced_accuracy": "balanced accuracy",
    "accuracy": "accuracy",
    "expected_calibration_error": "expected calibration error",
    "r2": "R²",
    "mae": "mean absolute error",
    "rmse": "root mean squared error",
}
Indices = npt.NDArray[np.int64]


def compare_versions(recipe: Recipe, folders: Mapping[str, Path], test: Split, page: Path, command: str = "") -> dict[str, Any]:
    """Compare two model folders on a test split, write the page, and return the figures.

    Args:    folders: by what the two are called, like "version 3": model.onnx and manifest.json.
             page: the HTML file to write; it holds its pictures, which are beside it as PNG too.
             command: what makes the page again.
    Returns: the figures by name; for classifiers also `disagreement`.
    Raises:  InvalidArtifact: a folder holds no model, or one of another recipe.
    """
    models = {name: read_model_of(recipe, folder) for name, folder in folders.items()}
    answers = {name: model.predict(test.inputs) for name, (model, _) in models.items()}
    scores = {name: _score(recipe, answer, test) for name, answer in answers.items()}
    summary: dict[str, Any] = {
        "recipe": recipe.name,
        "rows": len(test),
        "models": {
            name: {"version": models[name][1]["version"], **{key: found[key] for key in (*FIGURES, "recall") if key in found}}
            for name, found in scores.items()
        },
    }
    plots: list[Plot] = []
    disagreements = None
    if recipe.kind == "classification":
        matrices = {name: found["confusion_matrix"] for name, found in scores.items()}
        scales = measure_scales(list(matrices.values()))
        plots = [plot_confusion(matrix, name, scales, list(map(str, recipe.labels))) for name, matrix in matrices.items()]
        first, second = answers.values()
        summary["disagreement"] = count_disagreements(first, second, test.targets)
        if recipe.takes_pictures and len(which := choose_disagreements(first, second, test.targets)):
            disagreements = _plot_disagreements(list(answers), (first, second), test, which, list(map(str, recipe.labels)))
    title = f"{recipe.title} · {' and '.join(models)}"
    measured = f"on the {find_measured(recipe, TEST).name} {'rows' if recipe.features else 'images'}"
    figures = Table("Figures", (measured, *models), [(name, *map(str, row)) for name, row in _list_figures(recipe, summary).items()])
    values = {"figures": figures, "verdict": _capitalize(summarize(recipe, summary)), "plots": plots, "disagreements": disagreements}
    write_page(page, "versions", title=title, command=command, **values)
    return summary


def _score(recipe: Recipe, answers: Float32, test: Split) -> dict[str, Any]:
    if not recipe.labels:
        return score_values(answers, test.targets)
    return score_table(recipe, answers, test) if recipe.features else score_labels(answers, test.targets)


def count_disagreements(first: Float32, second: Float32, labels: Array) -> dict[str, Any]:
    """Return how many answers differ, how many of each model alone are right, and the chance of such a split between equal models.

    Args:    first, second: probabilities [N, classes].
    Source:  McNemar's exact test: of the instances that only one gets right, equals share them like a coin.
    """
    predicted, other = first.argmax(1), second.argmax(1)
    first_right, second_right = predicted == labels, other == labels
    only_first, only_second = int((first_right & ~second_right).sum()), int((second_right & ~first_right).sum())
    return {
        "differ": int((predicted != other).sum()),
        "only_first_right": only_first,
        "only_second_right": only_second,
        "chance": round(compute_chance(only_first, only_second), 5),
    }


def compute_chance(one: int, other: int) -> float:
    """Return the probability that a fair coin splits as unevenly as this, or more."""
    tosses = one + other
    tail = ways = 1  # of as many heads as the loop has come to
    for heads in range(min(one, other)):
        ways = ways * (tosses - heads) // (heads + 1)
        tail += ways
    return min(1.0, float(Fraction(2 * tail, 2**tosses)))


def choose_disagreements(first: Float32, second: Float32, labels: Array) -> Indices:
    """Return which instances to show: those the first alone gets right, those the second alone does, each up to half, then others."""
    predicted, other = first.argmax(1), second.argmax(1)
    differ = predicted != other
    kinds = [np.flatnonzero(differ & kind) for kind in (predicted == labels, other == labels)]
    neither = np.flatnonzero(differ & (predicted != labels) & (other != labels))
    return np.concatenate([*(kind[: SHOWN // 2] for kind in kinds), neither])[:SHOWN]


def _plot_disagreements(names: list[str], answers: tuple[Float32, Float32], test: Split, which: Indices, labels: list[str]) -> Plot:
    """Return the pictures on which they disagree, each with the truth and both answers, the wrong one in the warning colour."""
    title = "Where they disagree"
    rows = -(-len(which) // COLUMNS)
    figure = Figure(figsize=(11, 1.35 * rows))
    for drawn in (cells := figure.subplots(rows, COLUMNS, squeeze=False).ravel()):
        drawn.axis("off")
    for drawn, i in zip(cells, which, strict=False):
        drawn.imshow(test.inputs[i], cmap="gray_r")
        drawn.text(0.0, -0.08, labels[test.targets[i]], transform=drawn.transAxes, va="top", fontsize=10, color=INK, weight="bold")
        for place, answer in zip((0.35, 0.7), answers, strict=True):
            label = answer[i].argmax()
            right = label == test.targets[i]
            drawn.text(
                place,
                -0.08,
                labels[label] if right else f"{labels[label]}×",
                transform=drawn.transAxes,
                va="top",
                fontsize=10,
                color=INK if right else BAD,
            )
    how = f"Under each picture: what it is, what {names[0]} says, what {names[1]} says; a wrong answer has a cross."
    return Plot("disagreements", title, how, figure)


def _list_figures(recipe: Recipe, summary: Mapping[str, Any]) -> dict[str, list[object]]:
    """Return the table's rows: what a figure is called, and its value for each model."""
    models = list(summary["models"].values())
    rows: dict[str, list[object]] = {"version": [model["version"] for model in models]}
    rows |= {name: [model[key] for model in models] for key, name in FIGURES.items() if key in models[0]}
    if "recall" in models[0]:
        labels = recipe.labels or range(len(models[0]["recall"]))
        rows |= {f"recall of {label}": [f"{model['recall'][at]:.2%}" for model in models] for at, label in enumerate(labels)}
    return rows


def summarize(recipe: Recipe, summary: Mapping[str, Any]) -> str:
    """Return the comparison in a sentence."""
    names = list(summary["models"])
    kind, caution = f"{summary['rows']:,} test {'rows' if recipe.features else 'images'}", ""
    if find_measured(recipe, TEST) is FITTED:
        kind, caution = f"the {summary['rows']:,} rows that this recipe's models are fitted on", ": none are kept to measure on"
    if "disagreement" not in summary:
        return f"on {kind}{caution}"
    split = summary["disagreement"]
    likely = f"{max(split['chance'], 0.001):.1%} of such comparisons{' or fewer' * (split['chance'] < 0.001)}"
    return (
        f"of {kind} they disagree on {split['differ']:,}: {names[0]} alone is right on "
        f"{split['only_first_right']:,}, {names[1]} alone on {split['only_second_right']:,} "
        f"(equal models differ as much in {likely}){caution}"
    )


def _capitalize(sentence: str) -> str:
    return f"{sentence[0].upper()}{sentence[1:]}."
