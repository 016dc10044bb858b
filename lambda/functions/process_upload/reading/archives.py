"""What hostile archives are read with: gzip is unpacked as it is read."""

import io
import zlib
from typing import Any

from functions.shared.reading.arrays.members import MAX_UNPACKED_BYTES
from recipes.errors import TooLarge

READ_BYTES = 1 << 20
GZIP_READ_BYTES, GZIP_MEMBER = 1 << 16, 31  # zlib's sign for a gzip header
MAX_GZIP_MEMBERS = 100_000
GZIP = b"\x1f\x8b"


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
