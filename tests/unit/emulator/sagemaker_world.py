"""The local SageMaker without a process or a socket: boto3's own client in front of the real service, servers that only answer."""

import asyncio
import io
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse

from emulator.sagemaker.control import Control
from emulator.sagemaker.server import Fetch
from emulator.sagemaker.service import Service

ROLE = "arn:aws:iam::000000000000:role/test"
LIMIT_S = 10


@dataclass
class FakeAnswer:
    """What a container answers."""

    status: int = 200
    data: bytes = b"ok"
    headers: dict[str, str] = field(default_factory=dict)


class FakeServer:
    """A model server that answers as told, and never while or after it is stopped.

    Args:    before: called before each answer.
    """

    def __init__(self, name: str, archive_url: str = "", environment: Mapping[str, str] | None = None) -> None:
        self.name, self.archive_url, self.environment = name, archive_url, environment
        self.answer, self.before = FakeAnswer(), lambda: None
        self.invoked = self.in_flight = 0
        self.stopped = False

    def invoke(self, body: bytes, headers: Mapping[str, str]) -> FakeAnswer:
        assert not self.stopped, f"{self.name} was asked after it was stopped"
        self.invoked += 1
        self.in_flight += 1
        self.before()
        self.in_flight -= 1
        return self.answer

    def alive(self) -> bool:
        return True

    def stop(self) -> None:
        assert not self.in_flight, f"{self.name} was stopped with {self.in_flight} in flight"
        self.stopped = True


@dataclass
class World:
    """A control plane, what it started and what it told."""

    log_dir: Path
    servers: list[FakeServer] = field(default_factory=list)
    events: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    alarms: dict[str, dict[str, Any]] = field(default_factory=dict)
    clock: Any = None

    def __post_init__(self) -> None:
        self.control = Control(
            fetch=Fetch("http://localhost"),
            log_dir=self.log_dir,
            emit=self._emit,
            serve=self._serve,
            describe_alarms=lambda names: [self.alarms[name] for name in names if name in self.alarms],
            clock=self.clock,
        )
        self.service = Service(self.control)

    def client(self, name: str = "sagemaker") -> Any:
        """Return a boto3 client whose requests the service answers, and whose answers botocore parses."""
        made = boto3.client(name, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
        made.meta.events.register("before-send", self._answer)
        return made

    def _answer(self, request: Any, **_: Any) -> AWSResponse:
        headers = {key.lower(): value.decode() if isinstance(value, bytes) else str(value) for key, value in request.headers.items()}
        path = request.url.partition("amazonaws.com")[2]
        status, answered, body = asyncio.run(self.service.handle(request.method, path, headers, request.body or b"", {}))
        return AWSResponse(request.url, status, answered, _Raw(body))

    def _emit(self, source: str, detail_type: str, detail: Mapping[str, Any]) -> None:
        self.events.append((source, detail_type, dict(detail)))

    def _serve(self, name: str, archive_url: str, environment: Mapping[str, str], **_: Any) -> Any:
        self.servers.append(FakeServer(name, archive_url, environment))
        return self.servers[-1]


class _Raw(io.BytesIO):
    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


def until(true: Callable[[], bool]) -> None:
    """Wait for another thread."""
    deadline = time.monotonic() + LIMIT_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)
