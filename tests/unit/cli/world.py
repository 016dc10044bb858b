"""What the commands are tested with in place of a network: an API with jobs, and an S3 that takes forms, behind httpx.MockTransport."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import httpx
from botocore.exceptions import ClientError

from cli.services import Services
from cli.stage.aws import Clients
from local.run_state import RunState
from tests.fakes import FakeClock

URL, S3_URL = "https://api.example", "https://s3.example/"
FIELDS = {"key": "uploads/a/b", "Content-Type": "image/png", "policy": "cG9saWN5", "x-amz-signature": "abc"}
Answer = httpx.Response | Exception


class Broken(httpx.SyncByteStream):
    """A body that breaks off."""

    def __iter__(self) -> Iterator[bytes]:
        yield b"{}"
        raise httpx.RemoteProtocolError("peer closed connection (received 2 bytes, expected 6)")


def give(answer: Answer) -> httpx.Response:
    if isinstance(answer, Exception):
        raise answer
    return answer


@dataclass
class FakeApi:
    """Jobs by Idempotency-Key; `failures` are answered first, one a call. `looks` answer the reads of a job, the last for ever."""

    failures: list[Answer] = field(default_factory=list)
    looks: list[dict[str, Any]] = field(default_factory=lambda: [build_finished_job()])
    pages: list[dict[str, Any]] = field(default_factory=list)
    objects: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.failures:
            return give(self.failures.pop(0))
        if answers := self.objects.get(str(request.url)):
            return give(answers.pop(0))
        return httpx.Response(200, json=self._answer(request))

    def _answer(self, request: httpx.Request) -> dict[str, Any]:
        path = str(request.url).removeprefix(URL)
        if request.method == "POST":
            name = json.loads(request.content)["name"]
            job = self.jobs.setdefault(request.headers["idempotency-key"], {"id": f"job{len(self.jobs)}", "state": "waiting", "name": name})
            return {**job, "upload": {"url": S3_URL, "fields": FIELDS}}
        if path.startswith("/jobs?"):
            return self.pages.pop(0)
        look = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        return {"id": path.removeprefix("/jobs/"), **look}


@dataclass
class FakeS3:
    """Takes forms whole. `answers` are given first, one a form."""

    answers: list[Answer] = field(default_factory=list)
    forms: list[dict[str, bytes]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    headers: list[httpx.Headers] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.headers.append(request.headers)
        content = request.read()
        assert len(content) == int(request.headers["content-length"])
        fields, name = parse_form(request.headers["content-type"], content)
        self.forms.append(fields)
        self.names.append(name)
        return give(self.answers.pop(0)) if self.answers else httpx.Response(204)


def parse_form(content_type: str, body: bytes) -> tuple[dict[str, bytes], str]:
    """Return the parts of a form by name, in order, and the file's name: RFC 7578 with names in UTF-8, as S3 and browsers have it."""
    boundary = content_type.removeprefix("multipart/form-data; boundary=").encode()
    before, *chunks, after = body.split(b"--" + boundary)
    assert (before, after) == (b"", b"--\r\n")
    parts, filename = {}, ""
    for chunk in chunks:
        assert (chunk[:2], chunk[-2:]) == (b"\r\n", b"\r\n")
        head, _, content = chunk[2:-2].partition(b"\r\n\r\n")
        disposition = head.decode().split("\r\n")[0]
        match = re.fullmatch(r'Content-Disposition: form-data; name="([^"]*)"(?:; filename="([^"]*)")?', disposition)
        assert match, disposition
        parts[match[1]] = content
        filename = match[2] or filename
    return parts, filename


def build_finished_job(**more: Any) -> dict[str, Any]:
    summary = {"format": "image", "rows": 3, "succeeded": 3, "failed": 0, "labels": {"4": 1, "0": 1, "7": 1}}
    predictions = [{"row": row, "label": label} for row, label in enumerate((4, 0, 7), 1)]
    times = {"created_at": "2026-11-21T07:30:00.000Z", "finished_at": "2026-11-21T07:30:02.500Z"}
    return {"state": "succeeded", **times, "summary": {**summary, "predictions": predictions}, **more}


def open_http(api: Callable[[httpx.Request], httpx.Response], s3: FakeS3 | None = None) -> httpx.Client:
    """Return a client whose forms go to one and all else to the other."""
    forms = s3 or FakeS3()
    return httpx.Client(transport=httpx.MockTransport(lambda request: forms(request) if request.url == S3_URL else api(request)))


def fake_services(
    api: Callable[[httpx.Request], httpx.Response] | None = None,
    s3: FakeS3 | None = None,
    connect_aws: Callable[[str], Clients] | None = None,
    local_s3: Any = None,
) -> Services:
    clock, api = FakeClock(), api or FakeApi()
    connect_aws = connect_aws or (lambda _: lambda _: None)
    return Services(
        open_http=lambda: open_http(api, s3),
        connect_aws=connect_aws,
        open_local_s3=lambda _: nullcontext(local_s3),
        sleep=clock.sleep,
        clock=clock,
    )


def build_state(recipe: str = "digits", auth: str = "none", **more: Any) -> RunState:
    """Return a stack on this machine."""
    names = ("s3_endpoint", "dump_bucket", "uploads_bucket", "results_bucket", "events_url", "endpoint")
    aws = {
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    }
    known = {**dict.fromkeys(names, "any"), "api_url": "http://127.0.0.1:1", "page_url": "http://127.0.0.1:2", "aws": aws, **more}
    return RunState(pid=1, port=1, started_at=0, recipe=recipe, auth=auth, **known)


@dataclass(frozen=True)
class FakeStacks:
    """CloudFormation with stacks' outputs, by stack and name: moto's takes five seconds to import, and only this is read of it."""

    outputs: dict[str, dict[str, str]]

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
        if StackName not in self.outputs:
            raise ClientError(
                {"Error": {"Code": "ValidationError", "Message": f"Stack with id {StackName} does not exist"}}, "DescribeStacks"
            )
        return {
            "Stacks": [
                {
                    "StackStatus": "CREATE_COMPLETE",
                    "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in self.outputs[StackName].items()],
                }
            ]
        }
