"""The parts of the local run that need no process: what failed, what a rule says, where a door leads, what a name refuses."""

import asyncio
import io
import json
import os
import signal
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from emulator import ministack_adapter
from emulator.cloudformation import bucket_deployment
from emulator.cloudformation.appsync_types import _namespace, _spelled
from emulator.cloudformation.lifecycle import to_api
from emulator.cloudformation.sagemaker_types import _Endpoint
from emulator.front_doors import FrontDoors
from local.cdk import EVENT, reason
from local.process import group_alive, start, stop_group

CREATING = "Web | 10/30 | 5:20:12 AM | CREATE_IN_PROGRESS   | AWS::Lambda::Function   | Predict/Function (PredictFunction51F85491) "
FAILED = "Inference |   1 | 5:52:14 AM | CREATE_FAILED        | AWS::SageMaker::Endpoint | Endpoint (E80) The model server ended"


def test_reads_the_cdk_clis_events() -> None:
    creating, failed = EVENT.match(CREATING), EVENT.match(FAILED)
    assert creating
    assert (creating["done"], creating["all"], creating["status"], creating["type"]) == (
        "10",
        "30",
        "CREATE_IN_PROGRESS",
        "AWS::Lambda::Function",
    )
    assert failed
    assert (failed["all"], failed["what"]) == (None, "Endpoint (E80) The model server ended")


def test_gives_the_failed_resource_as_the_reason_once() -> None:
    assert reason([CREATING, FAILED, "Failed resources:", FAILED, "noise"]) == "Endpoint (E80) The model server ended"
    assert reason(["Error: no such stage", "noise"]) == "Error: no such stage"
    assert reason(["one", "two"]) == "one\ntwo"


def test_keeps_every_part_of_a_lifecycle_rule() -> None:
    assert to_api(
        {
            "Id": "raw",
            "Status": "Enabled",
            "Prefix": "raw/",
            "Transitions": [{"StorageClass": "GLACIER", "TransitionInDays": "90"}],
            "ExpirationInDays": 400,
            "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        }
    ) == {
        "ID": "raw",
        "Status": "Enabled",
        "Filter": {"Prefix": "raw/"},
        "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}],
        "Expiration": {"Days": 400},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    }


class Seen:
    """An ASGI application that remembers what came through."""

    def __init__(self) -> None:
        self.scopes: list[dict[str, Any]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scopes.append(scope)


def through(doors: FrontDoors, port: int) -> tuple[Seen, list[dict[str, Any]]]:
    seen, sent = Seen(), []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"host", f"127.0.0.1:{port}".encode()), (b"accept", b"*/*")]
    scope = {"type": "http", "server": ("127.0.0.1", port), "path": "/health", "raw_path": b"/health", "headers": headers}
    asyncio.run(doors.wrap(seen)(scope, None, send))
    return seen, sent


def test_lets_the_gateways_own_port_through_as_it_is() -> None:
    seen, _ = through(FrontDoors(4566), 4566)
    assert seen.scopes[0]["path"] == "/health"


def test_says_that_nothing_is_deployed_yet() -> None:
    seen, sent = through(FrontDoors(4566), 4567)
    assert seen.scopes == []
    assert sent[0]["status"] == 503


def test_leads_to_the_api_and_the_distribution_deployed_last(monkeypatch: pytest.MonkeyPatch) -> None:
    doors = FrontDoors(4566)
    assert doors.see_api("abc", {}, {"ApiId": "abc"}) == {"ApiId": "abc", "ApiEndpoint": "http://127.0.0.1:4567"}
    doors.see_distribution("E1", {}, {"DomainName": "d111.cloudfront.net"})
    assert through(doors, 4567)[0].scopes[0]["path"] == "/_aws/execute-api/abc/$default/health"
    page = dict(through(doors, 4568)[0].scopes[0]["headers"])
    assert page == {b"host": b"d111.cloudfront.localhost:4566", b"x-forwarded-proto": b"https", b"accept": b"*/*"}


