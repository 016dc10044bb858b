"""An HTTP API event (payload 2.0) as a request."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, NamedTuple

from functions.shared.owner import read_groups, read_owner
from recipes.errors import Malformed, TooLarge
from recipes.media_types import read_media_type

NONE: Mapping[str, Any] = {}


class Request(NamedTuple):
    """An HTTP request.

    Args:    headers: by lower-case name.
             query: by name; of a repeated one, all values joined by commas, as the API joins them.
             text, is_base64: the body, as the event has it.
             authorizer: what it says of the caller.
             id: the API's, which responses and logs repeat.
             parameters: the values of the names in the route's path.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    id: str
    text: str
    is_base64: bool
    authorizer: Mapping[str, Any] = NONE
    parameters: Mapping[str, str] = NONE

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> "Request":
        """Return the request in an event; what the event lacks is empty."""
        context = event.get("requestContext") or {}
        http = context.get("http") or {}
        return cls(
            method=str(http.get("method", "")).upper(),
            path=str(event.get("rawPath") or "/"),
            headers={str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()},
            query=event.get("queryStringParameters") or {},
            id=str(context.get("requestId", "")),
            text=event.get("body") or "",
            is_base64=bool(event.get("isBase64Encoded")),
            authorizer=context.get("authorizer") or {},
        )

    def with_parameters(self, parameters: Mapping[str, str]) -> "Request":
        """Return the same request with the values of the names in its path."""
        return self._replace(parameters=parameters)

    @property
    def owner(self) -> str:
        """The caller, by the authorizer; raises like `read_owner`."""
        return read_owner(self.authorizer)

    @property
    def groups(self) -> frozenset[str]:
        """The groups of the user pool that the caller is in."""
        return read_groups(self.authorizer)

    @property
    def content_type(self) -> str:
        """The media type, lower-case, without parameters."""
        return read_media_type(self.headers.get("content-type", ""))

    def body(self, limit_bytes: int) -> bytes:
        """Return the body's bytes.

        Raises:  TooLarge: more than the limit; nothing is decoded then.
                 Malformed: the body is marked as base64 but cannot be decoded as base64.
        """
        size = len(self.text) * 3 // 4 if self.is_base64 else len(self.text)
        if size > limit_bytes + 2:  # base64's padding
            raise _too_large(size, limit_bytes)
        if not self.is_base64:
            body = self.text.encode(errors="surrogatepass")  # a lone surrogate is for the decoder to refuse
        else:
            try:
                body = base64.b64decode(self.text, validate=True)
            except (binascii.Error, ValueError) as error:
                raise Malformed("the body is marked as base64 but cannot be decoded as base64") from error
        if len(body) > limit_bytes:
            raise _too_large(len(body), limit_bytes)
        return body


def _too_large(size: int, limit_bytes: int) -> TooLarge:
    return TooLarge(
        f"the body has {size:,} bytes; the limit is {limit_bytes:,}",
        advice="Send a smaller picture or fewer instances, or make a job of it: POST /jobs.",
    )
