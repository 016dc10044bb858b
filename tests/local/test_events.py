"""Push on the real stack: AWS's own client subscribes to a job's channel and is told; and below, whom an Event API lets in."""

import base64
import json
import os
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from deployment.paths import EMULATOR_PYTHON, NODE, ROOT
from local import cdk
from local.process import is_listening, start_group, stop_group
from local.run_state import RunState
from recipes import npy
from tests.conftest import free_ports
from tests.local.conftest import create_queue_for_events
from tests.local.test_uploads import api, finished, post_form

SCRIPT = Path(__file__).parent / "subscribe.mjs"
Lines = Iterator[dict[str, Any]]
__all__ = ["api"]


@contextmanager
def subscribed(url: str, channel: str, *, key: str = "", token: str = "") -> Iterator[Lines]:
    """Give what a subscriber prints, a line at a time; it has ended by itself after a minute."""
    command = [NODE, SCRIPT, url, channel, key, token]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield (json.loads(line) for line in process.stdout)
        process.kill()
        process.communicate()


def events_config(page_url: str) -> dict[str, Any]:
    with urlopen(f"{page_url}/config.json") as answer:
        found: dict[str, Any] = json.load(answer)["events"]
    return found


def test_tells_a_subscriber_when_the_job_is_finished(api: Any, stack: RunState) -> None:
    config = events_config(stack.page_url)
    _, job = api("POST", "/jobs", {"name": "a.npy"})
    with subscribed(config["url"], job["channel"], key=config["auth"]["apiKey"]) as told:
        assert [next(told), next(told)] == [{"connected": job["channel"]}, {"subscribed": job["channel"]}]
        assert post_form(job["upload"], npy.write(bytes(2 * 784), (2, 784))) == 204
        said = next(told)["data"]
    assert {name: said[name] for name in ("id", "state", "name", "rows", "failed", "status_url")} == {
        "id": job["id"],
        "state": "succeeded",
        "name": "a.npy",
        "rows": 2,
        "failed": 0,
        "status_url": job["status_url"],
    }
    assert finished(api, job["id"])["finished_at"] == said["finished_at"]


def test_lets_nobody_subscribe_with_a_key_it_does_not_know(stack: RunState) -> None:
    with subscribed(events_config(stack.page_url)["url"], "/jobs/anyone/x", key="da2-wrong") as told:
        assert "error" in next(told)  # its words are the socket's affair, below: the client has none when the close overtakes them


@pytest.mark.parametrize("channel", ["/other/anyone/x"])
def test_knows_no_other_namespace(stack: RunState, channel: str) -> None:
    config = events_config(stack.page_url)
    with subscribed(config["url"], channel, key=config["auth"]["apiKey"]) as told:
        next(told)
        assert "error" in next(told)


def test_tells_back_ends_by_an_event(api: Any, stack: RunState, client: Any) -> None:
    bus, sqs = client("events"), client("sqs")
    queue, arn = create_queue_for_events(client, "test-finished")
    bus.put_rule(Name="test-finished", EventPattern=json.dumps({"source": ["inferstack"], "detail-type": ["Inferstack Job Finished"]}))
    bus.put_targets(Rule="test-finished", Targets=[{"Id": "q", "Arn": arn}])
    try:
        _, job = api("POST", "/jobs", {"name": "a.npy"})
        post_form(job["upload"], npy.write(bytes(784), (1, 784)))
        finished(api, job["id"])
        ids = set()
        for _ in range(20):
            for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=2).get("Messages", []):
                ids.add(json.loads(message["Body"])["detail"]["id"])
            if job["id"] in ids:
                break
        assert job["id"] in ids
    finally:
        bus.remove_targets(Rule="test-finished", Ids=["q"])
        bus.delete_rule(Name="test-finished")
        sqs.delete_queue(QueueUrl=queue)


KEY = ("inferstack-local", "secret")  # the operator's, on the emulator below
UNSIGNED = f"AWS4-HMAC-SHA256 Credential={KEY[0]}/20261121/us-east-1/appsync/aws4_request, SignedHeaders=host, Signature={'0' * 64}"
USERS_OWN = """
import { util } from '@aws-appsync/utils';
export function onSubscribe(ctx) {
  const [namespace, owner] = ctx.info.channel.segments;
  if (ctx.info.operation !== 'SUBSCRIBE' || namespace !== ctx.info.channelNamespace.name || owner !== ctx.identity.sub) {
    util.unauthorized();
  }
  if (ctx.info.channel.path.endsWith('/broken')) {
    util.error('this one is broken');
  }
}
"""


