"""A row: one instance of an upload, or the reason why it is none."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from recipes.errors import InvalidInput


@dataclass(slots=True)
class Row:
    """One row of an upload.

    Args:    number: from 1, as people count lines and images.
             instance: its bytes, or None if it is none.
             error: why it is none.
             about: what its line in the results says beside the prediction: name, id, box.
    """

    number: int
    instance: bytes | None
    error: InvalidInput | None = None
    about: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Rows:
    """An upload's rows, in order.

    Args:    format: image, csv, jsonl, npy, idx or zip.
             rows: made as they are asked for; asking raises InvalidInput where the whole upload turns out to be unreadable.
             total: how many there will be, where that is known.
             image: a picture's width and height in pixels.
    """

    format: str
    rows: Iterator[Row]
    total: int | None = None
    image: tuple[int, int] | None = None
