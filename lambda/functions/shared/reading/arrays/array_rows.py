"""npy into drafts: a header, then rows of one length, in either order, with or without axes of one."""

import io
from collections.abc import Iterator
from math import prod
from typing import Any, Literal

from functions.shared.reading.arrays.nesting import advise_shape, count_instances
from functions.shared.reading.drafts.draft import Draft, may_be_scaled
from functions.shared.reading.notes import Note
from recipes import npy
from recipes.errors import InvalidInput, Malformed, TooLarge, WrongShape
from recipes.instances import format_shape
from recipes.recipe import Recipe

MAX_TURNED_BYTES = 64 << 20  # of an array stored column by column, all of which is in memory
BOOLEANS = Note("scaled", "the values are booleans: true was read as 255, false as 0")
Code = Literal["B", "H", "I", "Q"]
_UNSIGNED: dict[int, Code] = {1: "B", 2: "H", 4: "I", 8: "Q"}  # of which memory is cut into cells, whatever they mean


def read_array(file: "io.BufferedReader[Any]", size_bytes: int | None, recipe: Recipe) -> tuple[tuple[Note, ...], Iterator[Draft], int]:
    """Return notes on how an npy file is read, a draft for each of its instances, and how many there are.

    Args:    size_bytes: of the file; None if it is packed.
    Raises:  InvalidInput: its header is broken, or does not say instances of the recipe.
    """
    header = npy.read_header(file.peek(npy.LONGEST_HEADER_BYTES)[: npy.LONGEST_HEADER_BYTES])
    item_bytes = npy.get_item_bytes(header, recipe.dtype)
    total = count_rows(header, recipe)
    array_bytes = prod(header.shape) * item_bytes
    if size_bytes is not None and header.offset + array_bytes != size_bytes:
        detail = f"the array has {size_bytes:,} bytes; its header says {header.offset + array_bytes:,}"
        raise Malformed(detail, advice=npy.advise_length(header.offset + array_bytes, size_bytes))
    file.read(header.offset)
    if header.fortran_order and total and array_bytes > MAX_TURNED_BYTES:
        raise TooLarge(
            f"the array is stored in Fortran order, column by column, and has {array_bytes:,} bytes; the limit is {MAX_TURNED_BYTES:,}",
            advice="Save numpy.ascontiguousarray(it).",
        )
    row_bytes = recipe.instance_size * item_bytes
    is_turned = header.fortran_order and sum(length > 1 for length in header.shape) > 1
    contents = _turn(file, header, item_bytes, total) if is_turned else (file.read(row_bytes) for _ in range(total))
    notes = (BOOLEANS,) if header.descr.lstrip("|<>=") == npy.BOOLEAN else ()
    return notes, _draft_rows(contents, row_bytes, total, header, recipe), total


def count_rows(header: npy.Header, recipe: Recipe) -> int:
    """Return how many instances an array holds; raise WrongShape if none of the recipe's."""
    total = count_instances(header.shape, recipe)
    if total is None or (not total and recipe.instance_size not in {prod(header.shape[1:]), 1}):
        raise WrongShape(
            f"the array has shape {list(header.shape)}; expected {_list_shapes(recipe)}", advice=advise_shape(header.shape, recipe)
        )
    return total


def _list_shapes(recipe: Recipe) -> str:
    """Return the shapes of arrays of instances, for people: [N, 28, 28], [28, 28], [N, 784] or [784]."""
    size, lengths = recipe.instance_size, format_shape(recipe.instance_shape)
    shapes = [f"[N, {lengths}]", f"[{lengths}]", f"[N, {size}]", f"[{size}]"] if size > 1 else ["[N, 1]", "[N]"]
    *others, last = dict.fromkeys(shapes)
    return f"{', '.join(others)} or {last}"


def _draft_rows(contents: Iterator[bytes], row_bytes: int, total: int, header: npy.Header, recipe: Recipe) -> Iterator[Draft]:
    for number, content in enumerate(contents, 1):
        if len(content) < row_bytes:
            raise Malformed(f"the file ends in row {number:,} of {total:,}", advice="Send the whole file.")
        place = "the array" if total == 1 else f"row {number:,}"
        try:
            yield Draft(number, npy.convert(content, header, recipe.dtype), place=place)
        except InvalidInput as error:
            error.detail = f"{place}, {error.detail}" if total > 1 else error.detail
            values = npy.parse_values(content, header)
            yield Draft(number, error=error, values=values if may_be_scaled(values, recipe) else None, place=place)


def _turn(file: "io.BufferedReader[Any]", header: npy.Header, item_bytes: int, total: int) -> Iterator[bytes]:
    """Give each instance's bytes of an array that is stored with the first index fastest."""
    content = file.read(prod(header.shape) * item_bytes)
    if len(content) < prod(header.shape) * item_bytes:
        raise Malformed("the file ends in the middle of the array", advice="Send the whole file.")
    lengths = [length for length in header.shape if length > 1]
    code = _UNSIGNED[item_bytes]
    if total == 1:
        yield _in_c_order(content, lengths, code)
        return
    cells = memoryview(content).cast(code)
    for index in range(total):
        yield _in_c_order(cells[index::total].tobytes(), lengths[1:], code)


def _in_c_order(content: bytes, lengths: list[int], code: Code) -> bytes:
    """Return cells stored with the first index fastest in the order with the last index fastest."""
    if len(lengths) < 2:
        return content
    cells = memoryview(content).cast(code)
    return b"".join([_in_c_order(cells[index :: lengths[0]].tobytes(), lengths[1:], code) for index in range(lengths[0])])