class Socket:
    """AppSync Events' protocol over a WebSocket, frame by frame: what a client library would hide."""

    def __init__(self, port: int, auth: dict[str, str], origin: str = "http://localhost:5173") -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self._file = self._socket.makefile("rwb", buffering=0)
        header = base64.urlsafe_b64encode(json.dumps(auth).encode()).decode().rstrip("=")
        lines = [
            "GET /event/realtime HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            f"Origin: {origin}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            f"Sec-WebSocket-Protocol: aws-appsync-event-ws, header-{header}",
        ]
        self._file.write("\r\n".join([*lines, "", ""]).encode())
        self.status = int(self._file.readline().split()[1])
        while self._file.readline().strip():
            pass

    def __enter__(self) -> "Socket":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._socket.close()

    def ask(self, **message: Any) -> dict[str, Any]:
        """Send a message and return the next that comes."""
        payload, mask = json.dumps(message).encode(), os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        size = struct.pack("!B", 0x80 | len(payload)) if len(payload) < 126 else struct.pack("!BH", 0xFE, len(payload))
        self._file.write(b"\x81" + size + mask + masked)
        return self.next()

    def subscribe(self, channel: str, auth: dict[str, str]) -> dict[str, Any]:
        return self.ask(type="subscribe", id=uuid4().hex, channel=channel, authorization=auth)

    def next(self) -> dict[str, Any]:
        """Return the next message."""
        opcode, size = struct.unpack("!BB", self._exactly(2))
        assert opcode == 0x81, f"expected a text frame, got {opcode:#x}"
        found: dict[str, Any] = json.loads(self._exactly(struct.unpack("!H", self._exactly(2))[0] if size == 126 else size))
        return found

    def _exactly(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            part = self._file.read(count - len(found))
            assert part, "the server closed the socket"
            found += part
        return found


@dataclass(frozen=True)
class EventApi:
    """An Event API with every way to sign in, on an emulator of its own: a second one would take the stack's door."""

    port: int
    pool: str
    outputs: dict[str, str]
    token: str
    make: Any

    @property
    def owner(self) -> str:
        payload = self.token.split(".")[1]
        return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"])

    @property
    def key(self) -> dict[str, str]:
        return {"host": "h", "x-api-key": self.outputs["Key"]}

    @property
    def user(self) -> dict[str, str]:
        return {"host": "h", "Authorization": self.token}

    def sign(self, body: bytes) -> dict[str, str]:
        """Return the headers of a signed POST of a body to the API."""
        request = AWSRequest("POST", f"http://{self.outputs['Http']}/event", {"content-type": "application/json"}, body)
        SigV4Auth(Credentials(*KEY), "appsync", "us-east-1").add_auth(request)
        return {"host": self.outputs["Http"], **dict(request.headers)}

    def socket(self, auth: dict[str, str]) -> Socket:
        return Socket(self.port + 3, auth)

    def publish(self, channel: str, event: object, *, signed: bool = False, **headers: str) -> tuple[int, dict[str, Any]]:
        body = json.dumps({"channel": channel, "events": [json.dumps(event)]}).encode()
        headers = {"content-type": "application/json", **headers} | (self.sign(body) if signed else {})
        request = Request(f"http://{self.outputs['Http']}/event", body, headers)
        try:
            with urlopen(request) as answer:
                return answer.status, json.load(answer)
        except HTTPError as refused:
            with refused:
                return refused.code, json.load(refused)


@pytest.fixture(scope="module")
def event_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EventApi]:
    folder, port = tmp_path_factory.mktemp("events"), free_ports()
    paths = os.pathsep.join((str(ROOT), str(ROOT / "lambda")))
    environment = {**cdk.build_environment(port, folder / "home", secret_key=KEY[1]), "PYTHONPATH": paths}
    emulator = start_group([EMULATOR_PYTHON, "-m", "emulator", str(port), str(folder)], env=environment, cwd=ROOT, log=folder / "log")

    def make(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{port}",
            region_name="us-east-1",
            aws_access_key_id=KEY[0],
            aws_secret_access_key=KEY[1],
        )

    try:
        deadline = time.monotonic() + 60
        while not is_listening(port):
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.1)
        pool, token = signed_in(make("cognito-idp"))
        yield EventApi(port, pool, deployed(make("cloudformation"), "events", template(pool)), token, make)
    finally:
        stop_group(emulator.pid)


def signed_in(cognito: Any) -> tuple[str, str]:
    """Return a new user pool and an access token of its one user."""
    pool = cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
    flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    app = cognito.create_user_pool_client(UserPoolId=pool, ClientName="page", ExplicitAuthFlows=flows)["UserPoolClient"]["ClientId"]
    cognito.admin_create_user(UserPoolId=pool, Username="ada", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username="ada", Password="Correct-Horse-1", Permanent=True)
    answer = cognito.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=app,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": "Correct-Horse-1"},
    )
    return pool, str(answer["AuthenticationResult"]["AccessToken"])


