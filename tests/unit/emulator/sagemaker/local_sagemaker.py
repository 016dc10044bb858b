"""The local SageMaker without a process or a socket: boto3's own client in front of the real service, and servers that only answer."""

import asyncio
import io
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse

from deployment.this_machine import ACCOUNT, REGION
from emulator.sagemaker.control_plane import ControlPlane
from emulator.sagemaker.http import SageMakerHttp

ROLE = f"arn:aws:iam::{ACCOUNT}:role/test"
LIMIT_S = 10


@dataclass
class FakeResponse:
    """A container's response."""

    status: int = 200
    data: bytes = b"ok"
    headers: dict[str, str] = field(default_factory=dict)


class FakeServer:
    """A model server that answers with `response`, and that must not be invoked after it was stopped, nor stopped while it answers.

    Args:    before: called before each response.
    """

    def __init__(self, name: str, archive_url: str = "", environment: Mapping[str, str] | None = None) -> None:
        self.name, self.archive_url, self.environment = name, archive_url, environment
        self.response, self.before = FakeResponse(), lambda: None
        self.invoked = self.in_flight = 0
        self.stopped = False

    def invoke(self, body: bytes, headers: Mapping[str, str]) -> FakeResponse:
        assert not self.stopped, f"{self.name} was invoked after it was stopped"
        self.invoked += 1
        self.in_flight += 1
        self.before()
        self.in_flight -= 1
        return self.response

    def is_alive(self) -> bool:
        return True

    def stop(self) -> None:
        assert not self.in_flight, f"{self.name} was stopped with {self.in_flight} in flight"
        self.stopped = True


@dataclass
class LocalSageMaker:
    """A control plane, the servers that it started and the events that it put."""

    state_dir: Path
    servers: list[FakeServer] = field(default_factory=list)
    events: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    alarms: dict[str, dict[str, Any]] = field(default_factory=dict)
    clock: Any = None
    scalable_targets: Collection[str] = ()
    require: Callable[..., None] = lambda *_: None
    assume: Any = None

    def __post_init__(self) -> None:
        self.control_plane = ControlPlane(
            self._get_client,
            self.state_dir,
            put_event=self._put_event,
            assume=self.assume,
            start_server=self._start_server,
            clock=self.clock,
            scalable_targets=self.scalable_targets,
        )
        self._http = SageMakerHttp(self.control_plane, self.require)

    @property
    def client(self) -> Any:
        """A boto3 client for SageMaker, whose requests the service answers."""
        return self._connect("sagemaker")

    @property
    def runtime(self) -> Any:
        """The same for invocations."""
        return self._connect("sagemaker-runtime")

    def _connect(self, service: str) -> Any:
        client = _create_client(service)
        client.meta.events.unregister("before-send", unique_id="local")
        client.meta.events.register("before-send", self._send, unique_id="local")
        return client

    def _send(self, request: Any, **_: Any) -> AWSResponse:
        headers = {key.lower(): value.decode() if isinstance(value, bytes) else str(value) for key, value in request.headers.items()}
        path = request.url.partition("amazonaws.com")[2]
        status, response_headers, body = asyncio.run(self._http.handle(request.method, path, headers, request.body or b""))
        return AWSResponse(request.url, status, response_headers, _Raw(body))

    def _get_client(self, service: str) -> Any:
        """Return a client of the emulator's other services; nothing here reads from S3."""
        alarms = SimpleNamespace(
            describe_alarms=lambda AlarmNames: {"MetricAlarms": [self.alarms[n] for n in AlarmNames if n in self.alarms]}  # noqa: N803
        )
        return {"cloudwatch": alarms, "s3": None}[service]

    def _put_event(self, source: str, detail_type: str, detail: Mapping[str, Any]) -> None:
        self.events.append((source, detail_type, dict(detail)))

    def _start_server(self, name: str, archive_url: str, environment: Mapping[str, str], **_: Any) -> Any:
        self.servers.append(FakeServer(name, archive_url, environment))
        return self.servers[-1]


@cache
def _create_client(service: str) -> Any:
    """Return the one client of all tests, because creating one takes long."""
    return boto3.client(service, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")


class _Raw(io.BytesIO):
    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


def wait_until(is_true: Callable[[], bool]) -> None:
    """Wait for another thread."""
    deadline = time.monotonic() + LIMIT_S
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.002)
