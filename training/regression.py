"""How good a regression is: how far its values are from the true ones, and two plots of that."""

from typing import Any

import numpy as np

from recipes.dataset import Array, Split
from recipes.recipe import Quantity, Recipe
from training.artifact import OnnxModel
from training.plots import ACCENT, BAD, INK, Plot, create_axes
from training.report import Report
from training.trainers import Float32

ROWS_SHOWN = 100


def score_values(values: Float32, targets: Array) -> dict[str, Any]:
    """Return the mean absolute error and the root mean squared one, in the target's unit, R², and each row's residual: predicted - actual.

    R² is 1 for a perfect model and 0 for one that is no better than the targets' mean; None if all targets are equal.
    """
    residuals = values.astype(np.float64) - targets
    spread = float(((targets - targets.mean(dtype=np.float64)) ** 2).sum())
    return {
        "r2": round(1 - float((residuals**2).sum()) / spread, 5) if spread else None,
        "mae": round(float(np.abs(residuals).mean()), 2),
        "rmse": round(float(np.sqrt((residuals**2).mean())), 2),
        "residuals": [round(float(residual), 2) for residual in residuals],
    }


def describe_regression(recipe: Recipe, evaluation: dict[str, Any], model: OnnxModel, test: Split, fitted_on: Split | None) -> Report:
    """Return a regression's report: predicted against actual, the fitted line if there is but one feature, and the test rows."""
    assert recipe.target is not None  # noqa: S101 - a regression has one
    plots = [_plot_against_actual(model, test, recipe.target)]
    if len(recipe.features) == 1:
        plots.append(_plot_line(model, test, fitted_on, recipe.features[0], recipe.target))
    unit = recipe.target.unit
    figures = {
        "R²": str(evaluation["r2"]),
        f"mean absolute error, {unit}": f"{evaluation['mae']:,}",
        f"root mean squared error, {unit}": f"{evaluation['rmse']:,}",
        "test rows": f"{evaluation['rows']:,}",
    }
    rows_shown = list(zip(test.inputs.tolist(), test.targets.tolist(), evaluation["residuals"], strict=True))[:ROWS_SHOWN]
    rows = {
        f"{number}: {_describe_row(inputs, recipe)}": (
            f"actual {target:,.10g}, predicted {target + residual:,.10g}, residual {residual:+,.10g} {unit}"
        )
        for number, (inputs, target, residual) in enumerate(rows_shown, 1)
    }
    return Report(figures, plots, "Test rows", rows)


def _describe_row(inputs: list[float], recipe: Recipe) -> str:
    return ", ".join(f"{value:,.6g} {feature.unit}" for value, feature in zip(inputs, recipe.features, strict=True))


def _plot_against_actual(model: OnnxModel, test: Split, target: Quantity) -> Plot:
    title = "Predicted against actual, test rows"
    figure, drawn = create_axes(title)
    values = model.predict(test.inputs)
    ends = [float(min(values.min(), test.targets.min())), float(max(values.max(), test.targets.max()))]
    drawn.plot(ends, ends, color="#bbc", linewidth=1)
    drawn.vlines(test.targets, test.targets, values, color=BAD, linewidth=1)
    drawn.plot(test.targets, values, "o", color=ACCENT)
    drawn.set(xlabel=f"actual {target.name} ({target.unit})", ylabel=f"predicted {target.name} ({target.unit})")
    _group_digits(drawn.xaxis, drawn.yaxis)
    drawn.tick_params("x", rotation=30)
    return title, figure


def _plot_line(model: OnnxModel, test: Split, train: Split | None, feature: Quantity, target: Quantity) -> Plot:
    title = "The fitted line"
    figure, drawn = create_axes(title)
    inputs = test.inputs if train is None else np.concatenate([train.inputs, test.inputs])
    ends = np.array([[inputs.min()], [inputs.max()]], np.float32)
    drawn.plot(ends[:, 0], model.predict(ends), color=INK, linewidth=1.2, label="the model")
    if train is not None:
        drawn.plot(train.inputs[:, 0], train.targets, "o", color="#bbc", label="rows it was fitted on")
    drawn.plot(test.inputs[:, 0], test.targets, "o", color=ACCENT, fillstyle="none", markersize=8, label="test rows")
    drawn.set(xlabel=f"{feature.name} ({feature.unit})", ylabel=f"{target.name} ({target.unit})")
    drawn.legend(frameon=False)
    _group_digits(drawn.yaxis)
    return title, figure


def _group_digits(*sides: Any) -> None:
    for side in sides:
        side.set_major_formatter(lambda value, _: f"{value:,.6g}" if abs(value) < 1 else f"{value:,.0f}")
