"""One file on its way: a job is asked for, the file goes straight to S3, and the job is looked at until it has ended."""

import json
import os
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cli import s3
from cli.api import Api, CallFailed
from cli.multipart import Form, Unreadable
from cli.parallel import in_parallel
from cli.retry import retrying
from functions.shared.jobs import FORBIDDEN_IN_NAME, LONGEST_NAME

IN_FLIGHT = 4
FIRST_LOOK_S, LONGEST_LOOK_S, LOOK_GROWTH = 0.5, 5.0, 1.5
TERMINAL = ("succeeded", "failed")
# For whoever looks at the bucket: what an upload is, the function finds out from its bytes.
CONTENT_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".csv": "text/csv",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".gz": "application/gzip",
    ".zip": "application/zip",
}


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one file.

    Args:    job: as the API last told of it; None if there is none.
             problem: why it is not uploaded, or not seen to end; None if all went well so far.
             seconds: that the upload took.
    """

    file: Path
    job: dict[str, Any] | None = None
    problem: dict[str, str] | None = None
    seconds: float = 0

    @property
    def ended(self) -> bool:
        """Whether there is nothing to wait for."""
        return self.problem is not None or self.job is None or self.job.get("state") in TERMINAL

    @property
    def failed(self) -> bool:
        """Whether the file could not be uploaded, its job failed or was not seen to end."""
        return self.problem is not None or self.job is None or self.job.get("state") == "failed"


@dataclass(frozen=True, slots=True)
class Sender:
    """Uploads files to one API.

    Args:    csv: whether predictions.csv is asked for too.
             post, sleep: replaced in tests.
    """

    api: Api
    csv: bool = False
    post: s3.Post = s3.post
    sleep: Callable[[float], object] = time.sleep

    def send(self, file: Path, sent: Callable[[int], object] = lambda _: None) -> Sent:
        """Return the job of a file that is uploaded, or the problem; never raises for one file's sake.

        Args:    sent: told the bytes that are on their way, from 0 again for each new attempt.
        """
        started = time.perf_counter()
        # One for all attempts: an answer that got lost must not make a second job.
        key = str(uuid.uuid4())
        try:
            job = retrying(lambda: self._attempt(file, key, sent), sleep=self.sleep)
        except CallFailed as failure:
            return Sent(file, problem=failure.problem)
        except (OSError, Unreadable) as error:
            return Sent(file, problem={"title": "Cannot read", "detail": getattr(error, "strerror", None) or str(error)})
        return Sent(file, job, seconds=round(time.perf_counter() - started, 3))

    def _attempt(self, file: Path, key: str, sent: Callable[[int], object]) -> dict[str, Any]:
        """Ask for the job and upload the file. The same key brings the same job, with a form whose time begins anew."""
        sent(0)
        with file.open("rb") as content:
            size_bytes = os.fstat(content.fileno()).st_size
            if size_bytes == 0:
                raise CallFailed("Empty file", "the file has 0 bytes, expected 1 or more")
            name, content_type = api_name(file), CONTENT_TYPES.get(file.suffix.lower(), "application/octet-stream")
            asked = {"name": name, "content_type": content_type, "size_bytes": size_bytes, "csv": self.csv}
            headers = {"content-type": "application/json", "idempotency-key": key}
            answer = self.api.call("POST", "/jobs", body=json.dumps(asked).encode(), headers=headers)
            try:
                url, fields = answer["upload"]["url"], answer["upload"]["fields"]
                job = {name: value for name, value in answer.items() if name != "upload"}  # a form is a permission: it is shown to nobody
                form = Form(dict(fields), name, content_type, size_bytes)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise CallFailed("No answer", f"{self.api.url} is no Inferstack API: it answered without an upload form") from error
            s3.require_done(self.post(url, form.headers, form.body(content, sent)))
        return job


def wait(
    api: Api,
    uploads: Sequence[Sent],
    *,
    timeout_s: float,
    ended: Callable[[int], object],
    sleep: Callable[[float], object] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> list[Sent]:
    """Return the uploads with their jobs as they ended, each with a problem if it did not in time.

    Args:    ended: told how many have.
    """
    known = list(uploads)
    until, pause_s = clock() + timeout_s, FIRST_LOOK_S
    while waiting := [number for number, each in enumerate(known) if not each.ended]:
        ended(len(known) - len(waiting))
        left_s = until - clock()
        if left_s <= 0:
            for number in waiting:
                known[number] = _late(known[number], timeout_s)
            break
        sleep(min(pause_s, left_s))
        pause_s = min(pause_s * LOOK_GROWTH, LONGEST_LOOK_S)
        for number, looked in zip(waiting, in_parallel(lambda number: _look(api, known[number]), waiting, IN_FLIGHT), strict=True):
            known[number] = looked
    ended(sum(each.ended for each in known))
    return known


def get_job(api: Api, id_: str) -> dict[str, Any]:
    """Return one job; raise CallFailed if there is none, or no answer."""
    job = api.call("GET", f"/jobs/{quote(id_, safe='')}")
    if not isinstance(job, dict) or "state" not in job:
        raise CallFailed("No answer", f"{api.url} is no Inferstack API: it answered without a job")
    return job


def api_name(file: Path) -> str:
    """Return a file's name as the API takes it: at most 200 characters, with "_" for those it does not take; the suffix stays."""
    name = FORBIDDEN_IN_NAME.sub("_", file.name)
    suffix = Path(name).suffix[: LONGEST_NAME // 2]
    shortened = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - len(suffix)] + suffix
    return shortened if shortened.strip() else "_"


def _look(api: Api, upload: Sent) -> Sent:
    try:
        return replace(upload, job=get_job(api, str((upload.job or {}).get("id", ""))))
    except CallFailed as failure:
        return upload if failure.transient else replace(upload, problem=failure.problem)


def _late(upload: Sent, timeout_s: float) -> Sent:
    job = upload.job or {}
    detail = f"the job is still {job.get('state')} after {timeout_s:g} s; it goes on, look with `inferstack jobs show {job.get('id')}`"
    return replace(upload, problem={"title": "Timeout", "detail": detail})
