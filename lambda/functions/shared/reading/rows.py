"""What readers of uploads give: rows, each one instance or the reason why it cannot be read, and notes on how they were read."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.shared.reading.notes import Note
from recipes.errors import InvalidInput
from recipes.recipe import Picture

LONGEST_ABOUT = 256  # characters of an id or a name: the rows of a few requests are in memory at once


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an upload.

    Args:    number: from 1, as people count lines and images.
             instance: its bytes; None if the row cannot be read.
             error: why the row cannot be read; None if it can.
             about: what its line in the results repeats beside the prediction: id, name, box, marks_found.
             label: what the sender says that the prediction should be; None if nothing is said.
             count: how many instances stand beside each other in the row's picture; `instance` is of all of them together.
    """

    number: int
    instance: bytes | None
    error: InvalidInput | None = None
    about: Mapping[str, Any] = field(default_factory=dict)
    label: int | float | str | None = None
    count: int = 1

    def __post_init__(self) -> None:
        """Keep no bytes of the upload by the error."""
        if self.error:
            self.error.release_frames()


@dataclass(frozen=True, slots=True)
class Rows:
    """An upload's rows, in order.

    Args:    format: image, csv, json, jsonl, npy, npz, idx or zip.
             rows: read while they are iterated; raises InvalidInput where the whole upload turns out to be unreadable.
             total: how many there will be, where that is known.
             notes: on how they are read; decided by the first of them, and held to.
             picture: whose instances the rows are.
             reread: returns the picture of a row by the row's number; raises InvalidInput. None where rows are no whole pictures.
    """

    format: str
    rows: Iterator[Row]
    total: int | None = None
    notes: tuple[Note, ...] = ()
    picture: Picture | None = None
    reread: Callable[[int], bytes] | None = None
