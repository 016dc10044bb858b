"""A first look at a table of numbers, as a tutorial takes it: its first rows, what its columns hold, and how they go together."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from recipes.columns import Category, Column
from recipes.dataset import Split
from recipes.recipe import Recipe
from training.reports.measured import TEST, Measured
from training.reports.page import Table
from training.reports.plots import ACCENT, GRID, INK, MUTED, SMALL, Plot, Scales, create_axes, style_axes

HEAD, MOST_PAIRED, MOST_POINTS, BARS = 5, 5, 500, 20


def list_columns(recipe: Recipe, rows: Split) -> dict[str, Any]:
    """Return the numbers of each quantity by its name, the target last."""
    columns: list[Column] = [*recipe.features, *([recipe.target] if recipe.target else [])]
    table = np.column_stack([rows.inputs, rows.targets]).astype(np.float64)
    return {column.name: table[:, at] for at, column in enumerate(columns) if not isinstance(column, Category)}


def describe_rows(recipe: Recipe, rows: Split) -> list[Table]:
    """Return the first rows, and of each number how many there are, mean, deviation, least, quartiles, most, and how many are missing."""
    columns = list_columns(recipe, rows)
    first = [[f"{values[at]:,.6g}" for values in columns.values()] for at in range(min(HEAD, len(rows)))]
    return [Table("First rows it was fitted on", tuple(columns), first), *describe_numbers(recipe, rows)]


def describe_numbers(recipe: Recipe, rows: Split) -> list[Table]:
    """Return of each number how many there are, mean, deviation, least, quartiles, most, and how many are missing; nothing without any."""
    figures = [
        (
            name,
            f"{len(values):,}",
            *(f"{figure:,.6g}" for figure in (values.mean(), values.std(), *np.percentile(values, (0, 25, 50, 75, 100)))),
            f"{int(np.isnan(values).sum()):,}",
        )
        for name, values in list_columns(recipe, rows).items()
    ]
    names = ("column", "rows", "mean", "deviation", "least", "25 %", "50 %", "75 %", "most", "missing")
    return [Table("The rows it was fitted on", names, figures)] if figures else []


def plot_rows(recipe: Recipe, rows: Split, which: str = "it was fitted on") -> Sequence[Plot]:
    """Return the pair plot of the first numbers, the target among them, and the heat map of all correlations.

    Args:    which: what the rows are, after "a row".
    """
    columns = list_columns(recipe, rows)
    kept = {name: values for name, values in columns.items() if values.std() > 0}
    return [_plot_pairs(kept, which), _plot_correlations(kept)] if len(kept) > 1 else []


def _plot_pairs(columns: dict[str, Any], which: str) -> Plot:
    names = [*list(columns)[:-1][: MOST_PAIRED - 1], list(columns)[-1]]
    title, size = "Each number by each other", 1.2 + 1.6 * len(names)
    figure, first = create_axes(title, (size, size))
    first.remove()
    figure.suptitle(title, x=0.01, ha="left", color=INK, fontsize=11)
    grid = figure.subplots(len(names), len(names), squeeze=False)
    for below, name in enumerate(names):
        for beside, other in enumerate(names):
            axes = grid[below][beside]
            style_axes(axes)
            if name == other:
                axes.hist(columns[name], bins=20, color=ACCENT)
            else:
                axes.plot(columns[other][:MOST_POINTS], columns[name][:MOST_POINTS], ".", color=ACCENT, markersize=3)
            axes.set(xticks=[], yticks=[])
            if below == len(names) - 1:
                axes.set_xlabel(other, fontsize=SMALL, color=INK)
            if not beside:
                axes.set_ylabel(name, fontsize=SMALL, color=INK)
    how = f"A point is a row {which}; on the diagonal is how often each value occurs. The last column and line are the target's."
    return Plot("pairs", title, how, figure)


def _plot_correlations(columns: dict[str, Any]) -> Plot:
    title, names = "Correlations", list(columns)
    figure, axes = create_axes(title, (2.6 + 0.5 * len(names), 2.2 + 0.45 * len(names)))
    found = np.corrcoef(np.array(list(columns.values())))
    axes.imshow(found, cmap="PuOr", vmin=-1, vmax=1)
    axes.set(xticks=range(len(names)), yticks=range(len(names)), yticklabels=names)
    axes.set_xticklabels(names, rotation=45, ha="right")
    for (below, beside), value in np.ndenumerate(found):
        axes.text(beside, below, f"{value:.2f}", ha="center", va="center", fontsize=SMALL, color="white" if abs(value) > 0.7 else INK)
    how = "1 is a straight line up, -1 one down, 0 none. A correlation is no cause."
    return Plot("correlations", title, how, figure)


def plot_bars(values: Any, test: Split, target: str, scales: Scales | None = None, measured: Measured = TEST) -> Plot:
    """Return the actual and the predicted value of the first test rows, as bars beside each other; `scales` as for other plots."""
    shown = min(BARS, len(test))
    title = f"Actual and predicted, {measured.name} rows"
    figure, axes = create_axes(title, (max(5.2, 1.2 + 0.3 * shown), 4.0))
    places = np.arange(shown)
    axes.bar(places - 0.2, test.targets[:shown], 0.4, color=MUTED, label="actual")
    axes.bar(places + 0.2, values[:shown], 0.4, color=ACCENT, label="predicted")
    axes.set(xlabel=f"{measured.name} row", ylabel=target, xticks=places, xticklabels=places + 1)
    if scales:
        axes.set_ylim(min(0, 1.05 * scales.values[0]), max(0, 1.05 * scales.values[1]))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.6g}" if abs(value) < 1000 else f"{value:,.0f}")
    axes.grid(axis="y", color=GRID)
    axes.set_axisbelow(True)
    figure.legend(frameon=False, fontsize=SMALL, loc="outside lower center", ncols=2)
    return Plot("bars", title, "The nearer two bars of a pair are in height, the better the row is predicted.", figure)
