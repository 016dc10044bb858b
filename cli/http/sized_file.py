"""A file on its way into a form, as long as it was announced."""

import os
from collections.abc import Callable
from typing import BinaryIO


class SizedFile:
    """An open file as httpx reads one into a form: its length is known before its first byte, whatever others write to it meanwhile.

    Args:    file: read from where it stands.
             size_bytes: how much of it is sent.
             report: called with the bytes that were read so far.
    """

    def __init__(self, file: BinaryIO, size_bytes: int, report: Callable[[int], object] = lambda _: None) -> None:
        self._file, self._size_bytes, self._left, self._report = file, size_bytes, size_bytes, report

    def read(self, limit: int) -> bytes:
        """Return the next bytes, at most so many; raise OSError if the file has become shorter."""
        block = self._file.read(min(limit, self._left))
        if self._left and not block:
            raise OSError(f"the file had {self._size_bytes:,} bytes and now ends {self._left:,} earlier; wait until nothing writes to it")
        self._left -= len(block)
        self._report(self._size_bytes - self._left)
        return block

    def tell(self) -> int:
        """Return the place of the next byte."""
        return self._size_bytes - self._left

    def seek(self, place: int, whence: int = os.SEEK_SET) -> int:
        """Return the size for the end, as httpx asks for it; go to no other place, since a form is read once."""
        return self._size_bytes if whence == os.SEEK_END else place
