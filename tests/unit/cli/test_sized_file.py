"""A file on its way into a form: never held whole, and as long as it was announced."""

import io

import pytest

from cli.http.sized_file import SizedFile


class Gigabyte(io.RawIOBase):
    """A file too large to be held, which keeps the largest read that was asked for."""

    def __init__(self) -> None:
        self.left, self.largest_read = 1 << 30, 0

    def read(self, size: int = -1) -> bytes:
        assert size >= 0, "asked for all of it"
        self.largest_read = max(self.largest_read, size)
        block = bytes(min(size, self.left))
        self.left -= len(block)
        return block


def test_never_reads_a_gigabyte_whole() -> None:
    file, reports = Gigabyte(), list[int]()
    content = SizedFile(file, 1 << 30, reports.append)  # type: ignore[arg-type]
    assert content.seek(0, io.SEEK_END) == 1 << 30
    while content.read(65_536):
        pass
    assert (file.largest_read, file.left, reports[-1]) == (65_536, 0, 1 << 30)


def test_sends_no_more_than_it_announced_of_a_file_that_grows() -> None:
    content = SizedFile(io.BytesIO(b"0123456789"), 5)
    assert (content.read(100), content.read(100)) == (b"01234", b"")


def test_stops_when_a_file_gets_shorter() -> None:
    content = SizedFile(io.BytesIO(b"01"), 5)
    assert content.read(100) == b"01"
    with pytest.raises(OSError, match="now ends 3 earlier"):
        content.read(100)
