"""What a route's handler gets, and what it returns."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from functions.shared.http.request import Request
from functions.shared.http.request_log import RequestLog

NONE: Mapping[str, str] = {}


class Invocation(NamedTuple):
    """One invocation of a function behind the API.

    Args:    remaining_s: seconds until Lambda ends the function.
             log: takes facts for the request's log line.
    """

    request: Request
    remaining_s: float
    log: RequestLog


class Reply(NamedTuple):
    """What a route's handler returns.

    Args:    body: becomes JSON; a text is what it is, and `headers` name its type.
             headers: in addition to those of every response.
    """

    body: Mapping[str, Any] | str
    status: int = 200
    headers: Mapping[str, str] = NONE


RouteHandler = Callable[[Invocation], Reply]
