"""A look at a file of data before a model is trained: its first rows, what its columns hold and lack, how many there are of each class."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from recipes.dataset import Split
from recipes.recipe import Recipe
from recipes.tables.csv_files import MISSING, CsvTable
from training.reports.page import Table
from training.reports.plots import ACCENT, GRID, Plot, create_axes

COUNTS = ("rows", "missing", "different")
FIGURES = ("mean", "standard deviation", "least", "25 %", "middle", "75 %", "greatest")
COLUMNS = ("column", *COUNTS, *FIGURES, "commonest")
WIDEST = 10  # columns
QUARTILES = (0, 25, 50, 75, 100)


def describe_head(table: CsvTable, count: int = 5) -> Table:
    """Return the first rows, each with its number, from 1; of a table that is too wide for a page, one below each other as columns."""
    names, rows = ("row", *table.names), [(str(number), *row) for number, row in enumerate(table.rows[:count], 1)]
    if len(names) > WIDEST:
        names, *rows = zip(names, *rows, strict=True)
    return Table("The first rows", names, rows)


def describe_columns(table: CsvTable) -> Table:
    """Return for each column how many cells are missing, of numbers their mean, spread and quartiles, and of texts the commonest.

    A figure that no column has is left out.
    """
    columns = zip(table.names, zip(*table.rows, strict=True), strict=True)
    described = [_describe_column(name, cells, table) for name, cells in columns]
    kept = [at for at in range(len(COLUMNS)) if any(row[at] for row in described)]
    return Table("The columns", [COLUMNS[at] for at in kept], [tuple(row[at] for at in kept) for row in described])


def _describe_column(name: str, cells: Sequence[str], table: CsvTable) -> tuple[str, ...]:
    held = [cell for cell in cells if cell.casefold() not in MISSING]
    counts = (name, f"{len(cells):,}", f"{len(cells) - len(held):,}", f"{len(set(held)):,}")
    if held and all(map(table.is_number, held)):
        numbers = np.array([table.read_number(cell) for cell in held])
        figures = [numbers.mean(), numbers.std(ddof=1) if len(held) > 1 else 0.0, *np.percentile(numbers, QUARTILES)]
        return (*counts, *(f"{figure:,.6g}" for figure in figures), "")
    commonest = "".join(f"{text} ({times:,})" for text, times in Counter(held).most_common(1))
    return (*counts, *[""] * len(FIGURES), commonest)


def plot_classes(recipe: Recipe, rows: Split) -> Plot:
    """Return how many rows, or pictures, there are of each class."""
    counts = np.bincount(rows.targets.astype(np.int64), minlength=len(recipe.labels))
    shares = counts / max(1, len(rows))
    title = "How many there are of each class"
    figure, drawn = create_axes(title)
    places, names = range(len(counts)), list(map(str, recipe.labels))
    drawn.barh(places, counts, color=ACCENT)
    for place, (count, share) in enumerate(zip(counts, shares, strict=True)):
        drawn.annotate(f"{count:,}, {share:.0%}", (count, place), xytext=(6, 0), textcoords="offset points", va="center")
    drawn.set(yticks=places, yticklabels=names, xlabel="how many", xlim=(0, 1.3 * max(1, counts.max())))
    drawn.invert_yaxis()
    drawn.grid(axis="x", color=GRID)
    drawn.set_axisbelow(True)
    how = f"A model that always answered {names[counts.argmax()]} would be right {shares.max():.0%} of the time: a useful one is better."
    return Plot("classes", title, how, figure)
