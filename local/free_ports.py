"""The four ports that a new stack gets."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

from deployment.this_machine import HOST
from emulator.front.ports import Ports
from local.errors import NoPorts

DEFAULT_PORT = 4566
CANDIDATES = range(DEFAULT_PORT, DEFAULT_PORT + 500, 10)
LOWEST_PORT, HIGHEST_PORT = 1024, 65532


@dataclass(frozen=True, slots=True)
class ReservedPorts:
    """Four ports, and the sockets that already listen on them, for the emulator to accept from."""

    ports: Ports
    sockets: tuple[socket.socket, ...]


@contextmanager
def reserve_ports(port: int | None) -> Iterator[ReservedPorts]:
    """Listen on four ports: from the given one or $INFERSTACK_PORT on, else from 4566 or the next free ones.

    They are taken from here on: of two stacks that start at one moment, each gets its own. Whoever gets the sockets keeps them open.

    Raises:  NoPorts: the port is not valid or in use, or there are no free ones.
    """
    text = str(port or os.environ.get("INFERSTACK_PORT", ""))
    with ExitStack() as open_sockets:
        yield _reserve_asked(text, open_sockets) if text else _reserve_any(open_sockets)


def _reserve_asked(text: str, open_sockets: ExitStack) -> ReservedPorts:
    first = int(text) if text.isdecimal() else 0
    if not LOWEST_PORT <= first <= HIGHEST_PORT:
        raise NoPorts(f"the port is {text!r}; expected a number from {LOWEST_PORT} to {HIGHEST_PORT}, the first of four")
    ports = Ports.starting_at(first)
    sockets = []
    for each in ports:
        try:
            sockets.append(open_sockets.enter_context(_listen(each)))
        except OSError as error:
            raise NoPorts(
                f"port {each} is in use by another program: stop it, or set INFERSTACK_PORT to the first of four free ones"
            ) from error
    return ReservedPorts(ports, tuple(sockets))


def _reserve_any(open_sockets: ExitStack) -> ReservedPorts:
    for ports in map(Ports.starting_at, CANDIDATES):
        with suppress(OSError), ExitStack() as attempt:
            sockets = tuple(attempt.enter_context(_listen(each)) for each in ports)
            open_sockets.enter_context(attempt.pop_all())
            return ReservedPorts(ports, sockets)
    raise NoPorts(f"no four free ports from {DEFAULT_PORT} on: set INFERSTACK_PORT")


def _listen(port: int) -> socket.socket:
    """Return a socket that listens on a port; raise OSError if another one does."""
    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of the run before may still be closing
        listener.bind((HOST, port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener
