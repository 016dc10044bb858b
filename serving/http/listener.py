"""Taking connections in."""

import asyncio
import errno
import logging
import os
import socket
from collections.abc import Callable

log = logging.getLogger(__name__)
MOST_AT_ONCE = 64
PAUSE_S = 1.0  # where the process has no file for another connection
GONE = (errno.ECONNABORTED, errno.EPROTO, errno.EINTR)  # the connection itself ended while it waited


class Listener:
    """Takes in all connections that wait, in each step of the loop.

    uvloop's own server takes one a step: with an inference in every step, the last of 100 new connections waited for 100 inferences.

    Args:    listener: a listening socket that does not block, possibly shared with other processes.
             build: the protocol of a connection.
    """

    def __init__(self, listener: socket.socket, build: Callable[[], asyncio.Protocol], loop: asyncio.AbstractEventLoop) -> None:
        self._listener, self._build, self._loop = listener, build, loop
        self._opening: set[asyncio.Task[object]] = set()
        self._is_closed = False
        self._listen()

    def close(self) -> None:
        """Take no more; those taken stay."""
        self._is_closed = True
        self._loop.remove_reader(self._listener)

    def _listen(self) -> None:
        if not self._is_closed:
            self._loop.add_reader(self._listener, self._accept)

    def _accept(self) -> None:
        for _ in range(MOST_AT_ONCE):
            try:
                connection = self._listener.accept()[0]
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in GONE:
                    continue
                log.error("no connection can be taken for %.0f s: %s", PAUSE_S, error)  # noqa: TRY400  the message says it all
                self._loop.remove_reader(self._listener)
                self._loop.call_later(PAUSE_S, self._listen)
                return
            connection.setblocking(False)
            task: asyncio.Task[object] = self._loop.create_task(self._loop.connect_accepted_socket(self._build, connection))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)
            os.sched_yield()  # to a worker that waits for connections too
