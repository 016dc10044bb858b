"""An upload's bytes into rows: the format is recognized by the first bytes, not by the file's name or by what its sender calls it."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from functions.process_upload.reading.archives import READ_BYTES, open_gzip
from functions.process_upload.reading.arrays import IDX_BYTES, read_idx
from functions.process_upload.reading.picture import list_rows
from functions.process_upload.reading.rows import MAX_ROWS
from functions.process_upload.reading.zips import ZIPS, open_zip, read_pictures, refuse_without_pictures
from functions.shared.reading.arrays.members import open_member
from functions.shared.reading.arrays.npz_rows import has_arrays
from functions.shared.reading.broken import refuse_broken
from functions.shared.reading.documents.json_rows import MAX_DOCUMENT_BYTES
from functions.shared.reading.frames import list_frame_notes
from functions.shared.reading.lines import BYTE_ORDER_MARK, Chained, find_encoding
from functions.shared.reading.marks import describe_picture
from functions.shared.reading.rows import Row, Rows
from functions.shared.reading.uploads import read_csv, read_json, read_npy, read_npz
from functions.shared.reading.wrappers import MAX_WRAPPERS, count_stray, find_wrapper, unwrap_text
from recipes import npy
from recipes.errors import InvalidInput, Malformed, NotANumber, OutOfRange, TooLarge, UnsupportedType, WrongShape
from recipes.other_files import SNIFFED_BYTES, refuse_other_file, refuse_unknown_file
from recipes.pictures.decode import count_frames, sniff
from recipes.recipe import Recipe, refuse_pictures

EXPLAINED = (Malformed, UnsupportedType, WrongShape, NotANumber)  # where a tool may have made a mistake
MAX_EXPLAINED_VALUES = 200_000  # of a document whose rows are still in memory: once more they take 14 MB
WITH_COLUMNS = ("csv", "json", "jsonl")
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
    buffered = io.BufferedReader(file, READ_BYTES)
    try:
        with refuse_broken("the upload"):
            rows = _recognize(buffered, size_bytes, recipe)
    except EXPLAINED as error:
        raise _explain(error, buffered, recipe, size_bytes) from None
    if recipe.keys and rows.format not in WITH_COLUMNS:
        raise InvalidInput(f"keys are asked for, and the upload is {rows.format}, which has no columns", advice="Ask for none.")
    most_values = MAX_EXPLAINED_VALUES if rows.format == "json" else MAX_DOCUMENT_BYTES
    return replace(rows, rows=_refuse_broken_rows(rows, lambda error: _explain(error, buffered, recipe, size_bytes, most_values)))


def _explain(
    error: InvalidInput, file: "io.BufferedReader[Any]", recipe: Recipe, size_bytes: int, most_values: int = MAX_DOCUMENT_BYTES
) -> InvalidInput:
    """Return the error in words about the tool's mistake, where that is known; of a large file only its beginning is looked at again."""
    from functions.shared.reading.mistakes.bodies import explain_upload  # noqa: PLC0415 - few uploads are refused

    error.release_frames()
    at = file.tell()
    file.seek(0)
    content = file.read(MAX_DOCUMENT_BYTES)
    file.seek(at)
    return explain_upload(error, content, recipe, size_bytes) if content.count(b",") <= most_values else error


def _recognize(file: "io.BufferedReader[Any]", size_bytes: int | None, recipe: Recipe, what: str = "the upload", depth: int = 0) -> Rows:
    """Return the rows of a file, whatever it is packed in.

    Args:    what: the file is called in errors.
             depth: in how many others it is.
    """
    first = _sniff(file)
    if first.startswith(ZIPS):
        if depth:
            raise UnsupportedType(f"{what} is packed again", advice="Upload what is inside it.")
        return _read_zip(file, recipe)
    wrapper = find_wrapper(first, is_whole=size_bytes is not None and size_bytes <= len(first))
    if not wrapper:
        return _recognize_stream(first, file, size_bytes, what, recipe)
    if depth == MAX_WRAPPERS:
        raise Malformed(f"the upload is packed more than {MAX_WRAPPERS} times", advice="Upload what is in it.")
    if wrapper == "gzip":
        return _recognize(open_gzip(file), None, recipe, "what is in the gzip file", depth + 1)
    if wrapper == "stray":
        count = len(file.read(count_stray(first)))
        return _recognize(file, None if size_bytes is None else size_bytes - count, recipe, what, depth + 1)
    content = file.read(MAX_DOCUMENT_BYTES + 1)
    if wrapper == "string" and not find_wrapper(content):  # it only begins so
        return _recognize_stream(first, io.BufferedReader(Chained(content, file), READ_BYTES), size_bytes, what, recipe)
    if len(content) > MAX_DOCUMENT_BYTES:
        raise TooLarge(f"{what} is in base64 and has more than {MAX_DOCUMENT_BYTES:,} bytes", advice="Upload the file itself.")
    content = unwrap_text(content, wrapper, what)
    inner: Any = io.BytesIO(content)  # as good as a RawIOBase
    return _recognize(io.BufferedReader(inner, READ_BYTES), len(content), recipe, f"what is in {what}", depth + 1)


