"""Responses in the form that the HTTP API takes from a function: JSON or a text, or RFC 9457 problem details for errors."""

import json
from collections.abc import Mapping
from typing import Any

from functions.shared.compact_json import encode_compact
from recipes.errors import (
    EndpointBusy,
    EndpointError,
    EndpointFailed,
    EndpointStarting,
    EndpointTimeout,
    InferstackError,
    InvalidInput,
    Malformed,
    TooLarge,
    UnsupportedType,
)
from recipes.media_types import JSON

Response = dict[str, Any]


class NotFound(InferstackError):
    """No such path with this method, or nothing there for this caller."""

    code = "not-found"
    title = "Not found"


class Forbidden(InferstackError):
    """The caller is known, and may not do this."""

    code = "forbidden"
    title = "Forbidden"


class Conflict(InferstackError):
    """The request contradicts an earlier one, whose result stays."""

    code = "conflict"
    title = "Conflict"


class TooManyRequests(InferstackError):
    """The caller has used up what it may do for now.

    Args:    retry_after_s: when it may again.
    """

    code = "too-many-requests"
    title = "Too many requests"

    def __init__(self, detail: str, *, retry_after_s: int) -> None:
        super().__init__(detail, advice=f"Send it again in {retry_after_s:,} s.")
        self.retry_after_s = retry_after_s


# The first class that fits gives the status; a 503 says when to try again.
STATUSES: tuple[tuple[type[InferstackError], int], ...] = (
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (Malformed, 400),
    (TooLarge, 413),
    (UnsupportedType, 415),
    (InvalidInput, 422),
    (TooManyRequests, 429),
    (EndpointStarting, 503),
    (EndpointBusy, 503),
    (EndpointTimeout, 504),
    (EndpointFailed, 502),
    (EndpointError, 503),
)
RETRY_AFTER_S: dict[type[InferstackError], int] = {EndpointStarting: 5, EndpointBusy: 1, EndpointError: 10}


def build_response(
    body: Mapping[str, Any] | str, request_id: str, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a response in JSON; of a text in the type that its headers name."""
    return _response(status, JSON, body if isinstance(body, str) else encode_compact(body), request_id, headers)


def build_problem(error: InferstackError, request_id: str) -> Response:
    """Return an error's problem details as a response."""
    status = find_status(error)
    headers = {}
    if status == 503:
        headers["retry-after"] = str(RETRY_AFTER_S.get(type(error), 1))
    if isinstance(error, TooManyRequests):
        headers["retry-after"] = str(error.retry_after_s)
    details = {
        "type": f"urn:inferstack:problem:{error.code}",
        "title": error.title,
        "status": status,
        "detail": error.detail,
        "advice": error.advice,
        "request_id": request_id,
    }
    return _response(status, "application/problem+json", json.dumps({k: v for k, v in details.items() if v != ""}), request_id, headers)


def find_status(error: InferstackError) -> int:
    """Return the HTTP status of an error."""
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 500)


def _response(status: int, content_type: str, body: str, request_id: str, headers: Mapping[str, str] | None = None) -> Response:
    # A response is for its caller, now: no cache may keep it.
    common = {"content-type": content_type, "cache-control": "no-store", "x-request-id": request_id}
    return {"statusCode": status, "headers": {**common, **(headers or {})}, "body": body, "isBase64Encoded": False}
