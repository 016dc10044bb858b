"""What the connections of a worker share: limits, time, and the exchanges they pass to the handler. Nothing here knows models."""

from collections.abc import Callable
from dataclasses import dataclass
from time import gmtime, strftime
from typing import Protocol

from serving.http.exchange import Exchange
from serving.http.heads import Heads
from serving.settings import REALTIME_BODY_BYTES

RETRY_AFTER = b"retry-after: 1\r\n"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a connection may take.

    Args:    head_bytes: request line and headers; 431 beyond.
             body_bytes: 413 beyond.
             held_bytes: bodies of all connections together; 503 beyond.
             connections: 503 beyond.
             pipelined: unanswered requests on one connection before no more is read from it.
             idle_s: between two requests. request_s: from a request's first byte to its last; 408 beyond.
             write_s: an answer nobody reads. linger_s: how long a refused request's rest is read and dropped, so that the refusal arrives.
    """

    head_bytes: int = 16 << 10
    body_bytes: int = REALTIME_BODY_BYTES
    held_bytes: int = 256 << 20
    connections: int = 1024
    pipelined: int = 32
    idle_s: int = 75
    request_s: int = 60
    write_s: int = 60
    linger_s: int = 2


Handle = Callable[[Exchange], None]


class ExpiringConnection(Protocol):
    """A connection, as `sweep` sees it."""

    def expire(self) -> None:
        """Close if something has taken longer than its limit."""


class Front:
    """What the connections of one worker share.

    Args:    handle: called with each whole request; it answers with `exchange.reply`, at once or later, and never raises.
             refusal: (code, message) → the body of an answer that is given before there is a whole request.
    """

    def __init__(self, handle: Handle, refusal: Callable[[str, str], bytes], limits: Limits) -> None:
        self.handle = handle
        self.refusal = refusal
        self.limits = limits
        self.heads = Heads()
        self.connections: set[ExpiringConnection] = set()
        self.held_bytes = 0
        self.draining = False
        self.now_s = 0
        self.date = b""
        self.sweep()

    def sweep(self) -> None:
        """Count a second, and close what has waited too long. Called once a second, so that no request pays for a timer."""
        self.now_s += 1
        self.date = strftime("date: %a, %d %b %Y %H:%M:%S GMT\r\n", gmtime()).encode()
        for connection in tuple(self.connections):
            connection.expire()

    def drain(self) -> None:
        """From now on every answer closes its connection, and the next sweep closes those without one due."""
        self.draining = True