class FakeS3:
    """A bucket store with the calls a deployment makes."""

    def __init__(self, **objects: bytes) -> None:
        self.objects: dict[tuple[str, str], bytes] = {("assets", key): content for key, content in objects.items()}
        self.headers: dict[str, dict[str, str]] = {}

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - AWS's names
        return {"Body": io.BytesIO(self.objects[Bucket, Key])}

    def put_object(self, Bucket: str, Key: str, Body: bytes, **headers: str) -> None:  # noqa: N803
        self.objects[Bucket, Key] = Body
        self.headers[Key] = headers

    def delete_object(self, Bucket: str, Key: str) -> None:  # noqa: N803
        del self.objects[Bucket, Key]

    def get_paginator(self, _: str) -> "FakeS3":
        return self

    def paginate(self, Bucket: str, Prefix: str) -> list[dict[str, Any]]:  # noqa: N803
        return [{"Contents": [{"Key": key} for bucket, key in list(self.objects) if bucket == Bucket and key.startswith(Prefix)]}]


def zipped(**files: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("_", "."), text)
    return content.getvalue()


def test_deploys_files_with_their_markers_types_and_headers_and_prunes() -> None:
    s3 = FakeS3(page=zipped(index_html="<p>", app_js="1"), config=zipped(config_json='{"apiUrl": <<marker>>}'))
    s3.objects["site", "old.html"] = b"old"
    bucket_deployment.deploy(
        s3,
        {
            "SourceBucketNames": ["assets", "assets"],
            "SourceObjectKeys": ["page", "config"],
            "SourceMarkers": [{}, {"<<marker>>": '"http://api"'}],
            "DestinationBucketName": "site",
            "SystemMetadata": {"cache-control": "no-cache"},
            "Prune": "true",
        },
    )
    site = {key: content for (bucket, key), content in s3.objects.items() if bucket == "site"}
    assert site.keys() == {"index.html", "app.js", "config.json"}
    assert json.loads(site["config.json"]) == {"apiUrl": "http://api"}
    assert s3.headers["app.js"] == {"ContentType": "text/javascript", "CacheControl": "no-cache"}


def test_refuses_another_ministack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ministack_adapter, "version", lambda _: "2.0.0")
    with pytest.raises(RuntimeError, match=r"ministack is 2\.0\.0.*make setup"):
        ministack_adapter.require_pinned_version()


class FakeControl:
    """A control plane whose endpoint ends up in the state it is told."""

    def __init__(self, **described: str) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._described = described

    @property
    def operations(self) -> dict[str, Any]:
        def operation(name: str, answer: dict[str, Any]) -> Any:
            return lambda request: self.calls.append((name, request)) or answer

        return {
            "CreateEndpoint": operation("CreateEndpoint", {"EndpointArn": "arn:e"}),
            "UpdateEndpoint": operation("UpdateEndpoint", {"EndpointArn": "arn:e"}),
            "DeleteEndpoint": operation("DeleteEndpoint", {}),
            "DescribeEndpoint": lambda _: self._described,
        }


def test_fails_an_endpoint_with_the_servers_words_and_removes_it() -> None:
    control = FakeControl(EndpointStatus="Failed", FailureReason="no such model")
    with pytest.raises(RuntimeError, match="no such model"):
        _Endpoint(control).create("E", {"EndpointName": "digits", "EndpointConfigName": "c"}, "stack")  # type: ignore[arg-type]
    assert [name for name, _ in control.calls] == ["CreateEndpoint", "DeleteEndpoint"]


def test_fails_an_update_that_was_rolled_back() -> None:
    control = FakeControl(EndpointStatus="InService", FailureReason="the new model is broken")
    with pytest.raises(RuntimeError, match="the new model is broken"):
        _Endpoint(control).update("arn:e", {"EndpointConfigName": "a"}, {"EndpointName": "digits", "EndpointConfigName": "b"}, "stack")  # type: ignore[arg-type]


def test_waits_for_no_endpoint_that_is_being_deleted() -> None:
    control = FakeControl(EndpointStatus="Deleting")
    with pytest.raises(RuntimeError, match="is Deleting; expected InService"):
        _Endpoint(control).create("E", {"EndpointName": "digits", "EndpointConfigName": "c"}, "stack")  # type: ignore[arg-type]


