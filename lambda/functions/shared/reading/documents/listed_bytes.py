"""The bytes of a file as a list of numbers in JSON, as programs write a buffer: a table of one column would take each for a row."""

import json
import re
from collections.abc import Sequence
from typing import Any

from recipes import npy
from recipes.columns import Column, find_column
from recipes.errors import Malformed
from recipes.recipe import Recipe

LEAST = 5  # bytes of a JSON document that no list of numbers spells by chance


def refuse_buffer(document: dict[str, Any], recipe: Recipe) -> None:
    """Refuse what JSON.stringify makes of a Buffer of Node, for a table; a picture's is read."""
    if recipe.features and document.get("type") == "Buffer" and isinstance(document.get("data"), list):
        _refuse("a Buffer of Node, as JSON.stringify writes it")


def refuse_listed_bytes(values: list[Any], recipe: Recipe) -> None:
    """Refuse a table's list of numbers that spells a file: an array, a JSON document, or a header with a column's name."""
    if len(values) < LEAST or not recipe.features or not all(type(value) is int and 0 <= value < 256 for value in values):
        return
    content = bytes(values)
    columns = [*recipe.features, *([recipe.target] if recipe.target else [])]
    if content.startswith(npy.MAGIC) or _is_document(content) or _is_table(content, columns):
        _refuse("a file's bytes as a list of numbers")


def _is_document(content: bytes) -> bool:
    line = content.split(b"\n", 1)[0]
    try:
        return line[:1] in {b"{", b"["} and json.loads(line) is not None
    except (ValueError, RecursionError):
        return False


def _is_table(content: bytes, columns: Sequence[Column]) -> bool:
    """Return whether a column's name is a cell of the first line and a number stands below: a name of one letter alone may be a number."""
    header, _, rows = content.partition(b"\n")
    cells = [cell.strip(' "\r\ufeff') for cell in re.split(r"[,;\t]", header.decode("utf-8", "replace"))]
    return rows.lstrip(b' "+-.')[:1].isdigit() and any(find_column(cells, column) is not None for column in columns)


def _refuse(what: str) -> None:
    raise Malformed(f"the body is {what}", advice="Send the bytes themselves as the body, or the text that they are.")
