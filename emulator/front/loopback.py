"""No socket of this process listens where other machines reach it."""

import sys
from typing import Any

ADDRESSES = {"127.0.0.1", "::1", "localhost"}


def refuse_other_listeners() -> None:
    """Let each attempt to bind a socket to another address than loopback fail, those of libraries too, until the process ends."""
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if (
        event == "socket.bind"
        and isinstance(address := arguments[1], tuple)
        and isinstance(address[0], str)
        and address[0] not in ADDRESSES
    ):
        raise PermissionError(
            f"a socket would listen on {address[0] or 'all addresses'}, port {address[1]}; it may only on {', '.join(sorted(ADDRESSES))}"
        )
