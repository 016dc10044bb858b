"""What a hostile web page can make a browser send to the stack on this machine, and that nothing of it arrives.

Each request is as a browser sends it: the page chooses method, path, body and simple headers, the browser adds Host, Origin and
Sec-Fetch-*. What developers need is below: shells, a front end of their own on another port, links, and AWS's clients.
"""

import base64
import http.client
import io
import json
import os
import socket
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config

from emulator.front.ports import Ports
from local.run_state import RunState
from tests.local.conftest import ROLE, Client

STRANGER = "https://attacker.example"
DEV_SERVER = "http://localhost:5173"
# Browsers send these to loopback addresses, and no page can change them: https://www.w3.org/TR/fetch-metadata/
IMAGE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
FETCH = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "empty", "Origin": STRANGER}
FORM = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Origin": STRANGER}
FRAME = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}
LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
TEXT = {"Content-Type": "text/plain"}
# A name of the attacker's that leads here by now, so that the browser takes page and stack for one origin (DNS rebinding). It is no
# loopback name, so the browser sends no Sec-Fetch-*.
REBOUND = "attacker.example"


def send(port: int, method: str, path: str, body: bytes | None = None, **options: Any) -> tuple[int, dict[str, str], bytes]:
    """Send a request with exactly these headers, and return status, headers and body of the answer."""
    headers = {"Host": f"127.0.0.1:{port}", **options.pop("headers", {})}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in ({"Content-Length": str(len(body))} if body is not None else {}).items():
            connection.putheader(name, value)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def claim_key(service: str, key: str = "test") -> str:
    """Return a query that names an access key and signs nothing with it: a page can write this into any address."""
    scope = f"{key}/20261101/us-east-1/{service}/aws4_request"
    query = {"X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": scope, "X-Amz-Date": "20261101T000000Z"}
    return urlencode({**query, "X-Amz-SignedHeaders": "host", "X-Amz-Signature": "0" * 64})


