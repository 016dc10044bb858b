"""What requests to AWS are signed with."""

from collections.abc import Callable
from typing import NamedTuple


class Credentials(NamedTuple):
    """What requests to AWS are signed with.

    Args:    token: of the session; empty for a user's own keys.
    """

    access_key: str
    secret_key: str
    token: str = ""

    def __repr__(self) -> str:
        """Return them without what is secret."""
        return f"Credentials(access_key={self.access_key!r})"


Keys = Callable[[], Credentials]  # asked for each request: what it returns is valid now; raises ConnectionError if there are none
