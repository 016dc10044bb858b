"""A request's body, read before the request is passed on, and no more of it than a limit."""

from collections.abc import Awaitable, Callable
from typing import Any

Receive = Callable[[], Awaitable[Any]]  # ASGI's: each call gives the next message


async def read_body(receive: Receive, most_bytes: int) -> Receive | None:
    """Return what gives a request's messages once more, or None as soon as its body has more bytes than the limit."""
    messages, size = list[Any](), 0
    while True:
        message = await receive()
        messages.append(message)
        size += len(message.get("body", b""))
        if size > most_bytes:
            return None
        if not message.get("more_body", False):  # the last piece, or the client has gone
            break
    messages.reverse()

    async def receive_again() -> Any:
        return messages.pop() if messages else await receive()

    return receive_again
