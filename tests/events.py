"""HTTP API events (payload 2.0), as the gateway sends them to a function."""

import base64
from typing import Any

REQUEST_ID = "JKJaXmPLvHcESHA="
ID_KEY = "any-key-of-a-stage"  # that ids of predictions are signed with


def event(
    method: str,
    path: str,
    body: bytes | str = b"",
    content_type: str | None = None,
    *,
    query: dict[str, str] | None = None,
    user: str = "",
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Return the event of a request; bytes travel as base64, text as it is. A user has signed in, by that subject of a token."""
    request: dict[str, Any] = {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": "&".join(f"{name}={value}" for name, value in (query or {}).items()),
        "headers": {"host": "api.example.test", "authorization": "Bearer secret-token"},
        "requestContext": {"requestId": REQUEST_ID, "stage": "$default", "http": {"method": method, "path": path, "protocol": "HTTP/1.1"}},
        "isBase64Encoded": isinstance(body, bytes),
    }
    if body:
        request["body"] = base64.b64encode(body).decode() if isinstance(body, bytes) else body
    if content_type is not None:
        request["headers"]["content-type"] = content_type
    request["headers"] |= headers or {}
    if user:
        request["requestContext"]["authorizer"] = {"jwt": {"claims": {"sub": user}, "scopes": None}}
    if query is not None:
        request["queryStringParameters"] = query
    return request