def test_leaves_an_endpoint_alone_whose_configuration_is_the_same() -> None:
    control = FakeControl(EndpointStatus="InService")
    properties = {"EndpointName": "digits", "EndpointConfigName": "a"}
    assert _Endpoint(control).update("arn:e", properties, dict(properties), "stack")[0] == "arn:e"  # type: ignore[arg-type]
    assert control.calls == []


def test_stops_a_group_that_is_gone_already() -> None:
    gone = 2**22 - 1
    assert not group_alive(gone)
    stop_group(gone)


def test_knows_that_a_process_it_started_was_ended_by_somebody_else(tmp_path: Path) -> None:
    """Its own child stays in the process table until it is waited for, and would count as alive for ever."""
    started = start(["sleep", "60"], env={"PATH": os.defpath}, cwd=tmp_path, log=tmp_path / "log")
    assert group_alive(started.pid)
    os.kill(started.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while group_alive(started.pid):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert started.returncode == -signal.SIGKILL


class Socket:
    """A client's end of a socket: what it sent, and what it was told."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(self, message: dict[str, Any]) -> None:
        self.told.append(message)


def knocked(doors: FrontDoors, port: int, kind: str) -> tuple[Seen, Socket]:
    seen, client = Seen(), Socket()
    headers = [(b"host", f"127.0.0.1:{port}".encode()), (b"origin", b"https://elsewhere.example")]
    path = "/event/realtime" if kind == "websocket" else "/event"
    scope = {"type": kind, "server": ("127.0.0.1", port), "path": path, "raw_path": path.encode(), "headers": headers}
    asyncio.run(doors.wrap(seen)(scope, client.receive, client.send))
    return seen, client


@pytest.mark.parametrize(("kind", "name"), [("http", "appsync-api"), ("websocket", "appsync-realtime-api")])
def test_leads_any_page_to_the_event_api_deployed_last(kind: str, name: str) -> None:
    doors = FrontDoors(4566)
    doors.see_event_api("older")
    doors.see_event_api("newer")
    scope = knocked(doors, 4569, kind)[0].scopes[0]
    assert dict(scope["headers"])[b"host"] == f"newer.{name}.us-east-1.localhost:4566".encode()
    assert doors.events_host == "127.0.0.1:4569"


def test_closes_a_socket_that_knocks_where_no_event_api_is() -> None:
    doors = FrontDoors(4566)
    seen, client = knocked(doors, 4569, "websocket")
    assert (seen.scopes, client.told) == ([], [{"type": "websocket.close", "code": 1008}])
    doors.see_event_api("newer")
    for port in (4566, 4567, 4568):  # AWS's APIs above all: a page of any site may open a socket to them
        assert knocked(doors, port, "websocket")[0].scopes == []


def test_spells_a_templates_properties_as_the_api_does_and_leaves_its_tags() -> None:
    template = {"Name": "x", "EventConfig": {"AuthProviders": [{"AuthType": "AWS_IAM"}]}, "Tags": [{"Key": "a", "Value": "b"}]}
    assert _spelled(template) == {"name": "x", "eventConfig": {"authProviders": [{"authType": "AWS_IAM"}]}}


@pytest.mark.parametrize("handlers", [{"CodeS3Location": "s3://b/k"}, {"HandlerConfigs": {"OnSubscribe": {"Behavior": "DIRECT"}}}])
def test_deploys_no_namespace_whose_handler_it_would_not_run(handlers: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="give their code inline"):
        _namespace({"ApiId": "a", "Name": "jobs", **handlers})


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
    seen, sent = Seen(), []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    given = {b"host": b"127.0.0.1:4566", **headers}
    scope = {"type": "http", "server": ("127.0.0.1", 4566), "path": "/", "raw_path": b"/", "headers": list(given.items())}
    asyncio.run(FrontDoors(4566).wrap(seen)(scope, None, send))
    assert bool(seen.scopes) == let_in
    assert [message["status"] for message in sent if "status" in message] == ([] if let_in else [403])
