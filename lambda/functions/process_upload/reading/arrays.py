"""idx into rows: a header, then rows of one length."""

import io
from collections.abc import Iterator
from typing import Any

from functions.shared.reading.rows import Row, Rows
from recipes.errors import Malformed, WrongShape
from recipes.instances import format_shape
from recipes.recipe import Recipe, refuse_pictures

IDX_BYTES = b"\x00\x00\x08"  # what an idx file of unsigned bytes begins with; the count of its dimensions follows


def read_idx(file: "io.BufferedReader[Any]", size_bytes: int | None, recipe: Recipe) -> Rows:
    """Return the rows of an idx file of images.

    Args:    size_bytes: of the file; None if it is packed.
    Raises:  InvalidInput: its header is broken, or does not say images of the recipe's size, or the recipe takes no pictures.
    """
    if not recipe.takes_pictures:
        refuse_pictures()
    axes = 1 + len(recipe.instance_shape)
    head = file.read(4 + 4 * axes)
    if head[:4] != IDX_BYTES + bytes([axes]) or len(head) < 4 + 4 * axes:
        kind = f"type 0x{head[2]:02x} in {head[3]} dimensions" if len(head) > 3 and head[3] != axes else "an incomplete header"
        raise WrongShape(
            f"the idx file holds {kind}; expected images, unsigned bytes in {axes} dimensions",
            advice="Upload the images, not their labels.",
        )
    total, *shape = (int.from_bytes(head[at : at + 4], "big") for at in range(4, len(head), 4))
    if tuple(shape) != recipe.instance_shape:
        raise WrongShape(f"the idx file holds images of {format_shape(tuple(shape))}; expected {format_shape(recipe.instance_shape)}")
    _check_size("idx file", len(head) + total * recipe.instance_size, size_bytes)
    return Rows("idx", _read_rows(file, recipe.instance_size, total), total)


def _read_rows(file: "io.BufferedReader[Any]", row_bytes: int, total: int) -> Iterator[Row]:
    for number in range(1, total + 1):
        content = file.read(row_bytes)
        if len(content) < row_bytes:
            raise Malformed(f"the file ends in row {number:,} of {total:,}", advice="Upload the whole file.")
        yield Row(number, content)


def _check_size(what: str, expected_bytes: int, size_bytes: int | None) -> None:
    if size_bytes is not None and expected_bytes != size_bytes:
        raise Malformed(
            f"the {what} has {size_bytes:,} bytes; its header says {expected_bytes:,}",
            advice="Upload the whole file.",
        )
