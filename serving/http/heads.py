"""Heads of requests that came before: a client sends the same one with each request, and parsing it anew costs more than answering."""

from collections.abc import Callable
from typing import NamedTuple

from serving.http.exchange import Exchange

END = b"\r\n\r\n"
MOST, LONGEST = 256, 1024


class _Head(NamedTuple):
    """What a head says, and how many bytes it has with the blank line at its end."""

    size: int
    body_bytes: int
    method: bytes
    target: bytes
    content_type: bytes
    accept: bytes


class Heads:
    """256 heads by their bytes, each of at most 1 KiB.

    Args:    each: of so many requests that were parsed one is remembered: clients whose heads always differ pay little for the others.
    """

    def __init__(self, *, each: int = 8) -> None:
        self._each = each
        self._parsed = 0
        self._known: dict[bytes, _Head] = {}

    def find(self, data: bytes, settle: Callable[[], None]) -> Exchange | None:
        """Return the request in the data, if its head is known and the data holds this one request and nothing else."""
        head = self._known.get(data[: data.find(END, 0, LONGEST) + len(END)])
        if head is None or len(data) != head.size + head.body_bytes:
            return None
        exchange = Exchange(settle)
        size, _, exchange.method, exchange.target, exchange.content_type, exchange.accept = head
        exchange.body = data[size:]
        exchange.keep_alive = True
        return exchange

    def remember(self, data: bytes, framing: bytes, exchange: Exchange) -> None:
        """Keep the head of a request that was parsed, if it is of HTTP/1.1, keeps its connection and is all that the data holds.

        One in chunks is parsed each time, and so is one that asks to be told to continue: it may get two answers.

        Args:    framing: the headers that say how long the body is.
        """
        self._parsed += 1
        if self._parsed % self._each or exchange.http10 or not exchange.keep_alive:
            return
        size, body_bytes = data.find(END, 0, LONGEST) + len(END), len(exchange.body)
        is_alone = len(data) == size + body_bytes and framing in (b"", b"content-length: %d\r\n" % body_bytes)
        if not is_alone or b"expect" in data[:size].lower():
            return
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[data[:size]] = _Head(size, body_bytes, exchange.method, exchange.target, exchange.content_type, exchange.accept)
