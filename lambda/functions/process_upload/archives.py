"""Uploads that are packed: gzip is unpacked as it is read, and a zip holds pictures."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from functions.process_upload.rows import LONGEST_ABOUT, Row, Rows
from recipes.errors import InferstackError, InvalidInput, Malformed, TooLarge, UnsupportedType, WrongShape
from recipes.recipe import Recipe, refuse_pictures

READ_BYTES = 1 << 20
MAX_ENTRY_BYTES = 5 << 20
MAX_UNPACKED_BYTES = 4 << 30  # four times the largest upload
GZIP_READ_BYTES, GZIP_MEMBER = 1 << 16, 31  # zlib's sign for a gzip header
MAX_GZIP_MEMBERS = 100_000
MAX_ENTRIES, MAX_DIRECTORY_BYTES = 65_535, 16 << 20
GZIP, ZIPS = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")
DIRECTORY_END, DIRECTORY_END_BYTES, ZIP64_LOCATOR, ZIP64_LOCATOR_BYTES = b"PK\x05\x06", 22, b"PK\x06\x07", 20
METHOD_NAMES = {9: "Deflate64", zipfile.ZIP_BZIP2: "bzip2", zipfile.ZIP_LZMA: "LZMA", 93: "Zstandard", 95: "XZ"}
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # others unpack into as much memory as their sender likes


@contextmanager
def refuse_broken(what: str) -> Iterator[None]:
    """Raise an InvalidInput in place of whatever a reader of hostile bytes raises.

    The standard library's raise anything, and an upload that cannot be read is to end its job in words, not to be tried again.
    """
    try:
        yield
    except InferstackError:
        raise
    except MemoryError as error:
        raise TooLarge(f"{what} takes more memory than there is", advice="Send less at once.") from error
    except Exception as error:
        raise Malformed(
            f"{what} is broken: {error or type(error).__name__}"[:500], advice="Pack it again and upload the whole file."
        ) from error


class _Unpacked(io.RawIOBase):
    """What is packed in a gzip file, up to a limit that is on what comes out.

    gzip.GzipFile would take as long as the sender likes over a file of members that hold nothing.
    """

    def __init__(self, file: "io.BufferedReader[Any]") -> None:
        super().__init__()
        self._file, self._packed = file, b""
        self._member = zlib.decompressobj(GZIP_MEMBER)
        self._members, self._unpacked_bytes = 1, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while True:
            if self._member.eof:
                self._packed = self._member.unused_data.lstrip(b"\0")  # some tools pad what is between members
            packed = self._packed or self._file.read1(GZIP_READ_BYTES)
            if not packed:
                if self._member.eof:
                    return 0
                raise EOFError("it ends in the middle")
            if self._member.eof:
                self._open_member()
            content = self._member.decompress(packed, len(buffer))
            self._packed = self._member.unconsumed_tail
            if content:
                self._unpacked_bytes += len(content)
                if self._unpacked_bytes > MAX_UNPACKED_BYTES:
                    raise TooLarge(f"the gzip file unpacks to more than {MAX_UNPACKED_BYTES:,} bytes", advice="Split it up.")
                buffer[: len(content)] = content
                return len(content)

    def _open_member(self) -> None:
        self._members += 1
        if self._members > MAX_GZIP_MEMBERS:
            raise TooLarge(f"the gzip file has more than {MAX_GZIP_MEMBERS:,} members", advice="Pack it in one piece.")
        self._member = zlib.decompressobj(GZIP_MEMBER)


def open_gzip(file: "io.BufferedReader[Any]") -> "io.BufferedReader[Any]":
    """Return the file that is packed in a gzip file; reading it raises TooLarge when more comes out than may."""
    return io.BufferedReader(_Unpacked(file), READ_BYTES)


def read_zip(file: "io.BufferedReader[Any]", recipe: Recipe) -> Rows:
    """Return a row for each picture in a zip file.

    Raises:  InvalidInput: it is broken or too large, holds no file, or the recipe takes no pictures.
    """
    if not recipe.takes_pictures:
        refuse_pictures()
    _check_directory(file)
    archive = zipfile.ZipFile(file)
    entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_hidden(entry.filename)]
    if len(entries) > MAX_ENTRIES:
        raise TooLarge(f"the zip file has {len(entries):,} files; the limit is {MAX_ENTRIES:,}", advice="Split it up.")
    if not entries:
        raise WrongShape("the zip file holds no file; expected PNG and JPEG pictures")
    return Rows("zip", (_read_row(archive, entry, number, recipe) for number, entry in enumerate(entries, 1)), len(entries))


def _read_row(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, number: int, recipe: Recipe) -> Row:
    about = {"name": entry.filename[-LONGEST_ABOUT:]}
    try:
        with refuse_broken("the file in the zip"):
            return Row(number, recipe.from_image(_read_entry(archive, entry)), about=about)
    except InvalidInput as error:
        return Row(number, None, error, about)


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if entry.flag_bits & 1:
        raise Malformed("the file in the zip is encrypted", advice="Zip it without a password.")
    if entry.compress_type not in METHODS:
        method = METHOD_NAMES.get(entry.compress_type, f"method {entry.compress_type}")
        raise UnsupportedType(f"the file in the zip is packed with {method}; deflate and store are read here", advice="Pack it again.")
    with archive.open(entry) as opened:
        content = opened.read(MAX_ENTRY_BYTES + 1)  # what the directory says of its size is only a claim
    if len(content) > MAX_ENTRY_BYTES:
        raise TooLarge(f"the file in the zip has more than {MAX_ENTRY_BYTES:,} bytes", advice="Upload it alone, or smaller.")
    return content


def _check_directory(file: "io.BufferedReader[Any]") -> None:
    """Refuse a directory too large for memory, because zipfile reads all of it at once, each entry into 600 bytes or more."""
    size_bytes = file.seek(0, io.SEEK_END)
    file.seek(max(0, size_bytes - (1 << 16) - DIRECTORY_END_BYTES - ZIP64_LOCATOR_BYTES))
    tail = file.read()
    at = tail.rfind(DIRECTORY_END)
    if at < 0 or len(tail) < at + DIRECTORY_END_BYTES:
        raise Malformed("the zip file has no directory at its end", advice="Upload the whole file.")
    directory_bytes = int.from_bytes(tail[at + 12 : at + 16], "little")
    # zipfile believes a zip64 directory's size wherever there is a locator of it.
    is_zip64 = tail.startswith(ZIP64_LOCATOR, max(0, at - ZIP64_LOCATOR_BYTES))
    if is_zip64 or directory_bytes > MAX_DIRECTORY_BYTES:
        raise TooLarge(
            f"the zip file has more than {MAX_ENTRIES:,} files or 4 GB (zip64), or their names are too long", advice="Split it up."
        )
    file.seek(0)


def _is_hidden(name: str) -> bool:
    """Return whether a Mac put the file there, or it is hidden: then it is not the sender's."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith(".")
