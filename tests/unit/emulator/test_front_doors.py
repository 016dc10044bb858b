"""Where each port leads, and who may use AWS's APIs."""

import asyncio
from typing import Any

import pytest

from emulator.cloudformation.resource_type import Resource
from emulator.front import front_doors
from emulator.front.aws_requests import AwsRequests
from emulator.front.front_doors import FrontDoors
from emulator.front.ports import Ports

Headers = dict[str, str]
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
    doors: FrontDoors,
    port: int,
    path: str = "/health",
    *,
    method: str = "GET",
    kind: str = "http",
    headers: Headers | None = None,
    version: str = "1.1",
) -> tuple[list[dict[str, Any]], Client]:
    """Return the scopes that reached the application, and the client."""
    scopes: list[dict[str, Any]] = []
    client = Client()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)

    sent = {"host": f"127.0.0.1:{port}", "accept": "*/*", **(headers or {})}
    path, _, query = path.partition("?")
    scope = {"type": kind, "server": ("127.0.0.1", port), "path": path, "raw_path": path.encode(), "query_string": query.encode()}
    scope |= {"http_version": version, "method": method, "headers": [(name.encode(), value.encode()) for name, value in sent.items()]}
    asyncio.run(doors.wrap(application)(scope, client.receive, client.send))
    return scopes, client


def create_doors() -> FrontDoors:
    """Return doors of an emulator that takes every request for S3's."""
    return FrontDoors(PORTS, AwsRequests(lambda _: "s3", {"InitiateAuth"}))


def test_says_that_nothing_is_deployed_yet() -> None:
    scopes, client = call(create_doors(), PORTS.api)
    assert (scopes, client.statuses) == ([], [503])


def test_leads_to_the_api_and_the_distribution_deployed_last() -> None:
    doors = create_doors()
    assert doors.open_api(Resource("abc", {}, {"ApiId": "abc"})) == {"ApiId": "abc", "ApiEndpoint": "http://127.0.0.1:4567"}
    doors.open_distribution(Resource("E1", {}, {"DomainName": "d111.cloudfront.net"}))
    assert call(doors, PORTS.api)[0][0]["path"] == "/_aws/execute-api/abc/$default/health"
    headers = dict(call(doors, PORTS.page, "/")[0][0]["headers"])
    assert headers == {b"host": b"d111.cloudfront.localhost:4566", b"x-forwarded-proto": b"https", b"accept": b"*/*"}


@pytest.mark.parametrize(
    ("kind", "method", "path", "name"),
    [("http", "POST", "/event", "appsync-api"), ("websocket", "GET", "/event/realtime", "appsync-realtime-api")],
)
def test_leads_to_the_event_api_deployed_last(kind: str, method: str, path: str, name: str) -> None:
    doors = create_doors()
    scopes, client = call(doors, PORTS.events, path, method=method, kind=kind)
    assert (scopes, client.messages[0]) == ([], {"type": "websocket.close", "code": 1008} if kind == "websocket" else client.messages[0])
    doors.open_event_api("older")
    doors.open_event_api("newer")
    scope = call(doors, PORTS.events, path, method=method, kind=kind)[0][0]
    assert dict(scope["headers"])[b"host"] == f"newer.{name}.us-east-1.localhost:4566".encode()
    for port in (PORTS.gateway, PORTS.api, PORTS.page):
        assert call(doors, port, path, method=method, kind="websocket")[0] == []


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize(
    ("headers", "version", "status"),
    [
        ({"content-length": "4", "transfer-encoding": "chunked"}, "1.1", 400),
        ({"Content-Length": "4", "Transfer-Encoding": "chunked"}, "1.0", 400),
        *(({}, version, 505) for version in ("0.9", "2", "2.0", "3")),
    ],
)
def test_takes_no_request_that_can_be_read_in_two_ways_and_no_other_version(port: int, headers: Headers, version: str, status: int) -> None:
    scopes, client = call(create_doors(), port, method="POST", headers=headers, version=version)
    assert (scopes, client.statuses) == ([], [status])
    assert (b"connection", b"close") in client.messages[0]["headers"]


def test_lets_the_pages_in_that_the_api_names() -> None:
    doors, page = create_doors(), {"origin": "https://app.example", "sec-fetch-site": "cross-site"}
    doors.open_api(Resource("abc", {"CorsConfiguration": {"AllowOrigins": ["*"]}}, {}))
    assert call(doors, PORTS.api, headers=page)[1].statuses == [403]
    doors.open_api(Resource("abc", {"CorsConfiguration": {"AllowOrigins": ["http://127.0.0.1:4568", "https://app.example"]}}, {}))
    assert call(doors, PORTS.api, headers=page)[0]


SIGNED = {"authorization": "AWS4-HMAC-SHA256 Credential=any"}
S3_LINK = "/bucket/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2F20261101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=0"
FORM = {"content-type": "multipart/form-data; boundary=b"}
COGNITO = "AWSCognitoIdentityProviderService."