def template(pool: str, *, code: str = USERS_OWN, client: str = ".*", **key: Any) -> dict[str, Any]:
    """Return what CDK makes of an EventApi that people, keys and roles may use, in namespaces of their own."""
    people, role, keys = {"AuthType": "AMAZON_COGNITO_USER_POOLS"}, {"AuthType": "AWS_IAM"}, {"AuthType": "API_KEY"}
    cognito = {"UserPoolId": pool, "AwsRegion": {"Ref": "AWS::Region"}, "AppIdClientRegex": client}
    api_id = {"Fn::GetAtt": ["Api", "ApiId"]}
    config = {
        "AuthProviders": [keys, role, {**people, "CognitoConfig": cognito}],
        "ConnectionAuthModes": [keys, people, role],
        "DefaultPublishAuthModes": [role],
        "DefaultSubscribeAuthModes": [keys],
    }

    def namespace(name: str, **more: Any) -> dict[str, Any]:
        return {"Type": "AWS::AppSync::ChannelNamespace", "Properties": {"ApiId": api_id, "Name": name, "HandlerConfigs": {}, **more}}

    return {
        "Resources": {
            "Api": {"Type": "AWS::AppSync::Api", "Properties": {"Name": "test", "EventConfig": config}},
            "ApiKey": {"Type": "AWS::AppSync::ApiKey", "Properties": {"ApiId": api_id, **key}},
            "Open": namespace("open"),
            "Roles": namespace("roles", SubscribeAuthModes=[role]),
            "Own": namespace("own", SubscribeAuthModes=[people], CodeHandlers=code),
        },
        "Outputs": {
            "Http": {"Value": {"Fn::GetAtt": ["Api", "Dns.Http"]}},
            "Realtime": {"Value": {"Fn::GetAtt": ["Api", "Dns.Realtime"]}},
            "Arn": {"Value": {"Fn::GetAtt": ["Api", "ApiArn"]}},
            "Namespace": {"Value": {"Fn::GetAtt": ["Own", "ChannelNamespaceArn"]}},
            "Key": {"Value": {"Fn::GetAtt": ["ApiKey", "ApiKey"]}},
        },
    }


