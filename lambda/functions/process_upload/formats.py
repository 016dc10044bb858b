"""An upload's bytes into rows: the format is recognized by the first bytes, not by the file's name or by what its sender calls it."""

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from functions.process_upload.archives import GZIP, READ_BYTES, ZIPS, open_gzip, read_zip, refuse_broken
from functions.process_upload.arrays import IDX_IMAGES, read_idx, read_npy
from functions.process_upload.rows import MAX_ROWS, Row, Rows
from functions.process_upload.text import BYTE_ORDER_MARK, read_csv, read_jsonl
from recipes import images, npy
from recipes.errors import Malformed, TooLarge, UnsupportedType
from recipes.recipe import Recipe, refuse_pictures

MAX_IMAGE_BYTES = 25 << 20
SNIFFED_BYTES = 2048
READS_NUMBERS = "CSV, JSONL and npy are read here."
READS = "PNG, JPEG, CSV, JSONL, npy, idx, idx.gz and zip of images are read here."


def open_rows(file: io.RawIOBase, size_bytes: int, recipe: Recipe) -> Rows:
    """Return the rows of an upload.

    Args:    file: seekable.
             size_bytes: of the upload.
    Raises:  InvalidInput: its format is not known, or it is broken; also while its rows are iterated.
    """
    if not size_bytes:
        raise Malformed("the upload is empty", advice=_advise(recipe))
    with refuse_broken("the upload"):
        rows = _recognize(io.BufferedReader(file, READ_BYTES), size_bytes, recipe)
    return replace(rows, rows=_refuse_broken_rows(rows))


def _recognize(file: "io.BufferedReader[Any]", size_bytes: int, recipe: Recipe) -> Rows:
    first = _sniff(file)
    if first.startswith(GZIP):
        unpacked = open_gzip(file)
        return _recognize_stream(_sniff(unpacked), unpacked, None, recipe)
    if first.startswith(ZIPS):
        return read_zip(file, recipe)
    if images.sniff(first):
        return _read_picture(file, size_bytes, recipe)
    return _recognize_stream(first, file, size_bytes, recipe)


def _recognize_stream(first: bytes, file: "io.BufferedReader[Any]", size_bytes: int | None, recipe: Recipe) -> Rows:
    if first.startswith(npy.MAGIC):
        return read_npy(file, size_bytes, recipe)
    if first[:3] == IDX_IMAGES[:3]:
        return read_idx(file, size_bytes, recipe)
    text = first.removeprefix(BYTE_ORDER_MARK).lstrip()
    if not text or b"\x00" in first or sum(byte < 9 or 13 < byte < 32 for byte in first):
        raise UnsupportedType(f"the format is not known: the upload begins with {first[:4].hex() or 'nothing'}", advice=_advise(recipe))
    return Rows("jsonl", read_jsonl(file, recipe)) if text[:1] in b"{[" else Rows("csv", read_csv(file, recipe))


def _read_picture(file: "io.BufferedReader[Any]", size_bytes: int, recipe: Recipe) -> Rows:
    if not recipe.takes_pictures:
        refuse_pictures()
    if size_bytes > MAX_IMAGE_BYTES:
        raise TooLarge(f"the picture has {size_bytes:,} bytes; the limit is {MAX_IMAGE_BYTES:,}", advice="Send a smaller picture.")
    content = file.read()
    if recipe.find_instances is None:
        return Rows("image", iter([Row(1, recipe.from_image(content))]), 1)
    picture = recipe.find_instances(content)
    rows = [Row(number, each.instance, about={"box": list(each.box)} if each.box else {}) for number, each in enumerate(picture.found, 1)]
    return Rows("image", iter(rows), len(rows), (picture.width, picture.height))


def _refuse_broken_rows(rows: Rows) -> Iterator[Row]:
    with refuse_broken(f"the {rows.format}"):
        for count, row in enumerate(rows.rows, 1):
            if count > MAX_ROWS:
                raise TooLarge(f"the upload has more than {MAX_ROWS:,} rows", advice="Split it up.")
            yield row


def _sniff(file: "io.BufferedReader[Any]") -> bytes:
    return file.peek(SNIFFED_BYTES)[:SNIFFED_BYTES]


def _advise(recipe: Recipe) -> str:
    return READS if recipe.takes_pictures else READS_NUMBERS