def open_socket(port: int, path: str, key: str, **headers: str) -> int:
    """Return the status with which an upgrade to a WebSocket is answered."""
    auth = base64.urlsafe_b64encode(json.dumps({"host": "h", "x-api-key": key}).encode()).decode().rstrip("=")
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    keys = {
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        "Sec-WebSocket-Protocol": f"aws-appsync-event-ws, header-{auth}",
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.putrequest("GET", path, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": f"127.0.0.1:{port}", **upgrade, **keys, **headers}.items():
            connection.putheader(name, value)
        connection.endheaders()
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.fixture(scope="module")
def ports(stack: RunState) -> Ports:
    return Ports.starting_at(stack.port)


@pytest.fixture(scope="module")
def events_key(ports: Ports) -> str:
    """The key of the Event API, which the page's configuration tells every page of this machine."""
    found: str = json.loads(send(ports.page, "GET", "/config.json")[2])["events"]["auth"]["apiKey"]
    return found


def describe_function(name: str) -> bytes:
    """Return what creates a function with a role that is there."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("hostile.py", "def handler(event, context): ...")
    code = {"ZipFile": base64.b64encode(archive.getvalue()).decode()}
    return json.dumps({"FunctionName": name, "Role": ROLE, "Handler": "hostile.handler", "Runtime": "python3.11", "Code": code}).encode()


@pytest.mark.parametrize("door", Ports._fields)
def test_no_page_creates_a_function(ports: Ports, client: Client, door: str) -> None:
    """A function is code that runs on this machine: whoever can create one owns it."""
    name = f"hostile-{door}"
    answers = []
    for headers in (FETCH, {}, {"Host": f"{REBOUND}:{getattr(ports, door)}"}):
        path = f"/2015-03-31/functions?{claim_key('lambda')}"
        answers.append(send(getattr(ports, door), "POST", path, describe_function(name), headers={**TEXT, **headers})[0])
    assert all(400 <= status < 500 for status in answers), answers
    assert name not in {each["FunctionName"] for each in client("lambda").list_functions()["Functions"]}


@pytest.mark.parametrize("door", Ports._fields)
@pytest.mark.parametrize("headers", [IMAGE, LINK, FRAME, {}], ids=["image", "link", "frame", "an old browser's image"])
def test_no_address_creates_a_stack(ports: Ports, client: Client, door: str, headers: dict[str, str]) -> None:
    """An address is enough for an image: a GET has no Origin. A template may hold a function and run it."""
    name = f"hostile-{uuid4().hex[:8]}"
    template = json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}})
    query = urlencode({"Action": "CreateStack", "Version": "2010-05-15", "StackName": name, "TemplateBody": template})
    status, _, _ = send(getattr(ports, door), "GET", f"/?{query}&{claim_key('cloudformation')}", headers=headers)
    known = {each["StackName"] for each in client("cloudformation").list_stacks()["StackSummaries"]}
    assert name not in known, status


@pytest.mark.parametrize("door", Ports._fields)
@pytest.mark.parametrize("headers", [FORM, FETCH, {}], ids=["form", "fetch", "an old browser's"])
def test_no_page_changes_the_emulator(ports: Ports, door: str, headers: dict[str, str]) -> None:
    """ministack has paths of its own, among them one that forgets everything that is deployed; this one is harmless."""
    status, _, answer = send(
        getattr(ports, door), "POST", "/_ministack/config", b'{"alb.TARGET_IDLE_TIMEOUT": 60}', headers={**TEXT, **headers}
    )
    assert (status >= 400, b"applied" in answer) == (True, False), answer


OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n"


@pytest.mark.parametrize("door", Ports._fields)
@pytest.mark.parametrize(
    ("request_", "statuses"),
    [
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {b"505"}),
        (b"GET / HTTP/0.9\r\nHost: 127.0.0.1\r\n\r\n", {b"505"}),
        (b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {b"400"}),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n%b\r\n" % OFFER, {b"200", b"403", b"404"}),
    ],
    ids=["http2", "http0.9", "two lengths", "an offer of h2c"],
)
def test_speaks_http_1_in_requests_that_can_be_read_in_one_way(ports: Ports, door: str, request_: bytes, statuses: set[bytes]) -> None:
    with socket.create_connection(("127.0.0.1", getattr(ports, door)), timeout=30) as connection:
        connection.sendall(request_)
        version, status = connection.recv(100).split(b" ")[:2]
    assert version == b"HTTP/1.1"
    assert status in statuses


@pytest.mark.parametrize("door", Ports._fields)
def test_no_page_reads_what_the_emulator_holds(ports: Ports, client: Client, door: str) -> None:
    function = client("lambda").list_functions()["Functions"][0]["FunctionName"]
    paths = (f"/_ministack/lambda-code/000000000000/us-east-1/{function}", "/_ministack/sqs/messages", "/_ministack/ses/messages")
    for path in paths:
        for headers in (IMAGE, {}, {"Host": f"{REBOUND}:{getattr(ports, door)}"}):
            assert send(getattr(ports, door), "GET", path, headers=headers)[0] >= 400, path


@pytest.mark.parametrize("door", ["gateway", "events"])
def test_no_page_reads_or_writes_a_bucket(ports: Ports, stack: RunState, client: Client, door: str) -> None:
    """S3 takes anonymous requests; none of the stack's buckets does."""
    key = f"hostile/{uuid4().hex}"
    form = b'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\n' + key.encode() + b"\r\n"
    form += b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhostile\r\n--b--\r\n'
    multipart = {"Content-Type": "multipart/form-data; boundary=b"}
    for headers in ({}, FETCH, FORM):
        for bucket in (stack.dump_bucket, stack.uploads_bucket):
            assert send(getattr(ports, door), "POST", f"/{bucket}", form, headers={**multipart, **headers})[0] >= 400
            assert send(getattr(ports, door), "PUT", f"/{bucket}/{key}", b"hostile", headers={**TEXT, **headers})[0] >= 400
            assert send(getattr(ports, door), "GET", f"/{bucket}?list-type=2", headers=headers)[0] >= 400
            assert client("s3").list_objects_v2(Bucket=bucket, Prefix=key)["KeyCount"] == 0


def test_no_page_of_another_site_uses_the_api(ports: Ports) -> None:
    """The local API asks for no sign-in, so the page's own origin and this machine's are all that it may answer."""
    picture = (Path(__file__).parents[2] / "docs/seven.png").read_bytes()
    for headers in (FETCH, FORM, {"Origin": STRANGER}, {"Origin": "null"}, {"Host": f"{REBOUND}:{ports.api}"}):
        assert send(ports.api, "POST", "/predictions", picture, headers={"Content-Type": "image/png", **headers})[0] == 403, headers
        assert send(ports.api, "POST", "/jobs", b'{"name": "a.npy"}', headers={**TEXT, **headers})[0] == 403, headers
    for headers in (IMAGE, FRAME, LINK, {"Host": f"{REBOUND}:{ports.api}"}):
        assert send(ports.api, "GET", "/jobs", headers=headers)[0] == 403, headers


def test_no_page_of_another_site_reads_the_pages_configuration(ports: Ports) -> None:
    for headers in (IMAGE, FETCH, {"Host": f"{REBOUND}:{ports.page}"}):
        assert send(ports.page, "GET", "/config.json", headers=headers)[0] == 403, headers


def test_no_page_of_another_site_listens(ports: Ports, events_key: str) -> None:
    for headers in (
        {"Origin": STRANGER},
        {"Origin": "null"},
        {"Host": f"{REBOUND}:{ports.events}", "Origin": f"http://{REBOUND}:{ports.events}"},
    ):
        assert open_socket(ports.events, "/event/realtime", events_key, **headers) == 403, headers
    for path in ("/", "/mqtt", "/_aws/execute-api/a/b"):
        assert open_socket(ports.events, path, events_key) == 403, path
    for door in ("gateway", "api", "page"):
        assert open_socket(getattr(ports, door), "/event/realtime", events_key) == 403, door


@pytest.mark.parametrize("body", [b"", b'{"channel": "/jobs/anyone/x", "events": ["{}"]}'])
def test_nobody_publishes_by_naming_a_key(ports: Ports, body: bytes) -> None:
    signature = "AWS4-HMAC-SHA256 Credential=test/20261101/us-east-1/appsync/aws4_request, SignedHeaders=host, Signature=0"
    for headers in ({"Authorization": signature, "X-Amz-Date": "20261101T000000Z"}, FETCH, {}):
        assert send(ports.events, "POST", "/event", body, headers={"Content-Type": "application/json", **headers})[0] >= 400


@pytest.mark.parametrize("path", ["/login", "/oauth2/token", "/oauth2/login"])
def test_no_page_of_another_site_signs_anybody_in(ports: Ports, path: str) -> None:
    for headers in (FORM, FETCH, {"Origin": STRANGER}, {"Host": f"{REBOUND}:{ports.gateway}"}):
        body, kind = b"grant_type=refresh_token", {"Content-Type": "application/x-www-form-urlencoded"}
        for address in (path, f"{path}?{claim_key('s3')}"):
            assert send(ports.gateway, "POST", address, body, headers={**kind, **headers})[0] == 403, headers


@pytest.mark.parametrize(
    "path", ["/iceberg/v1/config", "/v2/_catalog", "/v2/apis", "/2015-03-31/functions", "/v20180820/tags/a", "/latest/meta-data"]
)
def test_a_presigned_address_that_s3_did_not_sign_leads_nowhere(ports: Ports, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer any"}, {"Authorization": "Basic QVdTOmE="}):
        for method in ("GET", "POST"):
            assert send(ports.gateway, method, f"{path}?{claim_key('s3')}", headers=headers)[0] in {400, 403}, headers


# A call of each kind of protocol that AWS has: query, JSON, REST with JSON, REST with XML.
CALLS = {
    "sts": ("POST", "/", b"Action=GetCallerIdentity&Version=2011-06-15", {"Content-Type": "application/x-www-form-urlencoded"}),
    "dynamodb": ("POST", "/", b"{}", {"X-Amz-Target": "DynamoDB_20120810.ListTables"}),
    "sagemaker": ("POST", "/", b"{}", {"X-Amz-Target": "SageMaker.ListModels"}),
    "events": ("POST", "/", b"{}", {"X-Amz-Target": "AWSEvents.ListRules"}),
    "cognito-idp": ("POST", "/", b'{"MaxResults": 1}', {"X-Amz-Target": "AWSCognitoIdentityProviderService.ListUserPools"}),
    "lambda": ("GET", "/2015-03-31/functions", None, {}),
    "apigateway": ("GET", "/v2/apis", None, {}),
    "s3": ("GET", "/", None, {}),
}


@pytest.mark.parametrize("service", CALLS)
@pytest.mark.parametrize("key", ["test", "inferstack-local", "000000000000", "AKIAIOSFODNN7EXAMPLE", ""])
def test_a_key_alone_is_no_signature(ports: Ports, service: str, key: str) -> None:
    method, path, body, headers = CALLS[service]
    scope = f"{key}/20261101/us-east-1/{service}/aws4_request"
    authorization = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={'0' * 64}"
    named = {"Authorization": authorization, "X-Amz-Date": "20261101T000000Z"}
    assert send(ports.gateway, method, path, body, headers={**headers, **named})[0] in {400, 403}
    assert send(ports.gateway, method, f"{path}?{claim_key(service, key)}", body, headers=headers)[0] in {400, 403}
    assert send(ports.gateway, method, path, body, headers=headers)[0] == 403


def find_listeners(leader: int) -> set[tuple[str, str]]:
    """Return the address of each socket that listens in a process of the stack, with the process's command."""
    found = set()
    for process in Path("/proc").iterdir():
        if not process.name.isdecimal():
            continue
        try:
            if os.getsid(int(process.name)) != leader:
                continue
            inodes = {str(each.readlink()) for each in (process / "fd").iterdir()}
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
            tables = {name: (process / "net" / name).read_text() for name in ("tcp", "tcp6", "udp", "udp6")}
        except OSError:
            continue
        for name, table in tables.items():
            for _, address, _, state, *_, inode in (line.split()[:10] for line in table.splitlines()[1:]):
                listens = state == "0A" if name.startswith("tcp") else address.rpartition(":")[2] != "0000"
                if listens and f"socket:[{inode}]" in inodes:
                    found.add((address, command))
    return found


def test_every_socket_of_every_process_is_on_loopback(stack: RunState) -> None:
    """0100007F is 127.0.0.1 in /proc's spelling."""
    found = find_listeners(stack.pid)
    assert {f"0100007F:{port:04X}" for port in Ports.starting_at(stack.port)} <= {address for address, _ in found}
    elsewhere = {each for each in found if each[0].partition(":")[0] not in {"0100007F", "00000000000000000000000001000000"}}
    assert not elsewhere


def test_nobody_else_of_this_machine_reads_the_stacks_secrets(stack: RunState, stack_dir: Path) -> None:
    """Neither its files, nor the temporary ones, nor the lists of processes hold what signs for it."""
    assert stack_dir.stat().st_mode & 0o077 == 0
    for path in (stack_dir / "run.json", stack_dir / "tmp"):
        assert path.stat().st_mode & 0o077 == 0, path
    secret = stack.aws["AWS_SECRET_ACCESS_KEY"]
    assert len(secret) >= 32
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            assert secret.encode() not in process.read_bytes()
        except OSError:
            continue


# --- what a developer needs -------------------------------------------------------------------------------------------------------


def test_a_shell_asks_without_any_header(ports: Ports) -> None:
    picture = (Path(__file__).parents[2] / "docs/seven.png").read_bytes()
    assert send(ports.api, "POST", "/predictions", picture, headers={"Content-Type": "image/png"})[0] == 200
    assert send(ports.api, "GET", "/health", headers={"Host": f"localhost:{ports.api}"})[0] == 200
    assert send(ports.page, "GET", "/")[0] == 200


def test_a_front_end_of_ones_own_on_this_machine_uses_the_api(ports: Ports, events_key: str) -> None:
    """As Vite's development server at http://localhost:5173, which is another site than 127.0.0.1."""
    site = {"Origin": DEV_SERVER, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    status, headers, _ = send(ports.api, "OPTIONS", "/jobs", headers={**site, **asks})
    assert (status, headers["access-control-allow-origin"]) == (204, "*")
    status, headers, answer = send(ports.api, "POST", "/jobs", b'{"name": "a.csv"}', headers={"Content-Type": "application/json", **site})
    assert (status, headers["access-control-allow-origin"]) == (201, "*")
    form = json.loads(answer)["upload"]
    fields = "".join(f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in form["fields"].items())
    body = f'{fields}--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n1,2\r\n--b--\r\n'.encode()
    multipart = {"Content-Type": "multipart/form-data; boundary=b"}
    status, headers, _ = send(ports.gateway, "POST", urlsplit(form["url"]).path, body, headers={**multipart, **site})
    assert (status, headers["access-control-allow-origin"]) == (204, "*")
    assert open_socket(ports.events, "/event/realtime", events_key, **site) == 101
    assert open_socket(ports.events, "/event/realtime", events_key) == 101


def test_a_link_of_another_site_leads_to_the_page(ports: Ports) -> None:
    assert send(ports.page, "GET", "/", headers=LINK)[0] == 200


def sign_links(stack: RunState) -> Any:
    """Return a client of S3 with links of Signature Version 4: boto3 would take the older one, which S3 refuses in newer buckets."""
    return boto3.client("s3", config=Config(signature_version="s3v4"), **stack.client_options())


def test_a_presigned_link_needs_nothing_else(ports: Ports, stack: RunState) -> None:
    s3, key = sign_links(stack), f"raw/{uuid4().hex}"
    s3.put_object(Bucket=stack.dump_bucket, Key=key, Body=b"mine")
    link = urlsplit(s3.generate_presigned_url("get_object", Params={"Bucket": stack.dump_bucket, "Key": key}))
    page = {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    for headers in ({}, page, IMAGE):
        assert send(ports.gateway, "GET", f"{link.path}?{link.query}", headers=headers)[::2] == (200, b"mine")
    for query in (link.query[:-4] + "0000", link.query.replace(quote("inferstack-local"), "test")):
        assert send(ports.gateway, "GET", f"{link.path}?{query}")[0] == 403
    s3.delete_object(Bucket=stack.dump_bucket, Key=key)
