"""A table as tensors of the Open Inference Protocol: one for each column, as clients of MLServer and KServe send a data frame.

One tensor of the model's numbers is a table too, in which a category is its code: what an npy array of it is.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from recipes.columns import Category, Column, describe, find_column, find_columns
from recipes.errors import Malformed, WrongShape
from recipes.recipe import Recipe

SHOWN = 10


def list_inputs(recipe: Recipe) -> list[dict[str, Any]]:
    """Return what a model's metadata says of the tensors of a table: a column each, of N rows."""
    return [
        {"name": column.name, "datatype": "BYTES" if isinstance(column, Category) else "FP32", "shape": [-1]} for column in recipe.features
    ]


def has_columns(tensors: Sequence[Mapping[str, Any]], recipe: Recipe) -> bool:
    """Return whether tensors are columns of a table: there are several, or the one is called as a column is or holds texts.

    Of a table of one number the one tensor may have any name but that of what is predicted.
    """
    (first, *others) = tensors
    is_target = recipe.target is not None and _is_of(str(first.get("name")), (recipe.target,))
    if not recipe.features or (recipe.instance_size == 1 and not recipe.categories and not others and not is_target):
        return False
    return bool(others) or is_target or first.get("datatype") == "BYTES" or _is_of(str(first.get("name")), recipe.features)


def _is_of(name: str, columns: Sequence[Column]) -> bool:
    return any(find_column([name], column) is not None for column in columns)


def join_columns(columns: Mapping[str, Sequence[Any]], recipe: Recipe) -> list[dict[str, Any]]:
    """Return the rows of columns, each by its columns' names; raise WrongShape if a column is missing or has another number of rows."""
    names = list(columns)
    if missing := [
        describe(column) for column, at in zip(recipe.features, find_columns(names, recipe.features), strict=True) if at is None
    ]:
        held = ", ".join(repr(name[:40]) for name in names[:SHOWN])
        raise WrongShape(f"no tensor, or more than one, is called {', '.join(missing)}; got {held}", advice=advise(recipe))
    first, rows = names[0], len(columns[names[0]])
    for name, values in columns.items():
        if len(values) != rows:
            raise WrongShape(f"the tensor {name[:40]!r} has {len(values):,} values, and {first[:40]!r} has {rows:,}", advice=advise(recipe))
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def check_names(names: Sequence[str]) -> None:
    """Raise Malformed if two tensors have one name."""
    if twice := next((name for name, count in Counter(names).items() if count > 1), None):
        raise Malformed(f"two tensors are called {twice[:40]!r}; expected one", advice="Send each column once.")


def name_codes(values: Sequence[Any], recipe: Recipe) -> dict[str, Any]:
    """Return a row of the model's numbers by its columns' names, with the texts that its codes stand for."""
    return {column.name: _read_code(value, column) for value, column in zip(values, recipe.features, strict=True)}


def _read_code(value: Any, column: Column) -> Any:
    if not isinstance(column, Category) or type(value) not in {int, float}:
        return value
    return column.values[int(value)] if value in range(len(column.values)) else f"code {value}"  # which is no value that is known


def advise(recipe: Recipe) -> str:
    """Return how a table is sent."""
    first, *others = recipe.features
    datatype, value = ("BYTES", f'"{first.values[0]}"') if isinstance(first, Category) else ("FP32", "1.5")
    more = f", … a tensor for each of {', '.join(column.name for column in recipe.features)}" if others else ""
    return f'Send {{"inputs": [{{"name": "{first.name}", "shape": [1], "datatype": "{datatype}", "data": [{value}]}}{more}]}}.'
