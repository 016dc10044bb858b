"""Rows in JSON that are told apart from what their columns are called, or from their shape: one list beside another."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from functions.shared.reading import cells
from functions.shared.reading.arrays.nesting import advise_shape, count_instances
from functions.shared.reading.documents.json_instance import is_record
from recipes.errors import Malformed, WrongShape
from recipes.recipe import Recipe

COLUMNS, SHAPES = "columns", ("shape", "dims")
# Fields that say so of an array's numbers.
COLUMNS_FIRST = {"order": ("F", "f", "fortran"), "fortran_order": (True,), "Corder": (False,), "column_major": (True,)}
NAMES = ("fields", "names", "feature_names", "column_names", "header", "headers")  # of a table's columns, whatever they are


def read_described(document: Mapping[str, Any], name: str, recipe: Recipe) -> tuple[list[Any], tuple[str, ...]] | None:
    """Return the rows in a field whose columns' names or whose shape are told, by its first row or other fields, and which fields tell.

    Raises:  Malformed, WrongShape: they are not as it says.
    """
    rows = document[name]
    if isinstance(rows, list) and len(rows) > 1 and is_header(rows[0], recipe):
        return name_rows(rows[0], rows[1:]), ()
    names, shape = find_names(document, name, recipe), _find_shape(document, rows)
    if shape:
        _refuse_columns_first(document)
    if shape and len(rows) != prod(document[shape]):
        raise WrongShape(f"the shape {document[shape]} means {prod(document[shape]):,} values; there are {len(rows):,}")
    if names:
        width = document[shape][-1] if shape else len(rows)
        flat = rows if shape else []
        return name_rows(document[names], [flat[at : at + width] for at in range(0, len(flat), width)] or rows), (names, shape)
    return (_cut(rows, document[shape], recipe), (shape,)) if shape else None


def is_named(row: Any, recipe: Recipe) -> bool:
    """Return whether a row holds names of columns in place of values: a table's own, or of pictures as many as there are values."""
    if not isinstance(row, list) or not row or not all(isinstance(name, str) for name in row):
        return False
    may_be_values = len(row) >= recipe.instance_size > 1 and not any(map(cells.is_number, row))
    return may_be_values if recipe.takes_pictures else is_record(dict.fromkeys(row), recipe)


def is_header(row: Any, recipe: Recipe) -> bool:
    """Return whether the first of several rows, or what a field called names holds, are names; of a table of one column it may be any."""
    is_one = recipe.instance_size == 1 and not recipe.categories and isinstance(row, list) and len(row) == 1
    return (is_one and isinstance(row[0], str) and bool(row[0]) and not cells.begins_with_number(row[0])) or is_named(row, recipe)


def find_names(document: Mapping[str, Any], name: str, recipe: Recipe) -> str:
    """Return the field that names the columns of the rows in another: pandas calls it columns, others fields or names; "" if none does."""
    if not isinstance(document[name], list):
        return ""
    if name in {"data", "rows"} and isinstance(document.get(COLUMNS), list):
        return COLUMNS
    others = ((each, names) for each, names in document.items() if each != name)
    return next((each for each, names in others if is_named(names, recipe) or (each in NAMES and is_header(names, recipe))), "")


def name_rows(names: Sequence[Any], rows: Sequence[Any]) -> list[Any]:
    """Return rows by their columns' names; raise Malformed or WrongShape if a name is there twice, or a row has another number of cells."""
    called = list(map(str, names))
    width = len(called)
    if twice := next((name for name, count in Counter(called).items() if count > 1), None):
        raise Malformed(f"two columns are called {twice[:40]!r}: which of them is meant is not certain", advice="Send each column once.")
    if width > 1 and rows and not any(isinstance(cell, list | dict) for cell in rows):
        rows = [rows]  # the cells of the only one
    wrong = next((row for row in rows if isinstance(row, list) and len(row) != width), None)
    if wrong is not None and width > 1:
        detail = f"a row has {len(wrong):,} cells, and {width:,} columns are named"
        raise WrongShape(detail, advice="Give each row a cell for each column.")
    return [dict(zip(called, row, strict=True)) if isinstance(row, list) and len(row) == width else row for row in rows]


def read_split(value: Any) -> list[Any]:
    """Return the records of pandas' to_json(orient="split")."""
    if not isinstance(value, dict) or not isinstance(rows := value.get("data"), list):
        raise Malformed('the split of a table has no list "data"', advice='Send {"dataframe_split": {"columns": […], "data": [[…], …]}}.')
    names = value.get(COLUMNS)
    return name_rows(names, rows) if isinstance(names, list) else rows


def _find_shape(document: Mapping[str, Any], value: Any) -> str:
    """Return the field that says the shape of a list of numbers; "" if none does."""
    if not isinstance(value, list) or not value or isinstance(value[0], list | dict | str):
        return ""
    shapes = ((name, document.get(name)) for name in SHAPES)
    return next((name for name, shape in shapes if isinstance(shape, list) and shape and all(type(each) is int for each in shape)), "")


def _refuse_columns_first(document: Mapping[str, Any]) -> None:
    """Refuse numbers that follow each other column by column, where another field tells: as Fortran keeps them, and a turned ndarray."""
    told = next((name for name, value in document.items() if _tells_columns_first(name, value)), "")
    if told:
        detail = f"the values follow each other column by column, as {told!r} says"
        raise WrongShape(detail, advice="Send them row by row: x.tolist().")


def _tells_columns_first(name: str, value: Any) -> bool:
    """Return whether a field of an array says so: its order, or strides that grow."""
    if name in {"stride", "strides"}:
        return isinstance(value, list) and bool(value) and all(type(each) is int for each in value) and value[0] < value[-1]
    return value in COLUMNS_FIRST.get(name, ())


def _cut(values: Sequence[Any], shape: Sequence[int], recipe: Recipe) -> list[Any]:
    """Return the instances in values that follow each other row by row."""
    count, size = count_instances(tuple(shape), recipe), recipe.instance_size
    if count is None:
        raise WrongShape(f"the values have shape {list(shape)}; expected [N, {size}]", advice=advise_shape(tuple(shape), recipe))
    return [values[index * size : (index + 1) * size] for index in range(count)]
