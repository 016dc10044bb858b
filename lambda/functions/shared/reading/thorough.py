"""The body of a request into a batch of instances, whatever way it is written: with the readers of uploads."""

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from functions.shared.reading.arrays.array_rows import count_rows, read_array
from functions.shared.reading.batch import Batch
from functions.shared.reading.broken import refuse_broken
from functions.shared.reading.categories import UNKNOWN
from functions.shared.reading.documents.json_rows import read_json_rows
from functions.shared.reading.drafts.draft import Draft
from functions.shared.reading.drafts.settle import settle
from functions.shared.reading.frames import list_frame_notes
from functions.shared.reading.marks import MARKS
from functions.shared.reading.notes import Note
from functions.shared.reading.tables.table import read_table
from recipes import npy
from recipes.errors import TooLarge
from recipes.recipe import Recipe


def read_levels(rows: Sequence[bytes], recipe: Recipe, called: str) -> Batch:
    """Return instances of which some may be on another scale or of the other polarity, or the sum of the others.

    Args:    called: what one is called in errors, by its number from 0 or, as `{1}`, from 1.
    """
    return _collect((), (Draft(index + 1, row, place=called.format(index, index + 1)) for index, row in enumerate(rows)), recipe)


def read_json(body: bytes, recipe: Recipe) -> Batch:
    """Return the instances of a JSON document, or of JSON Lines."""
    _, notes, drafts, _ = read_json_rows(_open(body), recipe, "the body")
    return _collect(notes, drafts, recipe)


def read_csv(body: bytes, recipe: Recipe) -> Batch:
    """Return the instances of a CSV body."""
    return _collect(*read_table(_open(body), recipe), recipe)


def read_npy(body: bytes, recipe: Recipe) -> Batch:
    """Return the instances of an .npy array."""
    header = npy.read_header(body)
    item_bytes = npy.get_item_bytes(header, recipe.dtype)
    count_rows(header, recipe)
    npy.check_length(body, header, item_bytes)
    notes, drafts, _ = read_array(_open(body), len(body), recipe)
    return _collect(notes, drafts, recipe)


def read_npz(body: bytes, recipe: Recipe) -> Batch:
    """Return the instances of the one array of them in an npz."""
    from functions.shared.reading.arrays.npz_rows import open_archive, read_arrays  # noqa: PLC0415 - importing zipfile takes 10 ms

    with refuse_broken("the npz"):
        notes, drafts, _ = read_arrays(*open_archive(body), recipe)
        return _collect(notes, drafts, recipe)


def _open(body: bytes) -> "io.BufferedReader[Any]":
    return io.BufferedReader(io.BytesIO(body), max(1, len(body)))


def _collect(notes: tuple[Note, ...], drafts: Iterable[Draft], recipe: Recipe) -> Batch:
    """Return the batch of rows of which each must be read.

    Raises:  InvalidInput: of the first that cannot be read.
             TooLarge: they are more than a request may have.
    """
    more, rows = settle(_limit(drafts, recipe.max_instances), recipe, looks_at_all=True)
    packed, counts, marks, unknown, frames = [], {}, {}, {}, 1
    for index, row in enumerate(rows):
        if row.error:
            raise row.error
        packed.append(row.instance or b"")
        frames = max(frames, row.about.get("frames", 1))
        if row.count > 1:
            counts[index] = row.count
        if MARKS in row.about:
            marks[index] = row.about[MARKS]
        if UNKNOWN in row.about:
            unknown[index] = row.about[UNKNOWN]
    return Batch(b"".join(packed), notes + more + list_frame_notes(frames), counts, marks=marks, unknown=unknown)


def _limit(drafts: Iterable[Draft], most: int) -> Iterator[Draft]:
    for index, draft in enumerate(drafts):
        if index >= most:
            raise TooLarge(f"the request holds more than {most:,} instances", advice="Split it up, or upload it as a job.")
        if draft.error and draft.values is None:
            raise draft.error
        yield draft
