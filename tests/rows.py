"""An upload's rows, from bytes in memory."""

import io

from functions.process_upload.reading.formats import open_rows
from functions.shared.reading.rows import Rows
from recipes.recipe import Recipe, load

DIGITS = load("digits")


def open_upload(content: bytes, recipe: Recipe = DIGITS) -> Rows:
    """Return the rows of an upload of these bytes."""
    return open_rows(io.BytesIO(content), len(content), recipe)  # type: ignore[arg-type]  # as good as a RawIOBase to a BufferedReader
