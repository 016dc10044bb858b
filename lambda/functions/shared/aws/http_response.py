"""A response of HTTP/1.1, read from a connection. http.client would do, and importing it takes a sixth of a function's start."""

from collections.abc import Mapping
from typing import BinaryIO, NamedTuple

LONGEST_LINE_BYTES, MOST_HEADERS = 1 << 16, 100


class Answer(NamedTuple):
    """A response.

    Args:    headers: by lower-case name; of a repeated one, the last.
             is_whole: whether the host keeps the connection open, and nothing of the response is left on it.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_whole: bool


def read_answer(connection: BinaryIO, most_bytes: int) -> Answer:
    """Return the response to a request that was neither HEAD nor CONNECT.

    Args:    most_bytes: of the body; more are not read.
    Raises:  ConnectionError: the connection ended before the response did, or what it sent is none.
    Source:  RFC 9112, sections 4 to 7.
    """
    status = 100
    while status < 200:  # what a host says before it responds
        version, status = _read_status(connection)
        headers = _read_headers(connection)
    if status in {204, 304}:
        body, is_whole = b"", True
    elif "transfer-encoding" in headers:
        body, is_whole = _read_chunks(connection, most_bytes)
    elif "content-length" in headers:
        length = _read_number(headers["content-length"].encode(), 10)
        body = _read_exactly(connection, min(length, most_bytes))
        is_whole = length <= most_bytes
    else:
        body, is_whole = connection.read(most_bytes), False
    return Answer(status, headers, body, is_whole and version == b"HTTP/1.1" and headers.get("connection", "").lower() != "close")


def _read_status(connection: BinaryIO) -> tuple[bytes, int]:
    version, _, rest = _read_line(connection).partition(b" ")
    if not version.startswith(b"HTTP/1."):
        raise ConnectionError("the host does not speak HTTP/1.1")
    return version, _read_number(rest[:3], 10)


def _read_headers(connection: BinaryIO) -> dict[str, str]:
    headers: dict[str, str] = {}
    for _ in range(MOST_HEADERS):
        line = _read_line(connection)
        if not line:
            return headers
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    raise ConnectionError(f"the response has more than {MOST_HEADERS} headers")


def _read_chunks(connection: BinaryIO, most_bytes: int) -> tuple[bytes, bool]:
    """Return a body that is sent in chunks, and whether it was read to its end."""
    parts, left_bytes = list[bytes](), most_bytes
    while size := _read_number(_read_line(connection).partition(b";")[0].strip(), 16):
        parts.append(_read_exactly(connection, min(size, left_bytes)))
        if size > left_bytes:
            return b"".join(parts), False
        left_bytes -= size
        _read_line(connection)
    _read_headers(connection)  # what may follow the last chunk
    return b"".join(parts), True


def _read_line(connection: BinaryIO) -> bytes:
    line = connection.readline(LONGEST_LINE_BYTES)
    if not line.endswith(b"\n"):
        raise ConnectionError("the connection ended before the response did" if len(line) < LONGEST_LINE_BYTES else "a line is too long")
    return line.rstrip(b"\r\n")


def _read_exactly(connection: BinaryIO, size: int) -> bytes:
    content = connection.read(size)
    if len(content) < size:
        raise ConnectionError(f"the body broke off {size - len(content):,} bytes before its end")
    return content


def _read_number(text: bytes, base: int) -> int:
    if not 0 < len(text) < 16 or not text.isalnum():  # int() takes signs, blanks and underscores too
        raise ConnectionError(f"the response has {text[:20]!r} where a number is expected")
    try:
        return int(text, base)
    except ValueError as error:
        raise ConnectionError(f"the response has {text[:20]!r} where a number is expected") from error
