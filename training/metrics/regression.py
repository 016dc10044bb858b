"""How good a regression is: how far its values are from the true ones, and two plots of that."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from recipes.columns import Quantity
from recipes.dataset import Array, Split
from recipes.recipe import Recipe
from training.artifact import OnnxModel
from training.reports.evaluation import KeyFigure, Report
from training.reports.measured import FITTED, TEST, Measured
from training.reports.page import Table
from training.reports.plots import ACCENT, BAD, GRID, INK, MUTED, SMALL, Plot, Scales, create_axes
from training.reports.table_looks import describe_rows, plot_bars, plot_rows
from training.trainers import Float32

ROWS_SHOWN = 100
LEAVE_ONE_OUT = "leave_one_out"  # of what `training.metrics.leave_one_out` measured, in a manifest and in an evaluation
SAME_AXES = " The axes are the same for each model that is compared."


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


def measure_scales(models: Sequence[OnnxModel], test: Split, fitted_on: Split | None) -> Scales:
    """Return the scales of regressions that are compared: their plots' values, the actual and the predicted ones."""
    values = [test.targets, *(model.predict(test.inputs) for model in models), *([fitted_on.targets] if fitted_on else [])]
    if test.inputs.shape[1] == 1:
        values += [model.predict(_find_ends(test, fitted_on)) for model in models]
    return Scales(values=(float(min(each.min() for each in values)), float(max(each.max() for each in values))))


def describe_regression(
    recipe: Recipe,
    evaluation: dict[str, Any],
    model: OnnxModel,
    test: Split,
    fitted_on: Split | None,
    *,
    scales: Scales | None = None,
    measured: Measured = TEST,
) -> Report:
    """Return a regression's report: predicted against actual, the fitted line if there is but one feature, and the test rows.

    Args:    scales: of the models that it is compared with.
             measured: the split that it is of.
    """
    assert isinstance(recipe.target, Quantity)  # noqa: S101 - a regression's is one
    plots = [plot_against_actual(model, test, recipe.target, scales, measured)]
    if len(recipe.features) == 1 and isinstance(feature := recipe.features[0], Quantity):
        plots.append(plot_line(model, test, fitted_on, feature, recipe.target, scales=scales, measured=measured))
    plots.append(plot_bars(model.predict(test.inputs), test, _name(recipe.target), scales, measured))
    plots += plot_rows(recipe, fitted_on) if fitted_on else []
    unit = recipe.target.unit
    in_unit = f", {unit}" if unit else ""
    found = evaluation.get(LEAVE_ONE_OUT)
    figures = [
        *([_describe_leave_one_out(found)] if found else []),
        KeyFigure(
            "none" if evaluation["r2"] is None else f"{evaluation['r2']:g}",
            "R²",
            _explain_r2(evaluation["r2"], recipe.target.name, measured),
        ),
        KeyFigure(f"{evaluation['mae']:,.10g}", f"mean absolute error{in_unit}", "how far a prediction is off on average"),
        KeyFigure(f"{evaluation['rmse']:,.10g}", f"root mean squared error{in_unit}", "the same, where large misses count more"),
    ]
    rows = [
        (str(number), *(f"{value:,.6g}" for value in inputs), f"{target:,.10g}", f"{target + residual:,.10g}", f"{residual:+,.10g}")
        for number, (inputs, target, residual) in enumerate(
            zip(test.inputs.tolist()[:ROWS_SHOWN], test.targets.tolist(), evaluation["residuals"], strict=False), 1
        )
    ]
    features = [f"{each.name}, {each.unit}" if isinstance(each, Quantity) and each.unit else each.name for each in recipe.features]
    table = Table(
        f"{measured.name.capitalize()} rows",
        ("row", *features, f"{recipe.target.name}{in_unit}", "predicted", "predicted less actual"),
        rows,
    )
    off = f"its predictions are off by {evaluation['mae']:,.10g}{unit and ' '}{unit} on average"
    rows_seen = f"{evaluation['rows']:,} {measured.name} rows{measured.claim}"
    if measured is FITTED:
        rows_seen = f"the {evaluation['rows']:,} rows{measured.claim}"
    summary = f"On {rows_seen} {off}.{measured.warning}"
    if found:
        summary += f" So few say little: look at the figure of all {found['rows']:,}."
    return Report(summary, figures, plots, [table, *(describe_rows(recipe, fitted_on) if fitted_on else [])])


def _describe_leave_one_out(found: Mapping[str, Any]) -> KeyFigure:
    low, high = found["r2_interval"]
    explained = f"each of all {found['rows']:,} rows by a model fitted without it; 95 % interval {low:g} to {high:g}"
    return KeyFigure(f"{found['r2']:g}", "R², leave one out", explained)


def _name(column: Quantity) -> str:
    return f"{column.name} ({column.unit})" if column.unit else column.name


def _explain_r2(r2: float | None, target: str, measured: Measured) -> str:
    if r2 is None:
        return f"there is none: every {measured.name} row has the same {target}"
    if r2 <= 0:
        return f"no better than always predicting the mean {target}; 1 would be perfect"
    return f"the share of the differences in {target} that it explains; 1 would be perfect"


def plot_against_actual(model: OnnxModel, test: Split, target: Quantity, scales: Scales | None = None, measured: Measured = TEST) -> Plot:
    """Return the predictions of the test rows against their actual values."""
    title = f"Predicted against actual, {measured.name} rows"
    figure, drawn = create_axes(title)
    values = model.predict(test.inputs)
    ends = scales.values if scales else (float(min(values.min(), test.targets.min())), float(max(values.max(), test.targets.max())))
    drawn.plot(ends, ends, color=MUTED, linewidth=1, linestyle="--")
    drawn.vlines(test.targets, test.targets, values, color=BAD, linewidth=1)
    drawn.plot(test.targets, values, "o", color=ACCENT)
    drawn.set(xlabel=f"actual {_name(target)}", ylabel=f"predicted {_name(target)}")
    _group_digits(drawn.xaxis, drawn.yaxis)
    how = "A point on the dashed line is predicted exactly; the length of a stroke is how far it is off."
    return Plot("against-actual", title, how + SAME_AXES * bool(scales), figure)


def _find_ends(test: Split, train: Split | None) -> Float32:
    """Return the least and the greatest feature of a table with one, as two rows."""
    inputs = test.inputs if train is None else np.concatenate([train.inputs, test.inputs])
    return np.array([[inputs.min()], [inputs.max()]], np.float32)


def plot_line(
    model: OnnxModel,
    test: Split,
    train: Split | None,
    feature: Quantity,
    target: Quantity,
    *,
    scales: Scales | None = None,
    measured: Measured = TEST,
) -> Plot:
    """Return the line that a model of one feature is, with the rows that it was fitted on and those that it is measured on."""
    title = "The fitted line"
    figure, drawn = create_axes(title)
    ends = _find_ends(test, train)
    if scales:
        drawn.plot(ends[[0, 0], 0], scales.values, alpha=0)  # the axis reaches as far on each model's page
    drawn.plot(ends[:, 0], model.predict(ends), color=INK, linewidth=1.2, label="the model")
    if train is not None and measured is not FITTED:  # they are the same
        drawn.plot(train.inputs[:, 0], train.targets, "x", color=MUTED, label="rows it was fitted on")
    drawn.plot(test.inputs[:, 0], test.targets, "o", color=ACCENT, fillstyle="none", markersize=8, label=f"{measured.name} rows")
    drawn.set(xlabel=_name(feature), ylabel=_name(target))
    figure.legend(frameon=False, fontsize=SMALL, loc="outside lower center", ncols=3)
    _group_digits(drawn.xaxis, drawn.yaxis)
    how = f"What the model predicts for each {feature.name}, and the rows that it was measured on."
    return Plot("line", title, how + SAME_AXES * bool(scales), figure)


def _group_digits(*sides: Any) -> None:
    """Write few ticks with thousands apart, so that they do not meet."""
    for side in sides:
        side.set_major_locator(MaxNLocator(5))
        side.set_major_formatter(lambda value, _: f"{value:,.6g}" if abs(value) < 1000 else f"{value:,.0f}")
        side.grid(color=GRID)
    sides[0].axes.set_axisbelow(True)
