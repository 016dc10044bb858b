"""Plain addresses for what is deployed: one port is the API, the next the page, the next the Event API.

ministack tells APIs and distributions apart by host (`<id>.execute-api.localhost`), which curl and browsers resolve and most other
clients do not.
"""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

from deployment.this_machine import HOST, REGION
from emulator.cloudformation.resource_type import Attributes, Resource
from emulator.ports import Ports

LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|[a-z0-9.-]+\.localhost)(:\d+)?")
Scope = MutableMapping[str, Any]
_sent: ContextVar[Scope | None] = ContextVar("sent", default=None)
Application = Callable[[Scope, Any, Any], Awaitable[None]]


def read_sent_request() -> Scope | None:
    """Return the request that came through a front door as it was sent, whose host and path its signature covers; else None."""
    return _sent.get()


class FrontDoors:
    """Leads each port to what was deployed last: the API, the distribution or the Event API."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._api_id = self._distribution_host = self._event_api_id = ""

    def open_event_api(self, api_id: str) -> None:
        """Lead to this Event API."""
        self._event_api_id = api_id

    def open_api(self, api: Resource) -> Attributes:
        """Lead to this API, and let its template have the plain address."""
        self._api_id = api.physical_id
        return {**api.attributes, "ApiEndpoint": f"http://{HOST}:{self._ports.api}"}

    def open_distribution(self, distribution: Resource) -> Attributes:
        """Lead to this distribution, and let its template have the plain address: the sign-in returns to it."""
        label = str(distribution.attributes["DomainName"]).partition(".")[0]
        self._distribution_host = f"{label}.cloudfront.localhost:{self._ports.gateway}"
        return {**distribution.attributes, "DomainName": f"{HOST}:{self._ports.page}"}

    def wrap(self, application: Application) -> Application:
        """Return the application with the doors in front."""

        async def route(scope: Scope, receive: Any, send: Any) -> None:
            is_request = scope["type"] in {"http", "websocket"} and scope.get("server")
            port = scope["server"][1] if is_request else self._ports.gateway
            _sent.set(None if port == self._ports.gateway else scope)
            if port == self._ports.events or scope["type"] == "websocket":
                await self._route_to_events(application, scope, receive, send)
                return
            if port == self._ports.gateway:
                await (application(scope, receive, send) if _is_from_this_machine(scope) else _refuse(send))
                return
            routed = self._api_scope(scope) if port == self._ports.api else self._page_scope(scope)
            await (application(routed, receive, send) if routed is not None else _answer_not_deployed(send))

        return route

    async def _route_to_events(self, application: Application, scope: Scope, receive: Any, send: Any) -> None:
        """Pass on what is for the Event API. Any page may call it: each subscription is authorized on its own, as in AWS."""
        kind = "appsync-realtime-api" if scope["type"] == "websocket" else "appsync-api"
        host = f"{self._event_api_id}.{kind}.{REGION}.localhost:{self._ports.gateway}"
        if not self._event_api_id or scope["server"][1] != self._ports.events:
            await (_refuse_socket(receive, send) if scope["type"] == "websocket" else _answer_not_deployed(send))
            return
        await application(_with_headers(scope, {b"host": host}), receive, send)

    def _api_scope(self, scope: Scope) -> Scope | None:
        # By path, not by host: ministack has a /health of its own on every host.
        prefix = f"/_aws/execute-api/{self._api_id}/$default"
        return {**scope, "path": prefix + scope["path"], "raw_path": prefix.encode() + scope["raw_path"]} if self._api_id else None

    def _page_scope(self, scope: Scope) -> Scope | None:
        # The distribution redirects http to https, which one machine does not need.
        return _with_headers(scope, {b"host": self._distribution_host, b"x-forwarded-proto": "https"}) if self._distribution_host else None


def _with_headers(scope: Scope, headers: dict[bytes, str]) -> Scope:
    """Return the scope with some headers replaced."""
    others = [(name, value) for name, value in scope["headers"] if name not in headers]
    return {**scope, "headers": [*((name, value.encode()) for name, value in headers.items()), *others]}


def _is_from_this_machine(scope: Scope) -> bool:
    """Return whether a request to AWS's APIs comes from a program of this machine, and not from a web page of another site.

    Such a page could create a function here and run it, because the APIs ask for no password. A name that was made to lead here (DNS
    rebinding) shows in Host, a page of another site in Origin.
    """
    if scope["type"] != "http":
        return True
    headers = {name: value.decode("latin1") for name, value in scope["headers"]}
    hosts = [headers.get(b"host", ""), *([urlsplit(headers[b"origin"]).netloc] if b"origin" in headers else [])]
    return all(LOOPBACK.fullmatch(host) for host in hosts)


async def _refuse(send: Any) -> None:
    await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"AWS's APIs are for programs of this machine.\n"})


async def _refuse_socket(receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 1008})


async def _answer_not_deployed(send: Any) -> None:
    headers = [(b"content-type", b"text/plain"), (b"retry-after", b"1")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": b"Nothing is deployed here yet.\n"})
