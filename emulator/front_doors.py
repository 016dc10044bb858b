"""Plain addresses: one port is the API, the next the page, the next the Event API, so that none needs a name that resolves.

ministack tells APIs and distributions apart by host (`<id>.execute-api.localhost`), which curl and browsers resolve and most else does not.
"""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from emulator.ministack_adapter import Attributes, Properties

LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|[a-z0-9.-]+\.localhost)(:\d+)?")
Scope = MutableMapping[str, Any]
Application = Callable[[Scope, Any, Any], Awaitable[None]]


class FrontDoors:
    """What stands behind the ports: the API, the distribution and the Event API that were deployed last.

    Args:    gateway_port: ministack's own.
    """

    def __init__(self, gateway_port: int) -> None:
        self.gateway_port, self.api_port, self.page_port, self.events_port = ports(gateway_port)
        self._api_id = self._distribution_host = self._event_api_id = ""

    @property
    def api_url(self) -> str:
        """Where the API answers."""
        return f"http://127.0.0.1:{self.api_port}"

    @property
    def page_url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.page_port}"

    @property
    def events_host(self) -> str:
        """Where the Event API is."""
        return f"127.0.0.1:{self.events_port}"

    def see_event_api(self, api_id: str) -> None:
        """Remember the Event API."""
        self._event_api_id = api_id

    def see_api(self, api_id: str, properties: Properties, attributes: Attributes) -> Attributes:  # noqa: ARG002
        """Remember the API, and let the template know it by its plain address."""
        self._api_id = api_id
        return {**attributes, "ApiEndpoint": self.api_url}

    def see_distribution(self, distribution_id: str, properties: Properties, attributes: Attributes) -> Attributes:  # noqa: ARG002
        """Remember the distribution."""
        label = str(attributes["DomainName"]).partition(".")[0]
        self._distribution_host = f"{label}.cloudfront.localhost:{self.gateway_port}"
        return attributes

    def wrap(self, application: Application) -> Application:
        """Return the application with the doors in front."""

        async def through(scope: Scope, receive: Any, send: Any) -> None:
            port = scope["server"][1] if scope["type"] in {"http", "websocket"} and scope.get("server") else self.gateway_port
            if port == self.events_port or scope["type"] == "websocket":
                await self._to_events(application, scope, receive, send)
                return
            if port == self.gateway_port:
                await (application(scope, receive, send) if _from_here(scope) else _refuse(send))
                return
            behind = self._api(scope) if port == self.api_port else self._page(scope)
            await (application(behind, receive, send) if behind is not None else _nothing_here(send))

        return through

    async def _to_events(self, application: Application, scope: Scope, receive: Any, send: Any) -> None:
        """Pass on what is for the Event API. Any page may ask: each subscription is authorized by itself, as in AWS."""
        kind = "appsync-realtime-api" if scope["type"] == "websocket" else "appsync-api"
        host = f"{self._event_api_id}.{kind}.us-east-1.localhost:{self.gateway_port}"
        if not self._event_api_id or scope["server"][1] != self.events_port:
            await (_refuse_socket(receive, send) if scope["type"] == "websocket" else _nothing_here(send))
            return
        kept = [(name, value) for name, value in scope["headers"] if name != b"host"]
        await application({**scope, "headers": [(b"host", host.encode()), *kept]}, receive, send)

    def _api(self, scope: Scope) -> Scope | None:
        # By path, not by host: ministack has a /health of its own on every host.
        prefix = f"/_aws/execute-api/{self._api_id}/$default"
        return {**scope, "path": prefix + scope["path"], "raw_path": prefix.encode() + scope["raw_path"]} if self._api_id else None

    def _page(self, scope: Scope) -> Scope | None:
        # The distribution sends http to https, which one machine does not need.
        replaced = [(b"host", self._distribution_host.encode()), (b"x-forwarded-proto", b"https")]
        kept = [(name, value) for name, value in scope["headers"] if name not in {b"host", b"x-forwarded-proto"}]
        return {**scope, "headers": replaced + kept} if self._distribution_host else None


def _from_here(scope: Scope) -> bool:
    """Whether a request to AWS's APIs comes from this machine's own programs, not from a page some site put into its browser.

    Such a page could otherwise create a function here and run it: the APIs ask for no password. A name that was made to lead here
    (DNS rebinding) shows in Host, a page of another site in Origin.
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


async def _nothing_here(send: Any) -> None:
    body = b"Nothing is deployed here yet.\n"
    await send({"type": "http.response.start", "status": 503, "headers": [(b"content-type", b"text/plain"), (b"retry-after", b"1")]})
    await send({"type": "http.response.body", "body": body})


def ports(gateway_port: int) -> tuple[int, int, int, int]:
    """Return the four ports of a run: AWS's APIs, the API, the page and the Event API."""
    return gateway_port, gateway_port + 1, gateway_port + 2, gateway_port + 3
