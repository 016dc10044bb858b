"""What a route of the API is. Each function declares its own in its routes.py; the API, the handler and the tests read them there."""

from typing import NamedTuple


class Route(NamedTuple):
    """One method of one path.

    Args:    method: in upper case.
             path: may hold names, as in /jobs/{id}.
             is_open: whether it answers callers who have not signed in.
             query: the names of its parameters behind the "?"; any other is refused, but by an open route: monitors add some of their own.
    """

    method: str
    path: str
    is_open: bool = False
    query: tuple[str, ...] = ()
