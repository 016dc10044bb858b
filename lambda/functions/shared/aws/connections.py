"""Connections to one host: they are kept open, and each serves one request at a time."""

import io
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from select import POLLIN, poll
from typing import Any, Protocol

from functions.shared.aws.address import Address
from functions.shared.aws.http_response import Answer, read_answer
from functions.shared.aws.trust import find_first, find_whole


class Sender(Protocol):
    """Sends to one host; `Connections` is one."""

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes, *, wait_s: float, most_bytes: int) -> Answer:
        """Return the response; raise TimeoutError or ConnectionError."""

    def close(self) -> None:
        """Close the connections that are kept."""


class Connections:
    """The open connections to one host. Threads may send at the same time.

    Args:    address: of the host.
             connect_s: how long connecting may take.
             authorities: a file of the certificates to trust; "" for those that the system trusts.
             clock: replaced in tests.
    Raises:  InvalidSettings: the system trusts none.
    """

    def __init__(self, address: Address, connect_s: float, authorities: str = "", *, clock: Callable[[], float] = time.monotonic) -> None:
        self._address, self._connect_s, self._clock = address, connect_s, clock
        self._authorities = authorities
        self._tls = find_first(address.host, authorities) if address.is_secure else None
        self._idle: list[socket.socket] = []

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes, *, wait_s: float, most_bytes: int) -> Answer:
        """Return the response to a request.

        Args:    target: the path and the query, percent-encoded.
                 headers: with the host, without the body's length; none has a line break.
                 wait_s: how long to wait for all of it, a connection too.
                 most_bytes: of its body; more are not read.
        Raises:  TimeoutError: no response in time.
                 ConnectionError: no connection, or it was lost.
        """
        lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
        request = f"{method} {target} HTTP/1.1\r\n{''.join(lines)}content-length: {len(body)}\r\n\r\n".encode() + body
        ends_s, idle, is_kept = self._clock() + wait_s, self._take_idle(), False
        connection = idle or self._connect()  # at each address of the host in turn: it may take longer than one of them may
        try:
            left_s = ends_s - self._clock()
            if left_s <= 0:
                raise ConnectionError("it took all the time to connect")
            connection.settimeout(left_s)
            connection.sendall(request)
            answer = read_answer(io.BufferedReader(_Incoming(connection, ends_s, self._clock)), most_bytes)
            is_kept = answer.is_whole
        except OSError as error:
            if idle:  # what froze the function since, or a router that forgot, cost the others too: the next try is by a new one
                self.close()
            if isinstance(error, TimeoutError | ConnectionError):
                raise
            raise ConnectionError(f"the connection was lost: {type(error).__name__}: {error}") from error
        finally:
            if is_kept:
                self._idle.append(connection)
            else:
                connection.close()  # what is left of this response would be taken for the next
        return answer

    def close(self) -> None:
        """Close the connections that are kept."""
        with suppress(IndexError):  # another thread may take the last one
            while self._idle:
                self._idle.pop().close()

    def _take_idle(self) -> socket.socket | None:
        """Return a connection that is kept, if there is one that the host did not close while the function slept."""
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:  # not asked before: another thread may take the last one in between
                return None
            events = poll()
            events.register(connection, POLLIN)
            if not events.poll(0):
                return connection
            connection.close()  # there is something to read, though nothing was asked: its end

    def _connect(self) -> socket.socket:
        tls = self._tls  # another thread may replace it meanwhile
        try:
            try:
                return self._open(tls)
            except ssl.SSLCertVerificationError:
                if tls is (whole := find_whole(self._authorities)):
                    raise
                self._tls = whole  # the certificate is of none of Amazon's authorities, as behind a company's proxy
                return self._open(whole)
        except OSError as error:  # a time-out too: nothing was sent, so another try is not a second request
            raise ConnectionError(f"no connection to {self._address.authority}: {type(error).__name__}: {error}") from error

    def _open(self, tls: ssl.SSLContext | None) -> socket.socket:
        address = self._address
        connection = socket.create_connection((address.host, address.port or (443 if address.is_secure else 80)), self._connect_s)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return tls.wrap_socket(connection, server_hostname=address.host) if tls else connection
        except OSError:
            connection.close()
            raise


class _Incoming(io.RawIOBase):
    """A connection's bytes, up to a time on the clock. A socket's own time-out begins anew with each byte that comes."""

    def __init__(self, connection: socket.socket, ends_s: float, clock: Callable[[], float]) -> None:
        self._connection, self._ends_s, self._clock = connection, ends_s, clock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left_s = self._ends_s - self._clock()
        if left_s <= 0:
            raise TimeoutError("the response did not end in time")
        self._connection.settimeout(left_s)
        return self._connection.recv_into(buffer)
