"""npy and idx into rows: a header, then rows of one length."""

import io
from collections.abc import Callable, Iterator
from typing import Any

from functions.shared.reading.rows import Row, Rows
from recipes import npy
from recipes.errors import InvalidInput, Malformed, WrongShape
from recipes.instances import format_shape
from recipes.recipe import Recipe, refuse_pictures

IDX_IMAGES = b"\x00\x00\x08\x03"  # unsigned bytes in three dimensions


def read_npy(file: "io.BufferedReader[Any]", size_bytes: int | None, recipe: Recipe) -> Rows:
    """Return the rows of an npy file.

    Args:    size_bytes: of the file; None if it is packed.
    Raises:  InvalidInput: its header is broken, or does not say instances of the recipe.
    """
    header = npy.read_header(file.peek(npy.LONGEST_HEADER_BYTES)[: npy.LONGEST_HEADER_BYTES])
    shape, size = recipe.instance_shape, recipe.instance_size
    if header.shape in {shape, (size,)}:
        total = 1
    elif header.shape[1:] in {shape, (size,)}:
        total = header.shape[0]
    else:
        raise WrongShape(f"the array has shape {list(header.shape)}; expected [N, {format_shape(shape)}] or [N, {size}]")
    if header.fortran_order and total > 1:
        raise WrongShape(
            "the array is stored in Fortran order, column by column; expected row by row", advice="Save numpy.ascontiguousarray(it)."
        )
    row_bytes = size * npy.get_item_bytes(header, recipe.dtype)
    _check_size("array", header.offset + total * row_bytes, size_bytes)
    file.read(header.offset)
    return Rows("npy", _read_rows(file, row_bytes, total, lambda values: npy.convert(values, header, recipe.dtype)), total)


def read_idx(file: "io.BufferedReader[Any]", size_bytes: int | None, recipe: Recipe) -> Rows:
    """Return the rows of an idx file of images.

    Args:    size_bytes: of the file; None if it is packed.
    Raises:  InvalidInput: its header is broken, or does not say images of the recipe's size, or the recipe takes no pictures.
    """
    if not recipe.takes_pictures:
        refuse_pictures()
    head = file.read(16)
    if head[:4] != IDX_IMAGES:
        kind = f"type 0x{head[2]:02x} in {head[3]} dimensions" if len(head) > 3 else "an incomplete header"
        raise WrongShape(
            f"the idx file holds {kind}; expected images, unsigned bytes in 3 dimensions", advice="Upload the images, not their labels."
        )
    total, *shape = (int.from_bytes(head[at : at + 4], "big") for at in (4, 8, 12))
    if tuple(shape) != recipe.instance_shape:
        raise WrongShape(f"the idx file holds images of {format_shape(tuple(shape))}; expected {format_shape(recipe.instance_shape)}")
    _check_size("idx file", 16 + total * recipe.instance_size, size_bytes)
    return Rows("idx", _read_rows(file, recipe.instance_size, total, bytes), total)


def _read_rows(file: "io.BufferedReader[Any]", row_bytes: int, total: int, convert: Callable[[bytes], bytes]) -> Iterator[Row]:
    for number in range(1, total + 1):
        content = file.read(row_bytes)
        if len(content) < row_bytes:
            raise Malformed(f"the file ends in row {number:,} of {total:,}", advice="Upload the whole file.")
        try:
            yield Row(number, convert(content))
        except InvalidInput as error:
            yield Row(number, None, error)


def _check_size(what: str, expected_bytes: int, size_bytes: int | None) -> None:
    if size_bytes is not None and expected_bytes != size_bytes:
        raise Malformed(
            f"the {what} has {size_bytes:,} bytes; its header says {expected_bytes:,}",
            advice="Upload the whole file.",
        )
