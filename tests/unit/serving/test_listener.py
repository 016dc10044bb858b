"""Connections are taken in as they wait: all in one step, whatever becomes of one of them."""

import asyncio
import errno
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from serving.http import listener
from serving.http.listener import Listener


class Socket:
    """A listening socket: what each `accept` gives, an error or a connection's name."""

    def __init__(self, *waiting: str | OSError) -> None:
        self.waiting = list(waiting)

    def accept(self) -> tuple["Connection", None]:
        if not self.waiting:
            raise BlockingIOError
        first = self.waiting.pop(0)
        if isinstance(first, OSError):
            raise first
        return Connection(first), None


class Connection:
    def __init__(self, name: str) -> None:
        self.name = name

    def setblocking(self, blocks: bool) -> None:
        assert not blocks


class Loop:
    def __init__(self) -> None:
        self.readers: list[Callable[[], None]] = []
        self.later: list[Callable[[], None]] = []
        self.opened: list[str] = []

    def add_reader(self, _: object, callback: Callable[[], None]) -> None:
        self.readers = [callback]

    def remove_reader(self, _: object) -> None:
        self.readers = []

    def call_later(self, _: float, callback: Callable[[], None]) -> None:
        self.later.append(callback)

    async def connect_accepted_socket(self, _: object, connection: Connection) -> None:
        self.opened.append(connection.name)

    def create_task(self, opening: Awaitable[None]) -> "asyncio.Future[None]":
        asyncio.run(cast(Any, opening))
        return cast(Any, Task())


class Task:
    def add_done_callback(self, callback: Callable[["Task"], None]) -> None:
        callback(self)


def build(*waiting: str | OSError) -> tuple[Listener, Socket, Loop]:
    socket, loop = Socket(*waiting), Loop()
    return Listener(cast(Any, socket), asyncio.Protocol, cast(Any, loop)), socket, loop


def test_takes_all_that_wait_in_one_step() -> None:
    _, _, loop = build("first", "second", "third")
    loop.readers[0]()
    assert loop.opened == ["first", "second", "third"]


def test_leaves_the_loop_to_others_after_many() -> None:
    _, socket, loop = build(*["connection"] * (listener.MOST_AT_ONCE + 1))
    loop.readers[0]()
    assert len(socket.waiting) == 1


@pytest.mark.parametrize("number", listener.GONE)
def test_a_connection_that_has_gone_does_not_stop_the_next(number: int) -> None:
    _, _, loop = build(OSError(number, "gone"), "next")
    loop.readers[0]()
    assert loop.opened == ["next"]


def test_waits_where_the_process_has_no_file_left(caplog: pytest.LogCaptureFixture) -> None:
    _, _, loop = build(OSError(errno.EMFILE, "Too many open files"), "next")
    loop.readers[0]()
    assert not loop.readers
    assert "Too many open files" in caplog.text
    loop.later[0]()
    loop.readers[0]()
    assert loop.opened == ["next"]


def test_takes_none_once_closed() -> None:
    taking, _, loop = build(OSError(errno.EMFILE, "Too many open files"))
    loop.readers[0]()
    taking.close()
    loop.later[0]()
    assert not loop.readers
