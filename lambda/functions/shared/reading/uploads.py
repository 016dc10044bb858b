"""An upload's CSV, JSON, JSON Lines or npy into rows."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

from functions.shared.reading.arrays.array_rows import read_array
from functions.shared.reading.arrays.npz_rows import read_arrays
from functions.shared.reading.documents.json_rows import read_json_rows
from functions.shared.reading.drafts.settle import settle
from functions.shared.reading.rows import Rows
from functions.shared.reading.tables.table import read_table
from recipes.recipe import Recipe


def read_csv(file: "io.BufferedReader[Any]", recipe: Recipe) -> Rows:
    """Return the rows of a CSV: one for each line that is not empty, after a header if there is one.

    Raises:  InvalidInput: how it is written is not certain, or it has another number of columns than an instance.
    """
    notes, drafts = read_table(file, recipe)
    more, rows = settle(drafts, recipe)
    return Rows("csv", rows, notes=notes + more)


def read_json(file: "io.BufferedReader[Any]", recipe: Recipe) -> Rows:
    """Return the rows of a JSON document or of JSON Lines, an instance each.

    Raises:  InvalidInput: it is a document that is broken, holds no instances, or is too large.
    """
    format_, notes, drafts, total = read_json_rows(file, recipe)
    more, rows = settle(drafts, recipe)
    return Rows(format_, rows, total, notes=notes + more)


def read_npy(file: "io.BufferedReader[Any]", size_bytes: int | None, recipe: Recipe) -> Rows:
    """Return the rows of an npy file.

    Args:    size_bytes: of the file; None if it is packed.
    Raises:  InvalidInput: its header is broken, or does not say instances of the recipe.
    """
    notes, drafts, total = read_array(file, size_bytes, recipe)
    more, rows = settle(drafts, recipe)
    return Rows("npy", rows, total, notes=notes + more)


def read_npz(archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], recipe: Recipe) -> Rows:
    """Return the rows of the one array of instances in an npz, with their labels if these are beside it.

    Raises:  InvalidInput: no array or more than one may be of instances, or it cannot be read.
    """
    notes, drafts, total = read_arrays(archive, members, recipe)
    more, rows = settle(drafts, recipe)
    return Rows("npz", rows, total, notes=notes + more)
