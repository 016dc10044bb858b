"""What a route of the API is. Each function declares its own in its routes.py; the API, the handler and the tests read them there."""

from typing import NamedTuple


class Route(NamedTuple):
    """One method of one path.

    Args:    method: in upper case.
             path: may hold names, as in /jobs/{id}.
             is_open: whether it answers callers who have not signed in.
    """

    method: str
    path: str
    is_open: bool = False
