"""A first look at a table with classes: its first rows, what its columns hold, how each class differs, and which columns go together."""

from collections import Counter
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np

from recipes.columns import Category, Column
from recipes.dataset import Array, Split
from recipes.recipe import Recipe
from training.reports.exploration import plot_classes
from training.reports.page import Table
from training.reports.plots import ACCENT, INK, SERIES, SMALL, Plot, create_axes, style_axes
from training.reports.table_looks import HEAD, describe_numbers

MOST_FEATURES, MOST_VALUES, LONGEST_VALUE = 12, 6, 22  # of the plot of classes: of its columns, of one's values, and of a value's letters
QUARTERS = 4
EMPTY, UNKNOWN = "(empty)", "(unknown)"


def describe_look(recipe: Recipe, rows: Split) -> list[Table]:
    """Return the first rows, what each number and each category holds, and how often it is missing."""
    columns = _list_columns(recipe)
    first = [
        [str(at + 1), *(_write(column, value) for column, value in zip(columns, (*rows.inputs[at], rows.targets[at]), strict=True))]
        for at in range(min(HEAD, len(rows)))
    ]
    names = ["row", *(column.name for column in columns)]
    return [Table("First rows it was fitted on", names, first), *describe_numbers(recipe, rows), _describe_categories(recipe, rows)]


def plot_look(recipe: Recipe, rows: Split) -> Sequence[Plot]:
    """Return how many rows each class has, how the classes differ in each column, and how columns go together."""
    return [plot_classes(recipe, rows), _plot_by_class(recipe, rows), _plot_associations(recipe, rows)]


def _list_columns(recipe: Recipe) -> list[Column]:
    return [*recipe.features, *([recipe.target] if recipe.target else [])]


def _write(column: Column, value: Any) -> str:
    if not isinstance(column, Category):
        return f"{value:,.6g}"
    return (column.values[int(value)] or EMPTY) if 0 <= value < len(column.values) else UNKNOWN


def _describe_categories(recipe: Recipe, rows: Split) -> Table:
    found = []
    for column, values in zip(_list_columns(recipe), (*rows.inputs.T, rows.targets), strict=True):
        if isinstance(column, Category):
            texts = Counter(_write(column, value) for value in values.tolist())
            commonest, times = texts.most_common(1)[0]
            counts = (f"{len(texts):,}", f"{texts[EMPTY]:,}", f"{texts[UNKNOWN]:,}")
            found.append((column.name, *counts, commonest, f"{times / max(1, len(rows)):.1%}"))
    return Table("The categories", ("column", "different", "empty", "unknown", "commonest", "its share"), found)


def _plot_by_class(recipe: Recipe, rows: Split) -> Plot:
    """Return for each column which share of each class has which value, or lies where."""
    features = list(enumerate(recipe.features))[:MOST_FEATURES]
    lines = -(-len(features) // 2)
    title = "How the classes differ"
    figure, first = create_axes(title, (9.6, 0.8 + 2.3 * lines))
    first.remove()
    figure.suptitle(title, x=0.01, ha="left", color=INK, fontsize=11)
    places = figure.subplots(lines, 2, squeeze=False).ravel()
    for axes in places[len(features) :]:
        axes.remove()
    for (at, column), axes in zip(features, places, strict=False):
        style_axes(axes)
        axes.set_title(column.name, loc="left", color=INK, fontsize=SMALL + 1)
        _draw_column(axes, column, rows.inputs[:, at], rows.targets, len(recipe.labels))
    for at, label in enumerate(recipe.labels):
        figure.axes[0].plot([], [], color=_get_color(at), linewidth=4, label=str(label))
    figure.legend(*figure.axes[0].get_legend_handles_labels(), frameon=False, fontsize=SMALL, loc="outside lower center", ncols=4)
    how = "Of each class, the share of its rows with a value, or whose number lies there. A column that tells little looks alike for all."
    if len(recipe.features) > MOST_FEATURES:
        how = f"The first {MOST_FEATURES} of {len(recipe.features)} columns. {how}"
    return Plot("by-class", title, how, figure)


def _get_color(at: int) -> str:
    return SERIES[at % len(SERIES)][0]


def _draw_column(axes: Any, column: Column, values: Array, targets: Array, classes: int) -> None:
    parts = [values[targets == at] for at in range(classes)]
    if not isinstance(column, Category):
        edges = np.linspace(values.min(), values.max() if values.max() > values.min() else values.min() + 1, 21)
        for at, part in enumerate(parts):
            heights = np.histogram(part, edges)[0] / max(1, len(part))
            axes.stairs(heights, edges, color=_get_color(at), linewidth=1.4)
        axes.locator_params(axis="x", nbins=5)
    else:
        common = [value for value, _ in Counter(values.tolist()).most_common(MOST_VALUES)]
        height = 0.8 / classes
        for at, part in enumerate(parts):
            shares = [float((part == value).sum()) / max(1, len(part)) for value in common]
            axes.barh(np.arange(len(common)) + (at - (classes - 1) / 2) * height, shares, height, color=_get_color(at))
        axes.set(yticks=range(len(common)), yticklabels=[_shorten(_write(column, value)) for value in common])
        axes.invert_yaxis()
        axes.locator_params(axis="x", nbins=4)
    side = axes.yaxis if not isinstance(column, Category) else axes.xaxis
    side.set_major_formatter(lambda share, _: f"{share:.0%}")


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE // 2]}…{text[-LONGEST_VALUE // 2 :]}"


def _plot_associations(recipe: Recipe, rows: Split) -> Plot:
    columns = _list_columns(recipe)
    codes = [_encode(column, values) for column, values in zip(columns, (*rows.inputs.T, rows.targets), strict=True)]
    title, names = "Which columns go together", [f"{column.name}  {number}" for number, column in enumerate(columns, 1)]
    figure, axes = create_axes(title, (3.4 + 0.5 * len(names), 1.6 + 0.45 * len(names)))
    found = np.array([measure_association(one, other) for one, other in product(codes, codes)]).reshape(len(names), -1)
    axes.imshow(found, cmap="Blues", vmin=0, vmax=1)
    # Long names would lie on each other below.
    axes.set(xticks=range(len(names)), xticklabels=range(1, len(names) + 1), yticks=range(len(names)), yticklabels=names)
    for (below, beside), value in np.ndenumerate(found):
        axes.text(beside, below, f"{value:.2f}", ha="center", va="center", fontsize=SMALL, color="white" if value > 0.6 else INK)
    axes.axhline(len(names) - 1.5, color=ACCENT, linewidth=1)
    how = (
        "0: a column says nothing of another; 1: it says all of it (Cramér's V, of numbers by their quarters). The last line is the "
        "target's. Going together is no cause."
    )
    return Plot("associations", title, how, figure)


def _encode(column: Column, values: Array) -> Array:
    """Return the codes of a column: of a number, the quarter of all in which it lies."""
    if not isinstance(column, Category):
        values = np.searchsorted(np.quantile(values, np.arange(1, QUARTERS) / QUARTERS), values, side="right")
    codes: Array = np.unique(values, return_inverse=True)[1]
    return codes


def measure_association(one: Array, other: Array) -> float:
    """Return Cramér's V of two columns of codes from 0, without a correction for few rows; 0 if one of them is always the same."""
    table = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(table, (one, other), 1)
    if min(table.shape) < 2:
        return 0.0
    expected = np.outer(table.sum(1), table.sum(0)) / table.sum()
    chi_squared = float(((table - expected) ** 2 / expected).sum())
    return float(np.sqrt(chi_squared / table.sum() / (min(table.shape) - 1)))