def deployed(cloudformation: Any, name: str, body: dict[str, Any]) -> dict[str, str]:
    """Create or update the stack, and return its outputs."""
    there = any(stack["StackName"] == name for stack in cloudformation.describe_stacks()["Stacks"])
    change, done = ("update_stack", "stack_update_complete") if there else ("create_stack", "stack_create_complete")
    getattr(cloudformation, change)(StackName=name, TemplateBody=json.dumps(body))
    cloudformation.get_waiter(done).wait(StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    found = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    return {each["OutputKey"]: each["OutputValue"] for each in found}


def test_names_the_event_api_as_cloudformation_does(event_api: EventApi) -> None:
    outputs = event_api.outputs
    assert outputs["Http"] == outputs["Realtime"] == f"127.0.0.1:{event_api.port + 3}"
    assert outputs["Arn"].startswith("arn:aws:appsync:us-east-1:000000000000:apis/")
    assert outputs["Namespace"] == f"{outputs['Arn']}/channelNamespace/own"
    assert outputs["Key"].startswith("da2-")


def test_pushes_what_a_role_publishes_to_every_page_that_subscribed(event_api: EventApi) -> None:
    with event_api.socket(event_api.key) as near, event_api.socket(event_api.key) as far:
        assert near.status == 101
        assert near.ask(type="connection_init") == {"type": "connection_ack", "connectionTimeoutMs": 300_000}
        assert near.subscribe("/open/room/1", event_api.key)["type"] == "subscribe_success"
        assert far.subscribe("/open/room/*", event_api.key)["type"] == "subscribe_success"
        status, answer = event_api.publish("/open/room/1", {"rows_done": 7}, signed=True)
        assert (status, answer["failed"]) == (200, [])
        for page in (near, far):
            said = page.next()
            assert (said["type"], json.loads(said["event"])) == ("data", {"rows_done": 7})


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer a.b.c"}, {"x-api-key": "the API's"}])
def test_lets_only_a_role_publish(event_api: EventApi, headers: dict[str, str]) -> None:
    given = {**headers, **({"x-api-key": event_api.outputs["Key"]} if "x-api-key" in headers else {})}
    status, answer = event_api.publish("/open/room/1", {}, **given)
    assert (status, answer["errors"][0]["errorType"]) == (401, "UnauthorizedException")


def test_lets_nobody_publish_who_only_names_a_roles_key(event_api: EventApi) -> None:
    status, answer = event_api.publish("/open/room/1", {}, authorization=UNSIGNED, **{"x-amz-date": "20261121T000000Z"})
    assert (status, "successful" in answer) == (403, False)


def test_lets_a_user_subscribe_where_the_handler_lets_them(event_api: EventApi) -> None:
    with event_api.socket(event_api.user) as page:
        assert page.subscribe(f"/own/{event_api.owner}/1", event_api.user)["type"] == "subscribe_success"
        for channel, message in {
            "/own/somebody-else/1": "You are not authorized to make this call.",
            f"/own/{event_api.owner}/broken": "this one is broken",
        }.items():
            refused = page.subscribe(channel, event_api.user)
            assert refused["type"] == "subscribe_error"
            assert refused["errors"] == [{"errorType": "UnauthorizedException", "message": message}]
        # The connection's own modes let a key in; this namespace's do not.
        assert page.subscribe(f"/own/{event_api.owner}/2", event_api.key)["type"] == "subscribe_error"


def damaged(token: str) -> str:
    head, payload, signature = token.split(".")
    return f"{head}.{payload}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


def test_connects_nobody_who_is_nobody(event_api: EventApi) -> None:
    for auth in (
        {"host": "h"},
        {"host": "h", "x-api-key": "da2-wrong"},
        {"host": "h", "Authorization": damaged(event_api.token)},
        {"host": "h", "Authorization": signed_in(event_api.make("cognito-idp"))[1]},  # of another pool
        {"host": "h", "Authorization": UNSIGNED},
    ):
        with event_api.socket(auth) as page:
            said = page.ask(type="connection_init")
            assert (said["type"], said["errors"][0]["errorType"]) == ("connection_error", "UnauthorizedException"), auth


def test_subscribes_nobody_with_another_header_than_the_connections(event_api: EventApi) -> None:
    with event_api.socket(event_api.key) as page:
        for auth in ({"host": "h", "x-api-key": "da2-wrong"}, {"host": "h", "Authorization": damaged(event_api.token)}):
            for channel in ("/open/room/1", f"/own/{event_api.owner}/1"):
                assert page.subscribe(channel, auth)["errors"][0]["errorType"] == "UnauthorizedException"


def test_checks_the_signature_of_each_frame(event_api: EventApi) -> None:
    """A connection is signed with an empty object, a subscription with its channel."""
    with event_api.socket(event_api.sign(b"{}")) as page:
        assert page.ask(type="connection_init")["type"] == "connection_ack"
        channel = "/roles/room/1"
        assert (
            page.subscribe(channel, event_api.sign(json.dumps({"channel": channel}, separators=(",", ":")).encode()))["type"]
            == "subscribe_success"
        )
        for auth in (event_api.sign(b"{}"), event_api.sign(b'{"channel":"/roles/other/1"}'), {"host": "h", "Authorization": UNSIGNED}):
            assert page.subscribe(channel, auth)["type"] == "subscribe_error"
    with event_api.socket(event_api.sign(b'{"other": 1}')) as page:
        assert page.ask(type="connection_init")["type"] == "connection_error"


def test_answers_a_pages_preflight(event_api: EventApi) -> None:
    request = Request(f"http://{event_api.outputs['Http']}/event", method="OPTIONS")
    request.add_header("Origin", "http://localhost:5173")
    request.add_header("Access-Control-Request-Method", "POST")
    with urlopen(request) as answer:
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "POST" in answer.headers["access-control-allow-methods"]


def test_takes_no_socket_at_the_gateways_own_port(event_api: EventApi) -> None:
    with Socket(event_api.port, event_api.key) as page:
        assert page.status == 403


def test_follows_an_update_of_the_template(event_api: EventApi) -> None:
    """It should run the new handler, hold clients to the new pattern, and let no key in that has expired."""
    cloudformation = event_api.make("cloudformation")

    def update(**changed: Any) -> None:
        deployed(cloudformation, "events", template(event_api.pool, **changed))

    everybody = "export function onSubscribe(ctx) {}"
    with event_api.socket(event_api.key) as page:
        try:
            update(code=everybody)
            assert page.subscribe("/own/somebody-else/1", event_api.user)["type"] == "subscribe_success"
            update(code=everybody, client="another-app")
            assert page.subscribe("/own/somebody-else/2", event_api.user)["type"] == "subscribe_error"
            update(Expires=int(time.time()) - 60)
            assert page.subscribe("/open/room/1", event_api.key)["type"] == "subscribe_error"
        finally:
            update()
        assert page.subscribe("/open/room/1", event_api.key)["type"] == "subscribe_success"
        assert page.subscribe("/own/somebody-else/3", event_api.user)["type"] == "subscribe_error"
