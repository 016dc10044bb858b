"""A table as a data set: each row's features, and the target. For training and tests only: it needs numpy.

A category is held as its code, see `columns.Category`; so is a target that is one.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from recipes.columns import Column, Quantity, describe, find_column, find_columns, find_swapped_numbers, is_nameless
from recipes.dataset import Dataset, Split, read_limited
from recipes.errors import InvalidSettings, Malformed
from recipes.recipe import Recipe
from recipes.tables import csv_files, recordio

RECORDIO = {".rec", ".pbr", ".recordio"}
STORED = "data.rec"
CHOOSING_SHARE = 0.25  # of the rows that are not measured on
Record = Mapping[str, str]  # a row's cells by the names in the header
Keep = Callable[[Record], bool]


def load(recipe: Recipe, source: Path, *, test_share: float | None = None, keep: Keep = lambda _: True) -> Dataset:
    """Return the table's rows, divided by `divide`.

    Args:    source: a csv whose header names the columns, in any order; RecordIO-protobuf by its ending; or a folder of csv files.
             test_share: of the rows, which the model is measured on; by default the recipe's.
             keep: which rows of a csv are read.
    Raises:  FileNotFoundError: it is missing.
             Malformed: a column is missing, or a cell of numbers holds none.
             InvalidSettings: the recipe has no test share, and none is given.
    """
    files = find_raw_files(source)
    parts = [
        recordio.read(content) if path.suffix in RECORDIO else parse_rows(content, path.name, recipe, keep)
        for path, content in ((path, read_limited(path)) for path in files.values())
    ]
    rows = _check(recipe, Split(np.concatenate([part.inputs for part in parts]), np.concatenate([part.targets for part in parts])))
    sha256 = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files.values()}
    share = recipe.test_share if test_share is None else test_share
    if share == 0:
        return Dataset(rows, rows, rows, sha256)
    if share is None:
        raise InvalidSettings(f"{recipe.name} does not say which share is measured on", advice="Give it a test_share in its recipe.py.")
    return Dataset(*divide(rows, test_share=share, is_stratified=bool(recipe.labels)), sha256)


def divide(rows: Split, *, test_share: float, is_stratified: bool) -> tuple[Split, Split, Split]:
    """Return the rows to train on, to choose on and to measure on. The hash of a row decides, not its place and not chance.

    Args:    is_stratified: whether each class is divided by itself, so that it has the same share in all three.
    """
    digests = [hashlib.sha256(row.tobytes() + target.tobytes()).digest() for row, target in zip(rows.inputs, rows.targets, strict=True)]
    strata = rows.targets if is_stratified else np.zeros(len(rows))
    chosen: tuple[list[int], list[int], list[int]] = [], [], []
    for stratum in np.unique(strata):
        ordered = sorted(np.flatnonzero(strata == stratum).tolist(), key=digests.__getitem__)
        measured = round(len(ordered) * test_share)
        choosing = measured + round((len(ordered) - measured) * CHOOSING_SHARE)
        for part, places in zip(chosen, (ordered[choosing:], ordered[measured:choosing], ordered[:measured]), strict=True):
            part.extend(places)
    # In the order in which they came: a plot of them is a table's.
    train, choose, measure = (Split(rows.inputs[places], rows.targets[places]) for places in map(sorted, chosen))
    return train, choose, measure


def find_raw_files(source: Path) -> dict[str, Path]:
    """Return the files that `load` reads, by the names that they have in a folder; raise FileNotFoundError if there is none."""
    if not source.is_dir():
        if not source.exists():
            raise FileNotFoundError(f"{source} is missing: name a csv with --data")
        return {STORED if source.suffix in RECORDIO else "data.csv": source}
    found = sorted(source.rglob("*.csv")) or sorted(source.glob(STORED))
    if not found:
        raise FileNotFoundError(f"{source}/data.csv is missing: name a csv with --data")
    return {path.relative_to(source).as_posix().replace("/", "-"): path for path in found}


def write_split(split: Split, folder: Path) -> None:
    """Write the split as SageMaker's linear learner reads it: data.rec, RecordIO-protobuf."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / STORED).write_bytes(recordio.write(split))


