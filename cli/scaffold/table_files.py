"""The files of a recipe of a table."""

import json
from collections.abc import Sequence
from pathlib import Path

from cli.scaffold.table_guess import TableGuess
from cli.scaffold.writing import WIDEST, fill, make_markdown, make_plain, quote, write_files, write_imports
from recipes.columns import Category, Column, Quantity
from recipes.tables.csv_files import CsvTable

MOST_COPIED_BYTES = 10_000_000
MOST_ROWS_FOR_SUPPORT_VECTORS = 5_000  # their time grows with the square of the rows
GOLDEN_ROWS = 5


def write_recipe(folder: Path, title: str, source: Path, table: CsvTable, guess: TableGuess) -> list[Path]:
    """Write a recipe's folder, which must not exist, and return its files.

    Args:    folder: recipes/<name>.
             source: the csv that the table is of; it is copied if it is not large.
    """
    name, target = folder.name, guess.target
    is_copied = source.stat().st_size <= MOST_COPIED_BYTES
    values = {
        "name": name,
        "title": make_plain(title),
        "file": make_plain(source.name),
        "features": make_plain(", ".join(each.name for each in guess.features)),
        "target": make_plain(target.name),
        "imports_of_dataset": write_imports(name, "from recipes.tables import tabular"),
        "width": len(guess.features),
        "columns": write_columns(guess.features),
        "target_column": write_column(target, 4),
        "candidates": "".join(f"        {each},\n" for each in list_candidates(guess)),
        "imports": ", ".join(sorted({type(each).__name__ for each in (*guess.features, target)})),
        "thresholds": '{"r2": 0.0}' if isinstance(target, Quantity) else f'{{"balanced_accuracy": {1 / len(target.values):.2f}}}',
        "rows": f"{guess.whole:,}",
    }
    card = {
        **values,
        "title": make_markdown(title),
        "file": (file := make_markdown(source.name)),
        "features": make_markdown(", ".join(each.name for each in guess.features)),
        "target": make_markdown(target.name),
        "kind": "a number" if isinstance(target, Quantity) else f"one of {make_markdown(', '.join(target.values))}",
        "left_out": "".join(f"- {make_markdown(f'{each.name}: {each.why}')}\n" for each in guess.columns if each.kind == "left out")
        or "- nothing\n",
        "data": "`data.csv` is a copy of it." if is_copied else f"It is too large to be copied: name it with `--data` as {file}.",
    }
    files: dict[str, str | bytes] = {
        "__init__.py": "",
        "recipe.py": fill("table/recipe.py", values),
        "dataset.py": fill("table/dataset.py", values),
        "README.md": fill("table/README.md", card),
        "golden/rows.json": json.dumps(choose_golden(table, guess), indent=1, ensure_ascii=False) + "\n",
    }
    return write_files(folder, files | ({"data.csv": source.read_bytes()} if is_copied else {}))


def write_columns(columns: Sequence[Column]) -> str:
    """Return columns as a tuple of Python, one on its line."""
    if len(columns) == 1 and "\n" not in (line := write_column(columns[0], 4)):
        return f"({line},)"
    return "".join(("(\n", *(f"        {write_column(each, 8)},\n" for each in columns), "    )"))


def write_column(column: Column, indent: int) -> str:
    """Return a column as Python, on as many lines as it takes."""
    if isinstance(column, Quantity):
        return f"Quantity({quote(column.name)}, {quote(column.unit)})"
    values = [quote(value) for value in column.values]
    line = f"Category({quote(column.name)}, ({', '.join(values)}))"
    if len(line) + indent < WIDEST:
        return line
    space = " " * (indent + 4)
    held = "".join(f"{space}    {value},\n" for value in values)
    return f"Category(\n{space}{quote(column.name)},\n{space}(\n{held}{space}),\n{' ' * indent})"


def list_candidates(guess: TableGuess) -> list[str]:
    """Return the candidates as Python, the plainest first."""
    linear = "linear_regression" if isinstance(guess.target, Quantity) else "logistic_regression"
    found = [
        f'Candidate("{linear}", "table", {{"model": "linear"}})',
        'Candidate("random_forest", "table", {"model": "random_forest", "n_estimators": 100, "min_samples_leaf": 3})',
        'Candidate("boosted_trees", "table", {"model": "boosted_trees", "n_estimators": 100, "max_depth": 3, "learning_rate": 0.1})',
    ]
    if guess.whole <= MOST_ROWS_FOR_SUPPORT_VECTORS and isinstance(guess.target, Category):
        found.insert(2, 'Candidate("support_vectors", "table", {"model": "support_vectors"})')
    return found


def choose_golden(table: CsvTable, guess: TableGuess) -> list[dict[str, object]]:
    """Return rows by their columns' names, each with the instance that it has to be read as."""
    places = [table.names.index(each.name) for each in guess.features]
    found: list[dict[str, object]] = []
    for row in table.rows:
        cells = [row[at] for at in places]
        if not all(isinstance(each, Category) or table.is_number(cell) for cell, each in zip(cells, guess.features, strict=True)):
            continue
        values = [table.read_cell(cell, column) for cell, column in zip(cells, guess.features, strict=True)]
        texts = [cell if isinstance(each, Category) else value for cell, value, each in zip(cells, values, guess.features, strict=True)]
        found.append({"row": dict(zip((each.name for each in guess.features), texts, strict=True)), "instance": values})
        if len(found) == GOLDEN_ROWS:
            break
    return found
