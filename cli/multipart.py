"""A form with one file as multipart/form-data (RFC 7578), its length known before its first byte and its file never held whole."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

READ_BYTES = 256 << 10


class Unreadable(Exception):
    """The file cannot be read to the length that was announced. No OSError: those are the network's here."""


@dataclass(frozen=True, slots=True)
class Form:
    """What is sent.

    Args:    fields: in the order they are sent in. S3 reads none that come after the file.
             name: the file's, for whoever receives it.
             content_type: the file's.
             size_bytes: the file's.
             boundary: random, so that no file holds it.
    """

    fields: Mapping[str, str]
    name: str
    content_type: str
    size_bytes: int
    boundary: str = field(default_factory=lambda: f"inferstack-{uuid.uuid4().hex}")

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the request that carries it."""
        length = len(self._head) + self.size_bytes + len(self._tail)
        return {"content-type": f"multipart/form-data; boundary={self.boundary}", "content-length": str(length)}

    def body(self, file: BinaryIO, sent: Callable[[int], object] = lambda _: None) -> Iterator[bytes]:
        """Yield the request's body, as many bytes as its headers say.

        Args:    file: read from where it stands, READ_BYTES at once.
                 sent: told the file's bytes that were taken so far.
        Raises:  Unreadable: an error of the disk, or fewer bytes than `size_bytes`; what the file has more is not sent.
        """
        yield self._head
        left = self.size_bytes
        while left:
            try:
                block = file.read(min(READ_BYTES, left))
            except OSError as error:
                raise Unreadable(str(error)) from error
            if not block:
                raise Unreadable(f"the file had {self.size_bytes:,} bytes and now ends {left:,} earlier; wait until nothing writes to it")
            yield block
            left -= len(block)
            sent(self.size_bytes - left)
        yield self._tail

    @property
    def _head(self) -> bytes:
        parts = [
            f'--{self.boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n{value}\r\n'
            for name, value in self.fields.items()
        ]
        disposition = f'Content-Disposition: form-data; name="file"; filename="{_quoted(self.name)}"'
        parts.append(f"--{self.boundary}\r\n{disposition}\r\nContent-Type: {self.content_type}\r\n\r\n")
        return "".join(parts).encode()

    @property
    def _tail(self) -> bytes:
        return f"\r\n--{self.boundary}--\r\n".encode()


def _quoted(name: str) -> str:
    """Return a name as browsers write it between quotes (HTML's multipart/form-data encoding algorithm)."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
