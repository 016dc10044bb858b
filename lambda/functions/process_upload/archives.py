"""Uploads that are packed: gzip is unpacked as it is read, and a zip holds pictures."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from functions.process_upload.rows import Row, Rows
from recipes.errors import InvalidInput, Malformed, TooLarge, WrongShape
from recipes.recipe import Recipe, refuse_pictures

READ_BYTES = 1 << 20
MAX_ENTRY_BYTES = 5 << 20
MAX_ENTRIES, MAX_DIRECTORY_BYTES = 100_000, 32 << 20
GZIP, ZIPS = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")
BROKEN = (zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, RuntimeError)


@contextmanager
def refuse_broken(what: str) -> Iterator[None]:
    """Raise Malformed in place of what the standard library raises on broken archives."""
    try:
        yield
    except BROKEN as error:
        raise Malformed(f"{what} is broken: {error or type(error).__name__}", advice="Pack it again and upload the whole file.") from error


def open_gzip(file: "io.BufferedReader[Any]") -> "io.BufferedReader[Any]":
    """Return the file that is packed in a gzip file."""
    return io.BufferedReader(gzip.GzipFile(fileobj=file), READ_BYTES)


def read_zip(file: "io.BufferedReader[Any]", recipe: Recipe) -> Rows:
    """Return a row for each picture in a zip file.

    Raises:  InvalidInput: it is broken or too large, holds no file, or the recipe takes no pictures.
    """
    if not recipe.takes_pictures:
        refuse_pictures()
    with refuse_broken("the zip file"):
        _check_directory(file)
        archive = zipfile.ZipFile(file)
    entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_hidden(entry.filename)]
    if len(entries) > MAX_ENTRIES:
        raise TooLarge(f"the zip file has {len(entries):,} files; the limit is {MAX_ENTRIES:,}", advice="Split it up.")
    if not entries:
        raise WrongShape("the zip file holds no file; expected PNG and JPEG pictures")
    return Rows("zip", (_read_row(archive, entry, number, recipe) for number, entry in enumerate(entries, 1)), len(entries))


def _read_row(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, number: int, recipe: Recipe) -> Row:
    about = {"name": entry.filename}
    try:
        return Row(number, recipe.from_image(_read_entry(archive, entry)), about=about)
    except InvalidInput as error:
        return Row(number, None, error, about)


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if entry.flag_bits & 1:
        raise Malformed("the file in the zip is encrypted", advice="Zip it without a password.")
    with refuse_broken("the file in the zip"), archive.open(entry) as opened:
        content = opened.read(MAX_ENTRY_BYTES + 1)  # what the directory says of its size is only a claim
    if len(content) > MAX_ENTRY_BYTES:
        raise TooLarge(f"the file in the zip has more than {MAX_ENTRY_BYTES:,} bytes", advice="Upload it alone, or smaller.")
    return content


def _check_directory(file: "io.BufferedReader[Any]") -> None:
    """Refuse a directory too large for memory, because zipfile reads all of it at once."""
    size_bytes = file.seek(0, io.SEEK_END)
    file.seek(max(0, size_bytes - (1 << 16) - 22))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise Malformed("the zip file has no directory at its end", advice="Upload the whole file.")
    directory_bytes = int.from_bytes(tail[at + 12 : at + 16], "little")
    if directory_bytes > MAX_DIRECTORY_BYTES:  # zip64's mark, of more than 65,535 files or 4 GB, is above it too
        raise TooLarge("the zip file has too many files, or more than 4 GB", advice="Split it up.")
    file.seek(0)


def _is_hidden(name: str) -> bool:
    """Return whether a Mac put the file there, or it is hidden: then it is not the sender's."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith(".")
