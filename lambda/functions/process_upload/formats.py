"""An upload's bytes into rows, whatever it is: known by its first bytes, not by its name or by what its sender calls it."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from functions.process_upload.rows import Row, Rows
from functions.process_upload.text import from_csv, from_jsonl
from recipes import images, npy
from recipes.errors import InvalidInput, Malformed, TooLarge, UnsupportedType, WrongShape
from recipes.instances import lengths
from recipes.recipe import Recipe, no_pictures

MAX_IMAGE_BYTES = 25 << 20
MAX_ENTRY_BYTES = 5 << 20
MAX_ENTRIES, MAX_DIRECTORY_BYTES = 100_000, 32 << 20
SNIFFED_BYTES = 2048
READ_BYTES = 1 << 20
READS_NUMBERS = "CSV, JSONL and npy are read here."
READS = "PNG, JPEG, CSV, JSONL, npy, idx, idx.gz and zip of images are read here."
IDX_IMAGES = b"\x00\x00\x08\x03"  # unsigned bytes in three dimensions
BROKEN = (zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, RuntimeError)


def open_rows(file: io.RawIOBase, size_bytes: int, recipe: Recipe) -> Rows:
    """Return the rows of an upload.

    Args:    file: seekable.
             size_bytes: of the upload.
    Raises:  InvalidInput: nothing here reads it, or it is not what it begins like; also while its rows are asked for.
    """
    if not size_bytes:
        raise Malformed("the upload is empty", advice=_reads(recipe))
    buffered = io.BufferedReader(file, READ_BYTES)
    first = buffered.peek(SNIFFED_BYTES)[:SNIFFED_BYTES]
    if first.startswith(b"\x1f\x8b"):
        with _unbroken("the gzip file"):
            unzipped = io.BufferedReader(gzip.GzipFile(fileobj=buffered), READ_BYTES)
            first = unzipped.peek(SNIFFED_BYTES)[:SNIFFED_BYTES]
        return _known_by(first, unzipped, None, recipe)
    if first.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(buffered, recipe)
    if images.sniff(first):
        return _picture(buffered, size_bytes, recipe)
    return _known_by(first, buffered, size_bytes, recipe)


def _known_by(first: bytes, file: "io.BufferedReader[Any]", size_bytes: int | None, recipe: Recipe) -> Rows:
    """Return the rows of what can be read from front to back."""
    if first.startswith(npy.MAGIC):
        return _npy(file, size_bytes, recipe)
    if first[:3] == IDX_IMAGES[:3]:
        return _idx(file, size_bytes, recipe)
    text = first.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text or b"\x00" in first or sum(byte < 9 or 13 < byte < 32 for byte in first):
        raise UnsupportedType(f"the first bytes are {first[:4].hex() or 'none'}, which nothing here begins with", advice=_reads(recipe))
    made, format_ = (from_jsonl, "jsonl") if text[:1] in b"{[" else (from_csv, "csv")
    return Rows(format_, _checked(made(file, recipe), format_))


def _reads(recipe: Recipe) -> str:
    return READS if recipe.takes_pictures else READS_NUMBERS


def _picture(file: "io.BufferedReader[Any]", size_bytes: int, recipe: Recipe) -> Rows:
    if not recipe.takes_pictures:
        no_pictures()
    if size_bytes > MAX_IMAGE_BYTES:
        raise TooLarge(f"the picture has {size_bytes:,} bytes; the limit is {MAX_IMAGE_BYTES:,}", advice="Send a smaller picture.")
    content = file.read()
    if recipe.find_instances is None:
        return Rows("image", iter([Row(1, recipe.from_image(content))]), 1)
    picture = recipe.find_instances(content)
    rows = [
        Row(number, found.instance, about={"box": list(found.box)} if found.box else {}) for number, found in enumerate(picture.found, 1)
    ]
    return Rows("image", iter(rows), len(rows), (picture.width, picture.height))


def _npy(file: "io.BufferedReader[Any]", size_bytes: int | None, recipe: Recipe) -> Rows:
    head = file.peek(npy.LONGEST_HEADER_BYTES)[: npy.LONGEST_HEADER_BYTES]
    header = npy.header(head)
    shape, size = recipe.instance_shape, recipe.instance_size
    if header.shape in {shape, (size,)}:
        total = 1
    elif header.shape[1:] in {shape, (size,)}:
        total = header.shape[0]
    else:
        raise WrongShape(f"the array has shape {list(header.shape)}; expected [N, {lengths(shape)}] or [N, {size}]")
    if header.fortran_order and total > 1:
        raise WrongShape("the array is stored in Fortran order, its rows strewn over the file", advice="Save numpy.ascontiguousarray(it).")
    row_bytes = size * npy.item_bytes(header, recipe.dtype)
    _check_size("array", header.offset + total * row_bytes, size_bytes)
    file.read(header.offset)
    return Rows("npy", _checked(_records(file, row_bytes, total, lambda values: npy.convert(values, header, recipe.dtype)), "npy"), total)


def _idx(file: "io.BufferedReader[Any]", size_bytes: int | None, recipe: Recipe) -> Rows:
    if not recipe.takes_pictures:
        no_pictures()
    head = file.read(16)
    if head[:4] != IDX_IMAGES:
        kind = f"type 0x{head[2]:02x} in {head[3]} dimensions" if len(head) > 3 else "an unfinished header"
        raise WrongShape(
            f"the idx file holds {kind}; expected images, unsigned bytes in 3 dimensions", advice="Labels are not predicted from."
        )
    total, *shape = (int.from_bytes(head[at : at + 4], "big") for at in (4, 8, 12))
    if tuple(shape) != recipe.instance_shape:
        raise WrongShape(f"the idx file holds images of {lengths(tuple(shape))}; expected {lengths(recipe.instance_shape)}")
    _check_size("idx file", 16 + total * recipe.instance_size, size_bytes)
    return Rows("idx", _checked(_records(file, recipe.instance_size, total, bytes), "idx"), total)


def _records(file: "io.BufferedReader[Any]", row_bytes: int, total: int, read: Callable[[bytes], bytes]) -> Iterator[Row]:
    for number in range(1, total + 1):
        content = file.read(row_bytes)
        if len(content) < row_bytes:
            raise Malformed(f"the file ends in row {number:,} of {total:,}", advice="Upload the whole file.")
        try:
            yield Row(number, read(content))
        except InvalidInput as error:
            yield Row(number, None, error)


def _zip(file: "io.BufferedReader[Any]", recipe: Recipe) -> Rows:
    if not recipe.takes_pictures:
        no_pictures()
    with _unbroken("the zip file"):
        _check_directory(file)
        archive = zipfile.ZipFile(file)
    entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_litter(entry.filename)]
    if len(entries) > MAX_ENTRIES:
        raise TooLarge(f"the zip file has {len(entries):,} files; the limit is {MAX_ENTRIES:,}", advice="Split it up.")
    if not entries:
        raise WrongShape("the zip file holds no file; expected PNG and JPEG pictures")

    def rows() -> Iterator[Row]:
        for number, entry in enumerate(entries, 1):
            try:
                yield Row(number, recipe.from_image(_entry(archive, entry)), about={"name": entry.filename})
            except InvalidInput as error:
                yield Row(number, None, error, {"name": entry.filename})

    return Rows("zip", rows(), len(entries))


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if entry.flag_bits & 1:
        raise Malformed("it is encrypted", advice="Zip it without a password.")
    with _unbroken("its zip entry"), archive.open(entry) as opened:
        content = opened.read(MAX_ENTRY_BYTES + 1)  # what the directory says of its size is only a claim
    if len(content) > MAX_ENTRY_BYTES:
        raise TooLarge(f"it has more than {MAX_ENTRY_BYTES:,} bytes", advice="Upload it alone, or smaller.")
    return content


def _check_directory(file: "io.BufferedReader[Any]") -> None:
    """Refuse a directory too large to be read into memory, which zipfile does at once."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - (1 << 16) - 22))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise Malformed("the zip file has no directory at its end", advice="Upload the whole file.")
    directory_bytes = int.from_bytes(tail[at + 12 : at + 16], "little")
    if directory_bytes > MAX_DIRECTORY_BYTES:  # zip64's mark, of more than 65,535 files or 4 GB, is above it too
        raise TooLarge("the zip file has too many files, or more than 4 GB", advice="Split it up.")
    file.seek(0)


def _is_litter(name: str) -> bool:
    """Whether a Mac or a hidden file put it there, not the sender."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith(".")


def _check_size(what: str, announced: int, held: int | None) -> None:
    if held is not None and announced != held:
        raise Malformed(
            f"the {what} announces {announced:,} bytes with its header; the upload has {held:,}", advice="Upload the whole file."
        )


def _checked(rows: Iterator[Row], what: str) -> Iterator[Row]:
    with _unbroken(f"the {what}"):
        yield from rows


@contextmanager
def _unbroken(what: str) -> Iterator[None]:
    """Turn what the standard library raises on broken archives into Malformed."""
    try:
        yield
    except BROKEN as error:
        raise Malformed(f"{what} is broken: {error or type(error).__name__}", advice="Pack it again and upload the whole file.") from error