def read_split(recipe: Recipe, folder: Path) -> Split:
    """Return the split that `write_split` wrote; raise Malformed if the folder does not hold one of the recipe."""
    try:
        return _check(recipe, recordio.read((folder / STORED).read_bytes()))
    except FileNotFoundError as error:
        raise Malformed(f"{folder} does not hold a split: {STORED} is missing", advice="Name a folder that `write_split` wrote.") from error


def parse_rows(content: bytes, name: str, recipe: Recipe, keep: Keep = lambda _: True) -> Split:
    """Return the rows of a csv by the names in its header; raise Malformed if one is missing, or a cell of numbers holds none."""
    if recipe.target is None:
        raise Malformed(f"{recipe.name} names no target", advice="Give it one in its recipe.py.")
    held = csv_files.read(content, name)
    wanted = [*recipe.features, recipe.target]
    places = _find_columns(held.names, wanted, name)
    rows = [row for row in held.rows if keep(dict(zip(held.names, row, strict=True)))]
    if not rows:
        raise Malformed(f"{name} has no row under a header", advice="Give every row its features and its target.")
    columns = list(zip(places, wanted, strict=True))
    try:
        table = np.array([[held.read_cell(row[at], column) for at, column in columns] for row in rows], np.float32)
    except ValueError as error:
        raise Malformed(f"{name} is not a table under a header: {error}", advice="Give every row a cell for each column.") from error
    _refuse_swapped(table, recipe, name)
    return Split(table[:, :-1], table[:, -1])


def _refuse_swapped(table: npt.NDArray[np.float32], recipe: Recipe, name: str) -> None:
    """Raise Malformed at the first row of which two columns hold each other's numbers."""
    for number, row in enumerate(table[:, :-1].tolist() if recipe.has_bounds else (), 1):
        if swap := find_swapped_numbers(row, recipe.features):
            raise Malformed(f"{name}, row {number:,}: {swap}", advice="Bring each column under its own name in the header.")


def is_whole(recipe: Recipe, row: Record) -> bool:
    """Return whether a row has its target and every number: a model is told none that is missing; an empty category is a value."""
    wanted = [column for column in recipe.features if isinstance(column, Quantity)] + [column for column in (recipe.target,) if column]
    names = list(row)
    return all(row[names[at]].casefold() not in csv_files.MISSING for at in (find_column(names, each) for each in wanted) if at is not None)


def _find_columns(names: Sequence[str], wanted: Sequence[Column], file: str) -> list[int]:
    """Return the columns' places by their names in a header; a header of names that say nothing has them in order."""
    found = find_columns(names, wanted)
    if all(map(is_nameless, names)) and len(names) == len(wanted):
        found = list(range(len(names)))
    missing = [describe(column) for column, at in zip(wanted, found, strict=True) if at is None]
    if missing:
        raise Malformed(
            f"{file} has no column, or more than one, of {', '.join(missing)}; it has {', '.join(names)}",
            advice="Name each column in the header as the recipe does, in any order.",
        )
    return [at for at in found if at is not None]


def _check(recipe: Recipe, rows: Split) -> Split:
    """Return the rows, of a classifier with classes for targets.

    Raises:  Malformed: other columns than the recipe's, or a target that is none of its classes.
    """
    width = len(recipe.features)
    if rows.inputs.shape[1:] != (width,) or not np.isfinite(rows.inputs).all() or not np.isfinite(rows.targets).all():
        raise Malformed(
            f"the rows have {rows.inputs.shape[1]} features; expected {width}, all finite, and the target",
            advice=f"Bring {', '.join(map(describe, (*recipe.features, *([recipe.target] if recipe.target else []))))}.",
        )
    if not recipe.labels:
        return rows
    classes: npt.NDArray[np.int64] = rows.targets.astype(np.int64)
    if len(wrong := np.flatnonzero((classes != rows.targets) | (classes < 0) | (classes >= len(recipe.labels)))):
        raise Malformed(
            f"{len(wrong):,} of {len(rows):,} rows have another target than {', '.join(map(str, recipe.labels))}",
            advice="Leave those rows out, or name their class in the recipe.",
        )
    return Split(rows.inputs, classes.astype(np.uint8))
