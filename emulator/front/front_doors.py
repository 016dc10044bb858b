"""One port each for AWS's APIs, the HTTP API, its page and its Event API, and what each of them lets in.

ministack tells APIs and distributions apart by host (`<id>.execute-api.localhost`), which curl and browsers resolve and most other
clients do not. Each of its ports would answer every call of AWS's APIs, from a page of any site.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextvars import ContextVar
from typing import Any

from deployment.this_machine import HOST, REGION
from emulator.cloudformation.resource_type import Attributes, Resource
from emulator.front.aws_requests import AwsRequests, Request, is_s3_link, is_sign_in_page
from emulator.front.bounded_body import read_body
from emulator.front.http_1 import find_fault
from emulator.front.ports import Ports
from emulator.front.senders import is_from_another_site, is_this_machine

Scope = MutableMapping[str, Any]
Headers = Mapping[bytes, str]
Application = Callable[[Scope, Any, Any], Awaitable[None]]
PAGE_FILE = r"/([A-Za-z0-9-]+/)*([\w-][\w.-]*\.\w+)?"  # ministack's own paths have no file extension, or begin with an underscore
READING = {"GET", "HEAD"}  # of an address that S3 presigned: a body would be held whole before its signature is looked at
EVENT_METHODS, REALTIME_PATH, EVENT_PATH = {"POST", "OPTIONS"}, "/event/realtime", "/event"
OTHER_SITE = "This request comes from a web page of another site. Let its pages in by naming their origin: -c cors_origins=https://…\n"
OTHER_REQUEST = "This port does not take that request: it is for another port or host.\n"
NO_SIGNATURE = "Missing Authentication Token: sign the request with the keys that `inferstack status` shows, and send it to 127.0.0.1.\n"
# API Gateway's, and more than the Event API takes: ministack would hold a body of any size.
MOST_BODY_BYTES, TOO_LARGE = 10 << 20, '{"message":"Request Entity Too Large"}'
NOT_DEPLOYED = "Nothing is deployed here yet.\n"
_sent: ContextVar[Scope | None] = ContextVar("sent", default=None)


def read_sent_request() -> Scope | None:
    """Return the request that came through a front door as it was sent, whose host and path its signature covers; else None."""
    return _sent.get()


class FrontDoors:
    """Leads each port to what was deployed last: the API, the distribution or the Event API.

    Args:    aws_requests: what the port of AWS's APIs takes.
    """

    def __init__(self, ports: Ports, aws_requests: AwsRequests) -> None:
        self._ports, self._aws_requests = ports, aws_requests
        self._api_id = self._distribution_host = self._event_api_id = ""
        self._origins: frozenset[str] = frozenset()

    def open_event_api(self, api_id: str) -> None:
        """Lead to this Event API."""
        self._event_api_id = api_id

    def open_api(self, api: Resource) -> Attributes:
        """Lead to this API, let the pages in that it names, and let its template have the plain address."""
        self._api_id = api.physical_id
        self._origins = frozenset((api.properties.get("CorsConfiguration") or {}).get("AllowOrigins", []))
        return {**api.attributes, "ApiEndpoint": f"http://{HOST}:{self._ports.api}"}

    def open_distribution(self, distribution: Resource) -> Attributes:
        """Lead to this distribution, and let its template have the plain address: the sign-in returns to it."""
        label = str(distribution.attributes["DomainName"]).partition(".")[0]
        self._distribution_host = f"{label}.cloudfront.localhost:{self._ports.gateway}"
        return {**distribution.attributes, "DomainName": f"{HOST}:{self._ports.page}"}

    def wrap(self, application: Application) -> Application:
        """Return the application with the doors in front."""

        async def route(scope: Scope, receive: Any, send: Any) -> None:
            if scope["type"] not in {"http", "websocket"}:
                await application(scope, receive, send)
                return
            port, request = scope["server"][1], _read_request(scope)
            _sent.set(None if port == self._ports.gateway else scope)
            if (fault := find_fault(scope["http_version"], {name.lower() for name, _ in scope["headers"]})) is not None:
                await _refuse(scope["type"], receive, send, *fault)
            elif (reason := self._find_refusal(port, scope["type"], request)) is not None:
                await _refuse(scope["type"], receive, send, 403, reason)
            elif (routed := self._find_scope(port, scope)) is None:
                await _refuse(scope["type"], receive, send, 503, NOT_DEPLOYED)
            elif port == self._ports.gateway or scope["type"] == "websocket":
                await application(routed, receive, send)
            elif (bounded := await read_body(receive, MOST_BODY_BYTES)) is None:
                await _refuse(scope["type"], receive, send, 413, TOO_LARGE)
            else:
                await application(routed, bounded, send)

        return route

    def _find_refusal(self, port: int, kind: str, request: Request) -> str | None:
        """Return why a request may not pass a port, or None."""
        is_socket, is_here = kind == "websocket", is_this_machine(request.headers.get("host", ""))
        match port:
            case self._ports.gateway if not self._aws_requests.may_pass(request):
                return NO_SIGNATURE
            case self._ports.gateway if is_s3_link(request) and request.method in READING and not is_socket:
                return None
            case self._ports.gateway:
                is_for, links = not is_socket, is_sign_in_page(request)
            case self._ports.api:
                is_for, links = not is_socket and is_here, False
            case self._ports.page:
                is_file = request.method in {"GET", "HEAD"} and re.fullmatch(PAGE_FILE, request.path) is not None
                is_for, links = not is_socket and is_here and is_file, True
            case _:
                is_event = request.path == REALTIME_PATH if is_socket else request.method in EVENT_METHODS and request.path == EVENT_PATH
                is_for, links = is_here and is_event, False
        if not is_for:
            return OTHER_REQUEST
        return OTHER_SITE if is_from_another_site(request.method, request.headers, origins=self._origins, links=links) else None

    def _find_scope(self, port: int, scope: Scope) -> Scope | None:
        """Return the request as ministack leads it to what is deployed, or None if nothing is."""
        match port:
            case self._ports.api if self._api_id:
                # By path, not by host: ministack has a /health of its own on every host.
                prefix = f"/_aws/execute-api/{self._api_id}/$default"
                return {**scope, "path": prefix + scope["path"], "raw_path": prefix.encode() + scope["raw_path"]}
            case self._ports.page if self._distribution_host:
                # The distribution redirects http to https, which one machine does not need.
                return _with_headers(scope, {b"host": self._distribution_host, b"x-forwarded-proto": "https"})
            case self._ports.events if self._event_api_id:
                kind = "appsync-realtime-api" if scope["type"] == "websocket" else "appsync-api"
                return _with_headers(scope, {b"host": f"{self._event_api_id}.{kind}.{REGION}.localhost:{self._ports.gateway}"})
            case self._ports.gateway:
                return scope
        return None


def _read_request(scope: Scope) -> Request:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    return Request(scope.get("method", "GET"), scope["path"], scope.get("query_string", b"").decode("latin-1"), headers)


def _with_headers(scope: Scope, headers: Headers) -> Scope:
    """Return the scope with some headers replaced."""
    others = [(name, value) for name, value in scope["headers"] if name not in headers]
    return {**scope, "headers": [*((name, value.encode()) for name, value in headers.items()), *others]}


async def _refuse(kind: str, receive: Any, send: Any, status: int, reason: str) -> None:
    if kind == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})  # before it is accepted: the server answers 403
        return
    headers = [
        (b"content-type", b"application/json" if reason == TOO_LARGE else b"text/plain"),
        *([(b"retry-after", b"1")] if status == 503 else []),
        *([(b"connection", b"close")] if status in {400, 505} else []),  # what follows it cannot be trusted to be a request
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": reason.encode()})
