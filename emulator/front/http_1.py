"""What the emulator's ports take of HTTP: versions 1.1 and 1.0, in requests that can be read in one way only."""

from collections.abc import Collection

VERSIONS = ("1.0", "1.1")


def find_fault(version: str, names: Collection[bytes]) -> tuple[int, str] | None:
    """Return the status and the reason with which a request is refused whatever it asks for, or None.

    Args:    version: of HTTP, like 1.1.
             names: its headers', in lower case.
    """
    if version not in VERSIONS:
        return 505, f"This port speaks HTTP/1.1 and HTTP/1.0, not HTTP/{version}.\n"
    if b"content-length" in names and b"transfer-encoding" in names:
        return 400, "The request says how long its body is in two ways: send Content-Length or Transfer-Encoding, not both.\n"
    return None


async def ignore_offer(*_: object) -> None:
    """Take the place of hypercorn's check for HTTP/2: a client that offers it with a request, as Java's does, is answered in HTTP/1.1."""
