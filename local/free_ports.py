"""The four ports that a new stack gets."""

import os

from emulator.ports import Ports
from local.errors import LocalStackError
from local.process import is_listening

DEFAULT_PORT = 4566
CANDIDATES = range(DEFAULT_PORT, DEFAULT_PORT + 500, 10)
LOWEST_PORT, HIGHEST_PORT = 1024, 65532


def choose_ports(port: int | None) -> Ports:
    """Return four free ports: from the given one or $INFERSTACK_PORT on, else from 4566 or the next free ones.

    Raises:  LocalStackError: the port is not valid or in use, or there are no free ones.
    """
    text = str(port or os.environ.get("INFERSTACK_PORT", ""))
    if text:
        first = int(text) if text.isdecimal() else 0
        if not LOWEST_PORT <= first <= HIGHEST_PORT:
            raise LocalStackError(f"the port is {text!r}; expected a number from {LOWEST_PORT} to {HIGHEST_PORT}, the first of four")
        ports = Ports.starting_at(first)
        if used := [each for each in ports if is_listening(each)]:
            raise LocalStackError(
                f"port {used[0]} is in use by another program: stop it, or set INFERSTACK_PORT to the first of four free ones"
            )
        return ports
    for ports in map(Ports.starting_at, CANDIDATES):
        if not any(is_listening(each) for each in ports):
            return ports
    raise LocalStackError(f"no four free ports from {DEFAULT_PORT} on: set INFERSTACK_PORT")
