"""The body of a request into a batch of instances, without numpy: a bundle with numpy is three times as large and starts half as fast.

What is plain takes a few C calls here. All else is read by `thorough`, as uploads are, so that both doors read the same.
"""

import json
import re
from array import array
from types import ModuleType

from functions.shared.json_body import parse_json
from functions.shared.reading.batch import Batch
from functions.shared.reading.drafts.levels import is_dim, is_faint, pack_document, pack_levels
from functions.shared.reading.drafts.polarity import Ground, find_ground, is_dark_ground
from functions.shared.reading.drafts.sides import may_be_transposed
from functions.shared.reading.frames import list_frame_notes
from recipes import instances, npy
from recipes.errors import InvalidInput, Malformed
from recipes.pictures.decode import count_frames
from recipes.recipe import Recipe

UNSUMMED = 2  # rows: of more numbers one may be the sum of the others
_POINTED = rb"(?<!\d)\d{1,3}\.\d{3}(?!\d)"
NEARLY, NEARLY_MEAN = 1e-5, 0.1  # of the sum; a mean with more decimals than the numbers have one at least


def read_image(body: bytes, recipe: Recipe) -> Batch:
    """Return the one instance a picture shows."""
    found = recipe.read_image(body)
    counts, marks = {0: found.side_by_side} if found.side_by_side > 1 else {}, {0: found.marks} if found.marks else {}
    return Batch(found.values, list_frame_notes(count_frames(body)), counts, marks=marks)


def read_json(body: bytes, recipe: Recipe) -> Batch:
    """Return the instances of a JSON document; see `json_document.find_instances`."""
    if recipe.takes_pictures and recipe.dtype == "uint8" and (rows := pack_document(body, recipe.instance_shape)):
        return _settle(rows, recipe, "instances[{0}]")
    try:
        document = parse_json(body)
    except Malformed:
        document = None  # it may be in another encoding
    found = document.get("instances") if isinstance(document, dict) and len(document) == 1 else document
    if isinstance(found, list) and found and isinstance(found[0], list) and not (recipe.categories or recipe.has_bounds):
        may_hold_booleans = b"u" in body or b"f" in body  # a letter of true and of false, found at once: a list of numbers has neither
        try:
            rows = instances.from_json(found, recipe.instance_shape, may_hold_booleans=may_hold_booleans, dtype=recipe.dtype)
        except InvalidInput:
            rows = []
        if rows:
            return _settle(rows, recipe, "instances[{0}]")
    batch: Batch = _import_thorough().read_json(body, recipe)
    return batch


def read_csv(body: bytes, recipe: Recipe) -> Batch:
    """Return the instances of a CSV body, an instance a line, under a header if there is one."""
    rows = _pack_lines(body, recipe)
    if rows:
        return _settle(rows, recipe, "line {1}")
    batch: Batch = _import_thorough().read_csv(body, recipe)
    return batch


def read_npy(body: bytes, recipe: Recipe) -> Batch:
    """Return the instances of an .npy array: [N, *shape], [*shape], [N, size] or [size], of any type whose values are the recipe's."""
    header = npy.read_header(body)
    shape, size, start = recipe.instance_shape, recipe.instance_size, header.offset
    is_plain = header.descr == npy.DESCRS["uint8"] == npy.DESCRS[recipe.dtype] and not header.fortran_order
    if is_plain and header.shape[1:] in {shape, (size,)} and start + header.shape[0] * size == len(body):
        return _settle([body[at : at + size] for at in range(start, len(body), size)], recipe, "row {1:,}")
    batch: Batch = _import_thorough().read_npy(body, recipe)
    return batch


def read_npz(body: bytes, recipe: Recipe) -> Batch:
    """Return the instances of the one array of them in an npz."""
    batch: Batch = _import_thorough().read_npz(body, recipe)
    return batch


def _settle(rows: list[bytes], recipe: Recipe, called: str) -> Batch:
    """Return a batch of rows; levels on another scale or of the other polarity, and numbers that may be sums, are looked at once more."""
    if is_as_expected(rows, recipe) and not _may_be_summed(rows, recipe):
        return Batch(b"".join(rows))
    batch: Batch = _import_thorough().read_levels(rows, recipe, called)
    return batch


def _may_be_summed(rows: list[bytes], recipe: Recipe) -> bool:
    """Return whether the first or the last of rows of numbers may be the sum or the mean of the others: by their first numbers it is."""
    if recipe.takes_pictures or len(rows) <= UNSUMMED:
        return False
    column = array("f", b"".join(rows))[:: recipe.instance_size]
    total, others = sum(column), len(column) - 1
    return any(
        abs(2 * end - total) <= NEARLY * abs(end) or abs(end - (total - end) / others) <= NEARLY_MEAN for end in (column[0], column[-1])
    )


def is_as_expected(rows: list[bytes], recipe: Recipe) -> bool:
    """Return whether rows are on the scale, of the polarity and as upright as instances are; of a recipe of numbers, always."""
    if not recipe.takes_pictures:
        return True
    if not recipe.is_drawn:
        return not any(map(is_dim, rows))
    width = recipe.instance_shape[-1]
    is_plain = all(not is_faint(row) and (is_dark_ground(row, width) or find_ground(row, width) is Ground.DARK) for row in rows)
    return is_plain and not may_be_transposed(rows, recipe)


def _import_thorough() -> ModuleType:
    """Return what reads the rest, which is not imported for what is plain: a function's start would be slower."""
    from functions.shared.reading import thorough  # noqa: PLC0415

    return thorough


def _pack_lines(body: bytes, recipe: Recipe) -> list[bytes]:
    """Return the bytes of each line, if all are plain numbers of the recipe and the first cannot be a header; else nothing."""
    size = recipe.instance_size
    lines = body.rstrip(b" \r\n\v\f").replace(b"\r\n", b"\n").split(b"\n")  # a tab at the end parts cells, as anywhere
    if not recipe.takes_pictures and len(lines) > UNSUMMED:
        return []  # they are looked at for sums, so packing them here would be in vain
    # A category is a text, and its column is told by a header; where columns may be swapped, each row is looked at.
    if recipe.categories or recipe.has_bounds or _may_count(lines[0], size) or _may_have_thousands(lines, recipe):
        return []
    if len(body) < 2 * size * len(lines) - 1:  # a digit and what parts it for each number: millions of short lines are not packed in vain
        return []
    rows = [pack_levels(line) for line in lines] if recipe.dtype == "uint8" else [None]
    if None in rows:
        rows = [_pack_numbers(line, recipe) for line in lines]
    return [row for row in rows if row] if {row and len(row) for row in rows} == {recipe.instance_bytes} else []


def _pack_numbers(line: bytes, recipe: Recipe) -> bytes | None:
    """Return a line of numbers as bytes of the recipe's; None if it has anything else."""
    # JSON would take true for 1, and for a space a tab, which parts cells, and a carriage return, which parts lines.
    if any(mark in line for mark in (b"t", b"f", b"\t", b"\r")):
        return None
    try:
        return instances.PACKS[recipe.dtype](json.loads(b"[%b]" % line))
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None


def _may_have_thousands(lines: list[bytes], recipe: Recipe) -> bool:
    """Return whether points in numbers may part thousands: three digits follow one."""
    return not recipe.takes_pictures and any(re.search(_POINTED, line) for line in lines)


def _may_count(line: bytes, size: int) -> bool:
    """Return whether a line may count the columns from 0, as pandas names them."""
    return line.startswith((b"0,1,2"[: 2 * size - 1], b"0.0,1.0,2.0"[: 4 * size - 1])) if size > 1 else line.strip() == b"0"
