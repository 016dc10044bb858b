"""A row: one instance of an upload, or the reason why the row cannot be read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from recipes.errors import InvalidInput
from recipes.recipe import Recipe

# The rows of a few requests are in memory at once, with their ids and names.
LONGEST_ABOUT = 256  # characters of an id or a name
MAX_REQUEST_ROWS = 10_000
MAX_ROWS = 5_000_000  # of an upload; a regression's summary sorts its values


def count_rows_per_request(recipe: Recipe, chunk_bytes: int) -> int:
    """Return how many rows a request may hold, so that neither it nor its response has more than this many bytes.

    A row of few numbers has a response that is longer than itself, and a serverless endpoint answers at most 4 MB.
    """
    return min(MAX_REQUEST_ROWS, max(1, chunk_bytes // max(recipe.instance_bytes, recipe.prediction_bytes)))


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an upload.

    Args:    number: from 1, as people count lines and images.
             instance: its bytes; None if the row cannot be read.
             error: why the row cannot be read; None if it can.
             about: what its line in the results repeats beside the prediction: id, name, box.
    """

    number: int
    instance: bytes | None
    error: InvalidInput | None = None
    about: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take from the error what holds bytes of the upload: the frames that it came through, and the errors before it."""
        if self.error:
            self.error.__traceback__ = self.error.__context__ = self.error.__cause__ = None


@dataclass(frozen=True, slots=True)
class Rows:
    """An upload's rows, in order.

    Args:    format: image, csv, jsonl, npy, idx or zip.
             rows: read while they are iterated; raises InvalidInput where the whole upload turns out to be unreadable.
             total: how many there will be, where that is known.
             image_size: a picture's width and height in pixels.
    """

    format: str
    rows: Iterator[Row]
    total: int | None = None
    image_size: tuple[int, int] | None = None
