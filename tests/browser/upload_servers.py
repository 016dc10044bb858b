"""A stand-in for the uploads' half of the stack: /jobs, the bucket that a form posts to, and the events. Tests say what happens when."""

import json
import queue
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from tests.browser.event_server import FakeEvents, serve_events
from tests.browser.servers import FakeApi, FakePage, Reply, Request, problem, serve

MAX_BYTES = 26_214_400
MODEL = "1.0.0+0e985eab"


@dataclass
class Job:
    """A job as the table holds it."""

    id: str
    asked: dict[str, Any]
    created_at: str
    state: str = "waiting"
    more: dict[str, Any] = field(default_factory=dict)
    body: bytes = b""

    @property
    def channel(self) -> str:
        return f"/jobs/someone/{self.id}"

    @property
    def key(self) -> str:
        return f"uploads/someone/{self.id}/{self.asked['name']}"

    def told(self) -> dict[str, Any]:
        """The fields every answer about it has."""
        named = {"id": self.id, "state": self.state, "name": self.asked["name"], "created_at": self.created_at}
        return {**named, "status_url": f"/jobs/{self.id}", "channel": self.channel}


def parts(request: Request) -> list[tuple[str, str | None, bytes]]:
    """A multipart form's parts in order, as (name, file name, content)."""
    message = message_from_bytes(f"content-type: {request.headers['content-type']}\r\n\r\n".encode() + request.body)
    found: list[tuple[str, str | None, bytes]] = []
    for part in message.get_payload():
        assert isinstance(part, Message)
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        found.append((str(part.get_param("name", header="content-disposition")), part.get_filename(), content))
    return found


class FakeCloud:
    """Jobs that wait for a test to work on them."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.keys: dict[str, str] = {}
        self.events = FakeEvents()
        self.arrived: queue.Queue[Job] = queue.Queue()
        self.posts: list[Request] = []
        self.refusals: list[Reply] = []  # what the bucket says before it takes anything
        self.gets: list[str] = []
        self.page_size = 20
        self.bucket_url = ""
        self._numbers = count(1)

    def add(self, name: str, state: str = "waiting", **more: Any) -> Job:
        """A job that is there already."""
        number = next(self._numbers)
        job = Job(f"{number:026d}", {"name": name}, f"2026-11-21T07:{number // 60:02d}:{number % 60:02d}.000Z", state, more)
        self.jobs[job.id] = job
        return job

    def next(self) -> Job:
        """The next job whose file arrives."""
        return self.arrived.get(timeout=30)

    def progress(self, job: Job, done: int, total: int | None) -> None:
        """Tell how far a job is."""
        job.state = "processing"
        self.events.publish(job.channel, {"id": job.id, "state": "processing", "rows_done": done, "rows_total": total})

    def finish(self, job: Job, summary: dict[str, Any], *, times: int = 1) -> None:
        """End a job well."""
        csv = [{"name": "predictions.csv", "url": f"{self.bucket_url}/{job.id}/predictions.csv?signed", "size_bytes": 300_000}]
        results = [{"name": "predictions.jsonl", "url": f"{self.bucket_url}/{job.id}/predictions.jsonl?signed", "size_bytes": 1_400_000}]
        job.more = {"summary": summary, "results": results + (csv if job.asked.get("csv") else [])}
        self._end(job, "succeeded", times)

    def fail(self, job: Job, title: str, detail: str, advice: str, summary: dict[str, Any] | None = None) -> None:
        """End a job badly."""
        error = {"code": "any-code", "title": title, "detail": detail, "advice": advice}
        job.more = {"error": error, **({"summary": summary} if summary else {})}
        self._end(job, "failed", 1)

    def _end(self, job: Job, state: str, times: int) -> None:
        job.state = state
        job.more["finished_at"] = "2026-11-21T08:00:00.000Z"
        summary = job.more.get("summary", {})
        event = {"id": job.id, "owner": "someone", "state": state, "name": job.asked["name"], "finished_at": job.more["finished_at"]}
        for _ in range(times):
            self.events.publish(job.channel, {**event, "rows": summary.get("rows"), "failed": summary.get("failed")})

    def api(self, request: Request) -> Reply:
        """Answer /jobs."""
        url = urlsplit(request.path)
        if request.method == "POST":
            return self._create(request)
        if url.path != "/jobs":
            job = self.jobs.get(url.path.removeprefix("/jobs/"))
            self.gets.append(url.path)
            return Reply(200, {**job.told(), **job.more}) if job else problem(404, "not-found", "Not found", "No such job.")
        newest = sorted(self.jobs.values(), key=lambda job: job.created_at, reverse=True)
        start = int(parse_qs(url.query).get("cursor", ["0"])[0])
        end = start + self.page_size
        lines = [{**job.told(), **self._counts(job)} for job in newest[start:end]]
        return Reply(200, {"jobs": lines, "next": str(end) if end < len(newest) else None})

    @staticmethod
    def _counts(job: Job) -> dict[str, Any]:
        summary = job.more.get("summary", {})
        return {name: summary[name] for name in ("rows", "failed") if name in summary}

    def _create(self, request: Request) -> Reply:
        asked = json.loads(request.body)
        size = asked.get("size_bytes", 0)
        if size > MAX_BYTES:
            return problem(413, "too-large", "Input too large", f"the file has {size:,} bytes; an upload takes at most {MAX_BYTES:,}")
        key = request.headers["idempotency-key"] or uuid4().hex
        if key not in self.keys:
            self.keys[key] = self.add(asked["name"]).id
            self.jobs[self.keys[key]].asked = asked
        job = self.jobs[self.keys[key]]
        fields = {"key": job.key, "Content-Type": asked["content_type"], "policy": "any-policy", "x-amz-signature": "any-signature"}
        upload = {
            "url": self.bucket_url,
            "fields": fields,
            "min_bytes": size or 1,
            "max_bytes": size or MAX_BYTES,
            "expires_at": "2026-11-21T08:30:00Z",
        }
        return Reply(201, {**job.told(), "upload": upload}, {"location": f"/jobs/{job.id}"})

    def bucket(self, request: Request) -> Reply:
        """Take a presigned form as S3 does: every signed field, then the file as the last part."""
        self.posts.append(request)
        if len(request.body) < int(request.headers["content-length"]):
            return Reply(400, b"<Error><Code>IncompleteBody</Code></Error>")
        if self.refusals:
            return self.refusals.pop(0)
        *fields, (last, _, content) = parts(request)
        job = next((job for job in self.jobs.values() if ("key", None, job.key.encode()) in fields), None)
        if last != "file" or not job or [name for name, *_ in fields] != ["key", "Content-Type", "policy", "x-amz-signature"]:
            return Reply(403, b"<Error><Code>AccessDenied</Code><Message>Invalid according to Policy</Message></Error>")
        job.body = content
        self.arrived.put(job)
        return Reply(204, b"")


@contextmanager
def serve_uploads(cloud: FakeCloud, api: FakeApi, site: FakePage) -> Iterator[None]:
    """Run the bucket and the events, and tell the API and the page of them."""
    with ExitStack() as stack:
        cloud.bucket_url = stack.enter_context(serve(cloud.bucket, cors=True))
        stack.enter_context(serve_events(cloud.events))
        api.jobs = cloud.api
        site.config = {**site.config, "events": cloud.events.config, "maxUploadBytes": MAX_BYTES}
        site.connect = f"{api.url} {cloud.bucket_url} ws://{cloud.events.host}"
        yield
