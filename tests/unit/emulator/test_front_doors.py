"""Where each port leads, and who may use AWS's APIs."""

import asyncio
from typing import Any

import pytest

from emulator.cloudformation.resource_type import Resource
from emulator.front_doors import FrontDoors
from emulator.ports import Ports

PORTS = Ports.starting_at(4566)


class Client:
    """A client's end of a connection: the responses it got."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(self, message: dict[str, Any]) -> None:
        self.messages.append(message)

    @property
    def statuses(self) -> list[int]:
        return [message["status"] for message in self.messages if "status" in message]


def call(
    doors: FrontDoors, port: int, path: str = "/health", *, kind: str = "http", headers: dict[bytes, bytes] | None = None
) -> tuple[list[dict[str, Any]], Client]:
    """Return the scopes that reached the application, and the client."""
    scopes: list[dict[str, Any]] = []
    client = Client()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)

    sent = {b"host": f"127.0.0.1:{port}".encode(), b"accept": b"*/*", **(headers or {})}
    scope = {"type": kind, "server": ("127.0.0.1", port), "path": path, "raw_path": path.encode(), "headers": list(sent.items())}
    asyncio.run(doors.wrap(application)(scope, client.receive, client.send))
    return scopes, client


def call_events(doors: FrontDoors, port: int, kind: str) -> tuple[list[dict[str, Any]], Client]:
    """Return the same for a call from a page of another site."""
    path = "/event/realtime" if kind == "websocket" else "/event"
    return call(doors, port, path, kind=kind, headers={b"origin": b"https://elsewhere.example"})


def test_passes_the_gateways_own_port_on_unchanged() -> None:
    assert call(FrontDoors(PORTS), PORTS.gateway)[0][0]["path"] == "/health"


def test_says_that_nothing_is_deployed_yet() -> None:
    scopes, client = call(FrontDoors(PORTS), PORTS.api)
    assert (scopes, client.statuses) == ([], [503])


def test_leads_to_the_api_and_the_distribution_deployed_last() -> None:
    doors = FrontDoors(PORTS)
    assert doors.open_api(Resource("abc", {}, {"ApiId": "abc"})) == {"ApiId": "abc", "ApiEndpoint": "http://127.0.0.1:4567"}
    doors.open_distribution(Resource("E1", {}, {"DomainName": "d111.cloudfront.net"}))
    assert call(doors, PORTS.api)[0][0]["path"] == "/_aws/execute-api/abc/$default/health"
    headers = dict(call(doors, PORTS.page)[0][0]["headers"])
    assert headers == {b"host": b"d111.cloudfront.localhost:4566", b"x-forwarded-proto": b"https", b"accept": b"*/*"}


@pytest.mark.parametrize(("kind", "name"), [("http", "appsync-api"), ("websocket", "appsync-realtime-api")])
def test_leads_any_page_to_the_event_api_deployed_last(kind: str, name: str) -> None:
    doors = FrontDoors(PORTS)
    doors.open_event_api("older")
    doors.open_event_api("newer")
    scope = call_events(doors, PORTS.events, kind)[0][0]
    assert dict(scope["headers"])[b"host"] == f"newer.{name}.us-east-1.localhost:4566".encode()


def test_closes_a_socket_where_no_event_api_is() -> None:
    doors = FrontDoors(PORTS)
    scopes, client = call_events(doors, PORTS.events, "websocket")
    assert (scopes, client.messages) == ([], [{"type": "websocket.close", "code": 1008}])
    doors.open_event_api("newer")
    for port in (PORTS.gateway, PORTS.api, PORTS.page):  # AWS's APIs above all: a page of any site may open a socket to them
        assert call_events(doors, port, "websocket")[0] == []


@pytest.mark.parametrize(
    ("headers", "let_in"),
    [
        ({}, True),
        ({b"host": b"localhost:4566"}, True),
        ({b"host": b"bucket.s3.localhost:4566"}, True),
        ({b"origin": b"http://127.0.0.1:4568"}, True),
        ({b"origin": b"https://elsewhere.example"}, False),
        ({b"origin": b"null"}, False),
        ({b"host": b"rebound.example:4566"}, False),
        ({b"host": b"127.0.0.1.elsewhere.example"}, False),
    ],
)
def test_keeps_other_sites_pages_from_the_apis(headers: dict[bytes, bytes], let_in: bool) -> None:
    scopes, client = call(FrontDoors(PORTS), PORTS.gateway, "/", headers=headers)
    assert (bool(scopes), client.statuses) == (let_in, [] if let_in else [403])
