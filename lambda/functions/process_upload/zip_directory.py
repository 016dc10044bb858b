"""A zip's directory as its own bytes, some 60 a file: zipfile would keep each file as an object of 700, for as long as it is open.

zipfile still reads each record: a few hundred of them at a time, as the directory of a zip that holds no other files.
"""

import io
import zipfile
from array import array
from collections.abc import Callable, Iterator, Sequence
from struct import Struct
from typing import Any

from recipes.errors import Malformed, TooLarge

MAX_MEMBERS, MAX_DIRECTORY_BYTES = 65_535, 16 << 20
LONGEST_COMMENT = 1 << 16
AT_ONCE = 256  # records that are objects at the same time
END, LOCATOR, RECORD_BYTES = b"PK\x05\x06", b"PK\x06\x07", 46
LOCATOR_BYTES = 20  # a zip64's, which stands before the end
MAX_OFFSET = (1 << 32) - 1 - LOCATOR_BYTES
_END = Struct("<4s4H2LH")
_LENGTHS = Struct("<28x3H")  # of a record's name, extra field and comment


class Directory(Sequence[zipfile.ZipInfo]):
    """The files of a zip; each is read when it is asked for.

    Args:    file: the zip.
             at: where its directory begins.
             records: the directory.
             offset: where it begins by what the zip says, which is less where something stands before the zip.
    """

    def __init__(self, file: "io.BufferedReader[Any]", at: int, records: bytes, offset: int) -> None:
        self._file, self._at, self.records, self._offset = file, at, records, offset
        self._starts = array("I", _find_starts(records))
        self.archive = self._open(b"")  # opens any of the files

    def choose(self, is_meant: Callable[[zipfile.ZipInfo], bool]) -> None:
        """Forget the files that are not meant.

        Raises:  zipfile.BadZipFile, ValueError, NotImplementedError: a record is broken.
        """
        self._starts = array("I", (start for start, member in zip(self._starts, self, strict=True) if is_meant(member)))

    def __len__(self) -> int:
        """Return how many files there are."""
        return len(self._starts)

    def __iter__(self) -> Iterator[zipfile.ZipInfo]:
        """Give the files in order."""
        for number in range(0, len(self), AT_ONCE):
            yield from self[number : number + AT_ONCE]

    def __getitem__(self, number: Any) -> Any:
        """Return a file, or a list of those of a slice."""
        if not isinstance(number, slice):
            return self[number : number + 1][0]
        records = b"".join(self.records[start : start + _measure(self.records, start)] for start in self._starts[number])
        return self._open(records).infolist()

    def _open(self, records: bytes) -> zipfile.ZipFile:
        """Return a zip whose directory is some of the records."""
        _refuse_zip64(records, len(records))
        # Before them, so that zipfile does not take the last bytes of a file in the zip for a locator.
        rest = bytes(LOCATOR_BYTES) + records
        end = _END.pack(END, 0, 0, 0, 0, len(records), self._offset + LOCATOR_BYTES, 0)
        file: Any = _Spliced(self._file, self._at, rest + end)
        return zipfile.ZipFile(file)


class _Spliced:
    """A file up to a position, and other bytes from there on, as zipfile reads it: never across that position."""

    def __init__(self, file: "io.BufferedReader[Any]", end: int, rest: bytes) -> None:
        self._file, self._end, self._rest, self._at = file, end, rest, 0

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._end + len(self._rest)}[whence]
        return self._at

    def read(self, size: int = -1) -> bytes:
        most = self._end + len(self._rest) if size < 0 else self._at + size
        if self._at < self._end:
            self._file.seek(self._at)
            content = self._file.read(min(most, self._end) - self._at)
        else:
            content = self._rest[self._at - self._end : most - self._end]
        self._at += len(content)
        return content


def read_directory(file: "io.BufferedReader[Any]") -> Directory:
    """Return the directory of a zip.

    Raises:  InvalidInput: there is none, or it is larger than what is read here.
    """
    size_bytes = file.seek(0, io.SEEK_END)
    tail_at = file.seek(max(0, size_bytes - LONGEST_COMMENT - _END.size - LOCATOR_BYTES))
    tail = file.read()
    at = tail.rfind(END)
    if at < 0 or len(tail) < at + _END.size:
        raise Malformed("the zip file has no directory at its end", advice="Upload the whole file.")
    _refuse_zip64(tail, at)
    *_, directory_bytes, offset, _ = _END.unpack_from(tail, at)
    if directory_bytes > MAX_DIRECTORY_BYTES:
        _refuse_large()
    begins_at = tail_at + at - directory_bytes
    if begins_at < 0 or offset > MAX_OFFSET:
        raise Malformed("the zip file's directory is not where its end says that it is", advice="Upload the whole file.")
    file.seek(begins_at)
    return Directory(file, begins_at, file.read(directory_bytes), offset)


def _refuse_zip64(content: bytes, end: int) -> None:
    """Refuse what ends in a zip64 locator: zipfile believes the directory's size that it leads to, wherever there is one."""
    if content.startswith(LOCATOR, max(0, end - LOCATOR_BYTES)):
        _refuse_large()


def _refuse_large() -> None:
    raise TooLarge(f"the zip file has more than {MAX_MEMBERS:,} files or 4 GB (zip64), or their names are too long", advice="Split it up.")


def _find_starts(records: bytes) -> Iterator[int]:
    at = 0
    while at < len(records):
        yield at
        at += _measure(records, at)


def _measure(records: bytes, at: int) -> int:
    """Return the length of the record that begins there, or what is left if that is no whole one, which zipfile refuses."""
    if at + RECORD_BYTES > len(records):
        return len(records) - at
    name, extra, comment = _LENGTHS.unpack_from(records, at)
    return RECORD_BYTES + int(name + extra + comment)
