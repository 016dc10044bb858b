"""What a route's handler gets, and what it returns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.shared.http.request import Request
from functions.shared.http.request_log import RequestLog


@dataclass(frozen=True, slots=True)
class Invocation:
    """One invocation of a function behind the API.

    Args:    remaining_s: seconds until Lambda ends the function.
             log: takes facts for the request's log line.
    """

    request: Request
    remaining_s: float
    log: RequestLog


@dataclass(frozen=True, slots=True)
class Reply:
    """What a route's handler returns.

    Args:    body: becomes JSON.
             headers: in addition to those of every response.
    """

    body: Mapping[str, Any]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


RouteHandler = Callable[[Invocation], Reply]
