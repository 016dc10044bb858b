"""A recipe out of a table: its target, classes or values, and the columns that are left to learn from."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from cli.scaffold.guess import ColumnGuess, guess_columns, list_values
from recipes.columns import Category, Column, Quantity
from recipes.dataset import read_limited
from recipes.errors import InvalidSettings, Malformed
from recipes.tables import csv_files
from recipes.tables.csv_files import MISSING, CsvTable

LEAST_ROWS = 10
LEAST_ROWS_OF_A_CLASS = 5  # so that each class is in what is trained, chosen and measured on
MOST_CLASSES = 20
MOST_NUMBERED_CLASSES = 10  # of a target of whole numbers: more are an amount


@dataclass(frozen=True, slots=True)
class TableGuess:
    """What a table is taken for.

    Args:    columns: each, the target too.
             rows: how many there are; whole: how many have the target and every number.
    """

    columns: list[ColumnGuess]
    features: tuple[Column, ...]
    target: Column
    rows: int
    whole: int


def read_table(path: Path) -> CsvTable:
    """Return the table in a file; raise Malformed if it is none."""
    return csv_files.read(read_limited(path), path.name)


def guess_table(table: CsvTable, *, target: str | None = None, kind: str | None = None, without: Collection[str] = ()) -> TableGuess:
    """Return what a table is taken for.

    Args:    target: the column to be answered; by default the last.
             kind: "classes" or "values"; by default what the target's cells look like.
             without: columns to leave out.
    Raises:  InvalidSettings: there is no such column, or it cannot be answered.
             Malformed: nothing can be learned from the table.
    """
    if (cell := _find_cell_in_header(table)) is not None:
        raise Malformed(
            f"the first line holds {cell[:40]!r}, as a row does",
            advice="Write the columns' names above the rows. "
            f"If they stand there, give the column {cell[:40]!r} a name that is no value, such as 'is {cell[:40]}'.",
        )
    names = {_find_name(table, name) for name in without}
    wanted = _find_name(table, target) if target is not None else table.names[-1]
    columns = [
        replace(each, kind="left out", why="you said so") if each.name in names and each.name != wanted else each
        for each in guess_columns(table)
    ]
    answered = _guess_target(table, wanted, kind, columns)
    features = tuple(
        Quantity(each.name, "") if each.kind == "number" else Category(each.name, each.values)
        for each in columns
        if each.name != wanted and each.kind != "left out"
    )
    if not features:
        reasons = "; ".join(f"{each.name}: {each.why}" for each in columns if each.name != wanted)
        raise Malformed(
            f"no column is left to tell {wanted!r} from: {reasons or 'it is the only one'}",
            advice="Bring a table with columns of numbers, or of a few texts.",
        )
    numbers = [at for at, each in enumerate(columns) if each.kind == "number" or each.name == wanted]
    whole = [row for row in table.rows if all(row[at].casefold() not in MISSING for at in numbers)]
    if len(whole) < LEAST_ROWS:
        raise Malformed(
            f"{len(whole):,} row{'s'[: len(whole) != 1]} of {len(table.rows):,} have {wanted!r} and every number; expected {LEAST_ROWS}",
            advice="Bring more rows, or leave out the columns that are often empty with --without.",
        )
    if isinstance(answered, Category):
        _check_classes(answered, [row[table.names.index(wanted)] for row in whole])
    return TableGuess(columns, features, answered, len(table.rows), len(whole))


def _find_cell_in_header(table: CsvTable) -> str | None:
    """Return what in the first line is no name: a number, unless all numbers there rise as years do, or a text that its column has too."""
    numbers = [name for name in table.names if table.is_number(name)]
    if numbers and (not all(map(str.isdecimal, numbers)) or sorted(set(map(int, numbers))) != list(map(int, numbers))):
        return numbers[0]
    columns = zip(*table.rows, strict=True)
    return next((name for name, cells in zip(table.names, columns, strict=True) if name and name not in numbers and name in cells), None)


def _find_name(table: CsvTable, name: str) -> str:
    for each in table.names:
        if each.casefold() == name.strip().casefold():
            return each
    raise InvalidSettings(f"there is no column {name[:80]!r}", advice=f"The table has {', '.join(table.names)}.")


def _guess_target(table: CsvTable, name: str, kind: str | None, columns: list[ColumnGuess]) -> Column:
    guess = next(each for each in columns if each.name == name)
    cells = [cell for cell in (row[table.names.index(name)] for row in table.rows) if cell.casefold() not in MISSING]
    values = list_values(cells)
    are_numbers = all(map(table.is_number, cells))
    others = ", ".join(each.name for each in columns if each.kind != "left out" and each.name != name)
    advice = f"Name another with --target: {others}." if others else "Add another column: there is none to choose."
    if len(values) < 2:
        raise InvalidSettings(f"the target {name!r} has {len(values)} different values; expected two or more", advice=advice)
    if not name or guess.why.startswith("two columns"):
        raise InvalidSettings(f"the target {name!r} is no column of its own: {guess.why}", advice=advice)
    wrong = next((cell for cell in cells if not table.is_number(cell)), "")
    if kind == "values" and not are_numbers:
        raise InvalidSettings(f"the target {name!r} holds {wrong[:40]!r}; values are numbers", advice="Leave --kind out, or mend the cell.")
    is_numbered = are_numbers and len(values) <= MOST_NUMBERED_CLASSES and all(cell.lstrip("+-").isdigit() for cell in cells)
    if kind == "values" or (kind is None and are_numbers and not (is_numbered and len(cells) >= LEAST_ROWS_OF_A_CLASS * len(values))):
        return Quantity(name, "")
    if len(values) > MOST_CLASSES or (len(values) > len(cells) / 2):
        detail = f"the target {name!r} has {len(values):,} different texts in {len(cells):,} rows"
        if not are_numbers:
            detail += f", and {wrong[:40]!r} is no number"
            advice = f"If they are numbers, write them without currencies, units and signs of thousands. {advice}"
        raise InvalidSettings(f"{detail}; expected numbers, or up to {MOST_CLASSES} classes", advice=advice)
    return Category(name, values)


def _check_classes(target: Category, cells: list[str]) -> None:
    counts = Counter(target.find_code(cell) for cell in cells)
    few = [f"{value!r} ({counts[code]:,})" for code, value in enumerate(target.values) if counts[code] < LEAST_ROWS_OF_A_CLASS]
    if few:
        raise Malformed(
            f"these classes of {target.name!r} have fewer than {LEAST_ROWS_OF_A_CLASS} rows: {', '.join(few)}",
            advice="Leave those rows out of the file, give them the name of another class, or use --kind values for numbers.",
        )
