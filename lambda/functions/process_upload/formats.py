"""An upload's bytes into rows: the format is recognized by the first bytes, not by the file's name or by what its sender calls it."""

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from functions.process_upload.archives import GZIP, READ_BYTES, open_gzip
from functions.process_upload.arrays import IDX_IMAGES, read_idx
from functions.process_upload.picture import list_rows
from functions.process_upload.rows import MAX_ROWS
from functions.process_upload.zips import ZIPS, open_zip, read_pictures, refuse_without_pictures
from functions.shared.reading.broken import refuse_broken
from functions.shared.reading.frames import list_frame_notes
from functions.shared.reading.lines import BYTE_ORDER_MARK, find_encoding
from functions.shared.reading.members import open_member
from functions.shared.reading.npz_rows import has_arrays
from functions.shared.reading.rows import Row, Rows
from functions.shared.reading.uploads import read_csv, read_json, read_npy, read_npz
from recipes import images, npy
from recipes.errors import Malformed, TooLarge, UnsupportedType
from recipes.other_files import SNIFFED_BYTES, refuse_other_file, refuse_unknown_file
from recipes.recipe import Recipe, refuse_pictures

JSON_BEGINS = (b"{", b"[", b'"{', b'"[')  # the last two: a program wrote it as JSON twice
MAX_IMAGE_BYTES = 25 << 20
READS_NUMBERS = "CSV, JSON, JSONL, npy and npz are read here."
READS = "PNG, JPEG, WebP, GIF, BMP, TIFF, CSV, JSON, JSONL, npy, npz, idx, idx.gz and zip of pictures are read here."


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
        return _recognize_packed(open_gzip(file), "the gzip file", recipe)
    if first.startswith(ZIPS):
        return _read_zip(file, recipe)
    return _recognize_stream(first, file, size_bytes, "the upload", recipe)


def _recognize_packed(file: "io.BufferedReader[Any]", packed_in: str, recipe: Recipe) -> Rows:
    first = _sniff(file)
    if first.startswith((GZIP, *ZIPS)):
        raise UnsupportedType(f"what is in {packed_in} is packed again", advice="Upload what is inside it.")
    return _recognize_stream(first, file, None, f"what is in {packed_in}", recipe)


def _recognize_stream(first: bytes, file: "io.BufferedReader[Any]", size_bytes: int | None, what: str, recipe: Recipe) -> Rows:
    if images.sniff(first):
        return _read_picture(file, recipe)
    if first.startswith(npy.MAGIC):
        return read_npy(file, size_bytes, recipe)
    if first[:3] == IDX_IMAGES[:3]:
        return read_idx(file, size_bytes, recipe)
    refuse_other_file(first, _advise(recipe), what)
    if encoding := find_encoding(first):
        first = first[: len(first) & ~1].decode(encoding, "replace").encode("utf-8", "replace")
    text = first.removeprefix(BYTE_ORDER_MARK).lstrip()
    if not text or b"\x00" in first or sum(byte < 9 or 13 < byte < 32 for byte in first):
        refuse_unknown_file(first, _advise(recipe), what)
    return read_json(file, recipe) if text.startswith(JSON_BEGINS) else read_csv(file, recipe)


def _read_zip(file: "io.BufferedReader[Any]", recipe: Recipe) -> Rows:
    archive, members = open_zip(file, _advise(recipe))
    if len(members) > 1 and has_arrays(members):
        return read_npz(archive, members, recipe)
    if len(members) == 1:
        only = io.BufferedReader(open_member(archive, members[0]), READ_BYTES)  # type: ignore[type-var]  # zipfile's reads like a raw one
        if not images.sniff(_sniff(only)):
            return _recognize_packed(only, "the zip file", recipe)
    refuse_without_pictures(archive, members, recipe)
    if not recipe.takes_pictures:
        refuse_pictures()
    return read_pictures(archive, members, recipe)


def _read_picture(file: "io.BufferedReader[Any]", recipe: Recipe) -> Rows:
    if not recipe.takes_pictures:
        refuse_pictures()
    content = file.read(MAX_IMAGE_BYTES + 1)
    if len(content) > MAX_IMAGE_BYTES:
        raise TooLarge(f"the picture has more than {MAX_IMAGE_BYTES:,} bytes", advice="Send a smaller picture.")
    if recipe.find_instances is None:
        only = recipe.read_image(content)
        return Rows("image", iter([Row(1, only.values, count=only.count)]), 1, notes=list_frame_notes(content))
    return list_rows(recipe.find_instances(content), list_frame_notes(content))


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
