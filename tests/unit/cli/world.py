"""What the commands are tested with instead of a network: an API with jobs, an S3 that takes forms, and queues."""

import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request

from cli.outside import Outside
from cli.s3 import Response
from tests.fakes import FakeClock

URL = "https://api.example"
FIELDS = {"key": "uploads/a/b", "Content-Type": "image/png", "policy": "cG9saWN5", "x-amz-signature": "abc"}


def headers_of(**values: str) -> Message:
    message = Message()
    for name, value in values.items():
        message[name.replace("_", "-")] = value
    return message


class Answer(io.BytesIO):
    """A response as urlopen gives it."""

    def __init__(self, body: bytes, announced: int | None = None) -> None:
        super().__init__(body)
        self.headers = headers_of(content_length=str(len(body) if announced is None else announced))


def refused(status: int, body: bytes = b"", **headers: str) -> HTTPError:
    return HTTPError(URL, status, "refused", headers_of(**headers), io.BytesIO(body))


@dataclass
class FakeApi:
    """Jobs by Idempotency-Key; `failures` are raised first, one a call. `looks` are what each look at a job tells of, the last for ever."""

    failures: list[Exception] = field(default_factory=list)
    looks: list[dict[str, Any]] = field(default_factory=lambda: [finished()])
    pages: list[dict[str, Any]] = field(default_factory=list)
    objects: dict[str, Answer | Exception] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __call__(self, request: Request, timeout: float) -> Answer:
        self.asked.append(request)
        if self.failures:
            raise self.failures.pop(0)
        if request.full_url in self.objects:
            found = self.objects[request.full_url]
            if isinstance(found, Exception):
                raise found
            return found
        return Answer(json.dumps(self._answer(request)).encode())

    def _answer(self, request: Request) -> dict[str, Any]:
        path = request.full_url.removeprefix(URL)
        if request.method == "POST":
            key = str(request.headers["Idempotency-key"])
            body = json.loads(request.data or b"")
            job = self.jobs.setdefault(key, {"id": f"job{len(self.jobs)}", "state": "waiting", "name": body["name"]})
            return {**job, "upload": {"url": "https://s3.example/", "fields": FIELDS}}
        if path.startswith("/jobs?"):
            return self.pages.pop(0)
        look = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        return {"id": path.removeprefix("/jobs/"), **look}


@dataclass
class FakeS3:
    """Takes forms whole. `answers` are given or raised first, one a form."""

    answers: list[Response | Exception] = field(default_factory=list)
    forms: list[dict[str, bytes]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, url: str, headers: Mapping[str, str], body: Iterable[bytes]) -> Response:
        self.headers.append(dict(headers))
        content = b"".join(body)
        assert len(content) == int(headers["content-length"])
        fields, name = parsed(headers["content-type"], content)
        self.forms.append(fields)
        self.names.append(name)
        answer = self.answers.pop(0) if self.answers else Response(204)
        if isinstance(answer, Exception):
            raise answer
        return answer


def parsed(content_type: str, body: bytes) -> tuple[dict[str, bytes], str]:
    """Return the parts of a form by name, in order, and the file's name: RFC 7578 with names in UTF-8, as S3 and browsers have it."""
    boundary = content_type.removeprefix("multipart/form-data; boundary=").encode()
    before, *chunks, after = body.split(b"--" + boundary)
    assert (before, after) == (b"", b"--\r\n")
    parts, filename = {}, ""
    for chunk in chunks:
        assert (chunk[:2], chunk[-2:]) == (b"\r\n", b"\r\n")
        head, _, content = chunk[2:-2].partition(b"\r\n\r\n")
        disposition = head.decode().split("\r\n")[0]
        found = re.fullmatch(r'Content-Disposition: form-data; name="([^"]*)"(?:; filename="([^"]*)")?', disposition)
        assert found, disposition
        parts[found[1]] = content
        filename = found[2] or filename
    return parts, filename


def finished(**more: Any) -> dict[str, Any]:
    summary = {"format": "image", "rows": 3, "succeeded": 3, "failed": 0, "labels": {"4": 1, "0": 1, "7": 1}}
    predictions = [{"row": row, "label": label} for row, label in enumerate((4, 0, 7), 1)]
    times = {"created_at": "2026-11-21T07:30:00.000Z", "finished_at": "2026-11-21T07:30:02.500Z"}
    return {"state": "succeeded", **times, "summary": {**summary, "predictions": predictions}, **more}


def outside(api: FakeApi, s3: FakeS3 | None = None, aws: Callable[[str], Callable[[str], Any]] | None = None) -> Outside:
    clock = FakeClock()
    return Outside(open=api, post=s3 or FakeS3(), aws=aws or (lambda _: lambda _: None), sleep=clock.sleep, clock=clock)