@pytest.mark.parametrize(
    ("method", "path", "headers", "passes"),
    [
        ("GET", "/", {}, False),
        ("GET", "/", SIGNED, True),
        ("GET", "/", {**SIGNED, "host": "bucket.s3.localhost:4566"}, True),
        ("GET", "/", {**SIGNED, "host": "rebound.example:4566"}, False),
        ("GET", "/", {**SIGNED, "host": "127.0.0.1.elsewhere.example"}, False),
        ("POST", "/_ministack/reset", SIGNED, False),
        ("GET", "/_aws/execute-api/a/b", SIGNED, False),
        ("GET", "/_ministack/health", {}, True),
        ("PUT", "/_ministack/cfn-response/a-token", {}, True),
        ("GET", S3_LINK, {}, True),
        ("GET", S3_LINK, {"authorization": "Bearer any"}, False),
        ("GET", "/oauth2/authorize", {}, True),
        ("POST", "/login", {}, True),
        ("POST", "/bucket", FORM, True),
        ("POST", "/bucket/key", FORM, False),
        ("POST", "/bucket?delete", FORM, False),
        ("POST", "/", {"x-amz-target": f"{COGNITO}InitiateAuth"}, True),
        ("POST", "/", {"x-amz-target": f"{COGNITO}ListUsers"}, False),
        ("POST", "/2015-03-31/functions", {"x-amz-target": f"{COGNITO}InitiateAuth"}, False),
        ("OPTIONS", "/bucket", {"access-control-request-method": "POST"}, True),
        ("OPTIONS", "/bucket", {}, False),
    ],
)
def test_takes_at_the_port_of_awss_apis_what_is_signed_or_needs_no_signature(
    method: str, path: str, headers: Headers, passes: bool
) -> None:
    scopes, client = call(create_doors(), PORTS.gateway, path, method=method, headers=headers)
    assert (bool(scopes), client.statuses) == (passes, [] if passes else [403])


def test_lets_a_presigned_address_of_s3_be_read_from_anywhere_but_not_the_sign_in() -> None:
    page = {"origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"}
    assert call(create_doors(), PORTS.gateway, S3_LINK, headers=page)[0]
    sign_in = S3_LINK.replace("/bucket/key", "/login")
    assert call(create_doors(), PORTS.gateway, sign_in, method="POST", headers=page)[1].statuses == [403]


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_takes_no_body_of_another_site_for_a_presigned_address(method: str) -> None:
    """ministack reads all of it before it looks at the signature, so any page could fill this machine's memory."""
    page = {"origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"}
    assert call(create_doors(), PORTS.gateway, S3_LINK, method=method, headers=page)[1].statuses == [403]
    assert call(create_doors(), PORTS.gateway, S3_LINK, method=method)[0]  # a program's


def test_takes_no_presigned_address_of_s3_for_another_service() -> None:
    assert call(FrontDoors(PORTS, AwsRequests(lambda _: "lambda", set())), PORTS.gateway, S3_LINK)[1].statuses == [403]


@pytest.mark.parametrize("path", ["/_ministack/config", "/health", "/oauth2/authorize", "/a/.well-known/jwks.json", "/a/_b/c.json"])
def test_takes_at_the_pages_port_its_files_and_nothing_of_ministacks(path: str) -> None:
    doors = create_doors()
    doors.open_distribution(Resource("E1", {}, {"DomainName": "d111.cloudfront.net"}))
    assert call(doors, PORTS.page, path)[1].statuses == [403]
    assert all(call(doors, PORTS.page, file)[0] for file in ("/", "/config.json", "/index.html", "/assets/app-3f.min.js"))


@pytest.mark.parametrize("last", [b"", b"c"])
def test_passes_a_body_on_as_it_came_and_then_what_the_client_does(last: bytes) -> None:
    came = [*build_pieces(b"ab", last), {"type": "http.disconnect"}]
    assert send_body(list(came)) == ([], came)


@pytest.mark.parametrize(("port", "path"), [(PORTS.api, "/predictions"), (PORTS.events, "/event")])
def test_refuses_a_larger_body_than_api_gateway_as_soon_as_it_is_larger(port: int, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front_doors, "MOST_BODY_BYTES", 2)
    assert send_body([*build_pieces(b"ab"), {"type": "http.disconnect"}], port, path)[0] == []
    unread = [*build_pieces(b"ab", b"c", b"d"), {"type": "http.disconnect"}]
    assert send_body(unread, port, path) == ([413], [])
    assert len(unread) == 2


def build_pieces(*pieces: bytes) -> list[dict[str, Any]]:
    return [{"type": "http.request", "body": piece, "more_body": at < len(pieces)} for at, piece in enumerate(pieces, 1)]


def send_body(messages: list[dict[str, Any]], port: int = PORTS.api, path: str = "/predictions") -> tuple[list[int], list[dict[str, Any]]]:
    """Send a body to the API or another port, taking from the messages what is read; return the statuses, and what was passed on."""
    doors, client, passed = create_doors(), Client(), list[dict[str, Any]]()
    doors.open_api(Resource("api", {}, {}))
    doors.open_event_api("events")

    async def application(_: Any, receive: Any, __: Any) -> None:
        while not passed or passed[-1]["type"] != "http.disconnect":
            passed.append(await receive())

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    scope = {"type": "http", "server": ("127.0.0.1", port), "method": "POST", "path": path, "raw_path": path.encode()}
    scope |= {"http_version": "1.1", "headers": [(b"host", b"127.0.0.1")]}
    asyncio.run(doors.wrap(application)(scope, receive, client.send))
    return client.statuses, passed