def _recognize_stream(first: bytes, file: "io.BufferedReader[Any]", size_bytes: int | None, what: str, recipe: Recipe) -> Rows:
    if sniff(first):
        return _read_picture(file, recipe)
    if first.startswith(npy.MAGIC):
        return read_npy(file, size_bytes, recipe)
    if first.startswith(IDX_BYTES):
        return read_idx(file, size_bytes, recipe)
    refuse_other_file(first, _advise(recipe), what)
    if encoding := find_encoding(first):
        first = first[: len(first) & ~1].decode(encoding, "replace").encode("utf-8", "replace")
    text = first.removeprefix(BYTE_ORDER_MARK).lstrip()
    if first and not text:
        raise Malformed(f"{what} is empty but for white space", advice=_advise(recipe))
    control = next((byte for byte in first if byte < 9 or 13 < byte < 32), None)
    if control and first.isascii() and b"\0" not in first:
        detail = f"{what} is a text with the control character 0x{control:02X}"
        raise UnsupportedType(detail, advice="Part cells by commas and rows by line breaks, and leave nothing behind the last row.")
    if not text or control is not None:
        refuse_unknown_file(first, _advise(recipe), what)
    return read_json(file, recipe) if _is_json(text) else read_csv(file, recipe)


def _is_json(text: bytes) -> bool:
    """Return whether a text begins as JSON: with a list or an object, or its first line with one in quotes, which a program wrote twice."""
    line, is_whole, _ = text.partition(b"\n")
    is_twice = text.startswith((b'"{', b'"[')) and find_wrapper(line.rstrip(), is_whole=bool(is_whole)) == "string"
    return is_twice or text.startswith((b"{", b"["))


def _read_zip(file: "io.BufferedReader[Any]", recipe: Recipe) -> Rows:
    archive, members = open_zip(file, _advise(recipe))
    if has_arrays(members) and (len(members) > 1 or recipe.features):  # of a table the array's name may tell a unit
        return read_npz(archive, members, recipe)
    if len(members) == 1:
        only = io.BufferedReader(open_member(archive, members[0]), READ_BYTES)  # type: ignore[type-var]  # zipfile's reads like a raw one
        if not sniff(_sniff(only)):
            return _recognize(only, None, recipe, "what is in the zip file", 1)
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
        row = Row(1, only.values, about=describe_picture(only, 1), count=only.side_by_side)
        return Rows("image", iter([row]), 1, notes=list_frame_notes(count_frames(content)))
    return list_rows(recipe.find_instances(content), list_frame_notes(count_frames(content)), recipe.noun)


def _refuse_broken_rows(rows: Rows, explain: Callable[[InvalidInput], InvalidInput]) -> Iterator[Row]:
    """Give the rows; where the first cannot be read for a tool's mistake, as of a form, the others are none either.

    Raises:  InvalidInput: so it is, or there are too many rows.
    """
    with refuse_broken(f"the {rows.format}"):
        for count, row in enumerate(rows.rows, 1):
            if count == 1 and isinstance(row.error, (*EXPLAINED, OutOfRange)):
                explained = explain(row.error)
                if explained is not row.error:
                    raise explained
            if count > MAX_ROWS:
                raise TooLarge(f"the upload has more than {MAX_ROWS:,} rows", advice="Split it up.")
            yield row


def _sniff(file: "io.BufferedReader[Any]") -> bytes:
    return file.peek(SNIFFED_BYTES)[:SNIFFED_BYTES]


def _advise(recipe: Recipe) -> str:
    return READS if recipe.takes_pictures else READS_NUMBERS
