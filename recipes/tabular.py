"""A table of numbers as a data set: each row's features, and the target last. For training and tests only: it needs numpy."""

import csv
import hashlib
from pathlib import Path

import numpy as np

from recipes import recordio
from recipes.dataset import Dataset, Split, read_limited
from recipes.errors import Malformed
from recipes.recipe import Recipe

RECORDIO = {".rec", ".pbr", ".recordio"}
STORED = "data.rec"
PARTS = 5  # of five rows in turn three are trained on, one is chosen on, one is measured on


def load(recipe: Recipe, source: Path, *, every_row_for_all: bool = False) -> Dataset:
    """Return the table's rows: the second of every five measures, the fourth chooses, the others train; always the same ones.

    Args:    source: a csv with a header, or RecordIO-protobuf by its ending; or a folder with a data.csv or data.rec.
             every_row_for_all: so few rows that each trains, chooses and measures: the figures then show the fit, not the prediction.
    Raises:  FileNotFoundError: it is missing.
             Malformed: other columns than the recipe's features and its target, or a cell that is not a number.
    """
    path = _find_table(source)
    content = read_limited(path)
    rows = recordio.read(content) if path.suffix in RECORDIO else _parse_rows(content, path.name)
    width = len(recipe.features)
    if rows.inputs.shape[1:] != (width,) or not np.isfinite(rows.inputs).all() or not np.isfinite(rows.targets).all():
        raise Malformed(
            f"{path.name} has rows of {rows.inputs.shape[1]} features; expected {width}, all finite, and the target",
            advice=f"Bring {', '.join(feature.name for feature in recipe.features)}, then {recipe.target.name if recipe.target else ''}.",
        )
    sha256 = {path.name: hashlib.sha256(content).hexdigest()}
    if every_row_for_all:
        return Dataset(rows, rows, rows, sha256)
    turn = np.arange(len(rows)) % PARTS

    def select(chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Split:
        return Split(rows.inputs[chosen], rows.targets[chosen])

    return Dataset(select((turn != 1) & (turn != 3)), select(turn == 3), select(turn == 1), sha256)


def find_raw_files(source: Path) -> dict[str, Path]:
    """Return the one file that `load` reads, by the name that it has in a folder; raise FileNotFoundError if it is missing."""
    path = _find_table(source)
    return {STORED if path.suffix in RECORDIO else "data.csv": path}


def _find_table(source: Path) -> Path:
    """Return the table that a file or a folder is; raise FileNotFoundError if it is missing."""
    path = source
    if source.is_dir():
        path = source / STORED if (source / STORED).is_file() and not (source / "data.csv").exists() else source / "data.csv"
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: name a csv with --data")
    return path


def write_split(split: Split, folder: Path) -> None:
    """Write the split as SageMaker's linear learner reads it: data.rec, RecordIO-protobuf."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / STORED).write_bytes(recordio.write(split))


def read_split(folder: Path) -> Split:
    """Return the split that `write_split` wrote; raise Malformed if the folder does not hold one."""
    try:
        return recordio.read((folder / STORED).read_bytes())
    except FileNotFoundError as error:
        raise Malformed(f"{folder} does not hold a split: {STORED} is missing", advice="Name a folder that `write_split` wrote.") from error


def _parse_rows(content: bytes, name: str) -> Split:
    """Return the rows of a csv under its header."""
    try:
        rows = [row for row in csv.reader(content.decode("utf-8-sig").splitlines()) if row][1:]
        table = np.array([[float(cell) for cell in row] for row in rows], np.float32)
    except (ValueError, csv.Error) as error:
        raise Malformed(f"{name} is not a table of numbers under a header: {error}", advice="Give every row as many numbers.") from error
    if table.ndim != 2 or table.shape[1] < 2:
        raise Malformed(f"{name} is not a table of numbers under a header", advice="Give every row its features and its target.")
    return Split(table[:, :-1], table[:, -1])
