"""An open-loop load: requests are sent when they are due, whether or not earlier ones have been answered, as many callers do."""

import select
import socket
import time
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

GIVE_UP_S = 20.0


class OpenLoop:
    """Connections to one server, each with one request at a time; more are opened where all wait.

    Args:    url: where it is posted to.
             body, headers: of each request.
    """

    def __init__(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        address = urlsplit(url)
        self._address = (address.hostname or "", address.port or 80)
        lines = {"host": self._address[0], **headers, "content-length": str(len(body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self._request = f"POST {address.path} HTTP/1.1\r\n{head}\r\n".encode() + body
        self._poll = select.epoll()
        self._free: list[socket.socket] = []
        self._waiting: dict[int, tuple[socket.socket, float, bytearray]] = {}
        self.refused = 0

    def run(self, arrivals: Sequence[float]) -> list[float]:
        """Send a request at each time, in seconds from now, and return how long each took from when it was due.

        It never sleeps: a core is its own. What the server refuses is counted in `refused`.
        """
        took: list[float] = []
        began_s = time.perf_counter() + 0.05
        last_s = began_s + (arrivals[-1] if arrivals else 0) + GIVE_UP_S
        position = 0
        while len(took) + self.refused < len(arrivals):
            now_s = time.perf_counter()
            while position < len(arrivals) and began_s + arrivals[position] <= now_s:
                self._send(began_s + arrivals[position])
                position += 1
            for number, _ in self._poll.poll(0):
                self._receive(number, took)
            if now_s > last_s:
                raise TimeoutError(f"{len(self._waiting)} of {len(arrivals)} requests have no answer after {GIVE_UP_S:g} s")
        return took

    def close(self) -> None:
        """Close all connections."""
        for connection in (*self._free, *(waiting[0] for waiting in self._waiting.values())):
            connection.close()
        self._poll.close()

    def _send(self, due_s: float) -> None:
        connection = self._free.pop() if self._free else self._connect()
        connection.sendall(self._request)
        self._waiting[connection.fileno()] = (connection, due_s, bytearray())

    def _connect(self) -> socket.socket:
        connection = socket.create_connection(self._address)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._poll.register(connection.fileno(), select.EPOLLIN)
        return connection

    def _receive(self, number: int, took: list[float]) -> None:
        connection, due_s, received = self._waiting[number]
        received += connection.recv(1 << 16)
        head, found, rest = received.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        if len(rest) < length:
            return
        del self._waiting[number]
        if head.startswith(b"HTTP/1.1 200"):
            took.append(time.perf_counter() - due_s)
            self._free.append(connection)
        else:  # it is overloaded, and closes
            self.refused += 1
            self._poll.unregister(number)
            connection.close()
