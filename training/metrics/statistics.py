"""An evaluation in the form that SageMaker's model registry displays: the statistics of SageMaker's model quality."""

from collections.abc import Mapping
from typing import Any

from recipes.recipe import Recipe


def describe_model_quality(recipe: Recipe, evaluation: Mapping[str, Any]) -> dict[str, Any]:
    """Return statistics.json: each figure as {value, standard_deviation}, and the confusion matrix by label."""
    if not recipe.labels:
        return {"regression_metrics": {name: _format_figure(evaluation[name]) for name in ("mae", "rmse", "r2") if name in evaluation}}
    labels = [str(label) for label in recipe.labels]
    matrix = {true: dict(zip(labels, row, strict=True)) for true, row in zip(labels, evaluation["confusion_matrix"], strict=True)}
    figures = {"accuracy": evaluation["accuracy"], "weighted_recall": evaluation["accuracy"]}
    figures |= {"balanced_accuracy": evaluation["balanced_accuracy"]} if "balanced_accuracy" in evaluation else {}
    return {"multiclass_classification_metrics": {"confusion_matrix": matrix, **{name: _format_figure(v) for name, v in figures.items()}}}


def _format_figure(value: float) -> dict[str, Any]:
    return {"value": value, "standard_deviation": "NaN"}
