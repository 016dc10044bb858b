"""Connections to one host, over pairs of sockets in place of a network."""

import socket
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from functions.shared.aws.address import Address
from functions.shared.aws.connections import Connections
from tests.fakes import FakeClock

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
AT_ONCE = 3


class Paired(Connections):
    """The host answers the first request of each connection, and nothing afterwards; the first connections are made at once."""

    def __init__(self) -> None:
        super().__init__(Address(is_secure=False, host="host", port=None), 1)
        self.hosts: list[socket.socket] = []
        self._barrier = Barrier(AT_ONCE)

    def _connect(self) -> socket.socket:
        ours, host = socket.socketpair()
        host.sendall(ANSWER)
        self.hosts.append(host)
        if len(self.hosts) <= AT_ONCE:
            self._barrier.wait(10)
        return ours


def ask(connections: Paired, wait_s: float = 10) -> int:
    return connections.send("GET", "/", {"host": "host"}, b"", wait_s=wait_s, most_bytes=9).status


@pytest.mark.parametrize("is_closed", [False, True])
def test_one_kept_connection_that_is_dead_says_that_all_are(*, is_closed: bool) -> None:
    """Lambda stops a function between its calls: what was kept is dead by then, and each try of a request would find another of them."""
    connections = Paired()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert list(pool.map(lambda _: ask(connections), range(AT_ONCE))) == [200] * AT_ONCE
    if is_closed:  # that is seen before anything is sent
        for host in connections.hosts:
            host.close()
    else:
        with pytest.raises(TimeoutError):
            ask(connections, wait_s=0.01)
    assert ask(connections) == 200
    assert len(connections.hosts) == AT_ONCE + 1
    connections.close()
    for host in connections.hosts:
        host.close()


class Slow(Connections):
    """A connection whose host sends a byte at each read, for ever; reading takes no time but the clock's."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(Address(is_secure=False, host="host", port=None), 1, clock=clock)
        self.now, self.reads = clock, 0

    def _connect(self) -> Any:
        return self

    def settimeout(self, wait_s: float) -> None:
        assert wait_s > 0

    def sendall(self, _: bytes) -> None:
        pass

    def recv_into(self, buffer: memoryview) -> int:
        self.reads += 1
        self.now.now_s += 1
        buffer[:1] = b"x"
        return 1


def test_a_response_that_comes_byte_by_byte_ends_in_time() -> None:
    """Else a host that says a little again and again would hold a function until Lambda ends it, and nobody would be told why."""
    slow = Slow(FakeClock())
    with pytest.raises(TimeoutError):
        slow.send("GET", "/", {"host": "host"}, b"", wait_s=26, most_bytes=1 << 20)
    assert slow.reads == 26


class Distant(Slow):
    """Connecting takes as long as a host's addresses that do not answer, one after the other."""

    connect_for_s = 5.0

    def _connect(self) -> Any:
        self.now.now_s += self.connect_for_s
        return self


@pytest.mark.parametrize(("connect_for_s", "error"), [(5, TimeoutError), (30, ConnectionError)])
def test_connecting_is_a_part_of_the_time(connect_for_s: float, error: type[OSError]) -> None:
    """A host of several addresses is tried at each of them: a function that then waits as long as without that is ended by Lambda."""
    distant = Distant(FakeClock())
    distant.connect_for_s = connect_for_s
    with pytest.raises(error):
        distant.send("GET", "/", {"host": "host"}, b"", wait_s=26, most_bytes=1 << 20)
    assert distant.now.now_s - 1000 <= max(26, connect_for_s)
    assert distant.reads == max(0, 26 - connect_for_s)
