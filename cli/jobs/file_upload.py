"""The upload of one file: the API makes a job, and the file goes straight to S3."""

import json
import os
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.api.answers import NEW_JOB
from cli.api.client import Api
from cli.http.client import CallFailed
from cli.http.presigned_s3 import SignedForm, upload_file
from cli.http.retry import retry
from cli.http.sized_file import SizedFile
from cli.jobs.content_types import UPLOADABLE
from functions.shared.jobs import FORBIDDEN_IN_NAME, LONGEST_NAME
from functions.shared.keys import KEYS
from recipes.media_types import JSON, OCTET_STREAM

TERMINAL = ("succeeded", "failed")


@dataclass(frozen=True, slots=True)
class FileUpload:
    """A file, and how far its upload and its job are.

    Args:    job: the API's last answer about it; None if there is none.
             problem: why it is not uploaded, or not known to end; None if all is well so far.
             seconds: how long the upload took.
    """

    file: Path
    job: dict[str, Any] | None = None
    problem: dict[str, str] | None = None
    seconds: float = 0

    @property
    def has_ended(self) -> bool:
        """Whether there is nothing to wait for."""
        return self.problem is not None or self.job is None or self.job.get("state") in TERMINAL

    @property
    def has_failed(self) -> bool:
        """Whether the file could not be uploaded, its job failed or is not known to end."""
        return self.problem is not None or self.job is None or self.job.get("state") == "failed"


@dataclass(frozen=True, slots=True)
class Uploader:
    """Uploads files to one API.

    Args:    csv: whether to ask for predictions.csv too.
             recipe: whose the files are; empty for the API's default.
             keys: columns that the results repeat.
             sleep: replaced in tests.
    """

    api: Api
    csv: bool = False
    sleep: Callable[[float], object] = time.sleep
    recipe: str = ""
    keys: Sequence[str] = ()

    def upload(self, file: Path, report: Callable[[int], object] = lambda _: None) -> FileUpload:
        """Return a file's upload with its job or its problem; one file's error is never raised.

        Args:    report: called with the bytes that were sent, from 0 again for each new attempt.
        """
        started = time.perf_counter()
        # One for all attempts: an answer that got lost must not make a second job.
        key = str(uuid.uuid4())
        try:
            job = retry(lambda: self._attempt(file, key, report), sleep=self.sleep)
        except CallFailed as failure:
            return FileUpload(file, problem=failure.problem)
        except OSError as error:
            return FileUpload(file, problem={"title": "Cannot read", "detail": error.strerror or str(error)})
        return FileUpload(file, job, seconds=round(time.perf_counter() - started, 3))

    def _attempt(self, file: Path, key: str, report: Callable[[int], object]) -> dict[str, Any]:
        """Make the job and upload the file. The same key brings the same job, with a new form."""
        report(0)
        with file.open("rb") as content:
            size_bytes = os.fstat(content.fileno()).st_size
            if size_bytes == 0:
                raise CallFailed("Empty file", "the file has 0 bytes, expected 1 or more")
            name, content_type = build_job_name(file), UPLOADABLE.get(file.suffix.lower(), OCTET_STREAM)
            request = {"name": name, "content_type": content_type, "size_bytes": size_bytes, "csv": self.csv}
            request |= {"recipe": self.recipe} if self.recipe else {}
            request |= {KEYS: list(self.keys)} if self.keys else {}
            headers = {"content-type": JSON, "idempotency-key": key}
            answer = self.api.call("POST", "/jobs", NEW_JOB, body=json.dumps(request).encode(), headers=headers)
            form = SignedForm(answer["upload"]["url"], answer["upload"]["fields"])
            job = {name: value for name, value in answer.items() if name != "upload"}  # a form is a permission, so it is not printed
            upload_file(self.api.http, form, name, content_type, SizedFile(content, size_bytes, report))
        return job


def build_job_name(file: Path) -> str:
    """Return a file's name as the API takes it: at most 200 characters, with "_" for those it does not take; the suffix stays."""
    name = FORBIDDEN_IN_NAME.sub("_", file.name)
    suffix = Path(name).suffix[: LONGEST_NAME // 2]
    shortened = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - len(suffix)] + suffix
    return shortened if shortened.strip() else "_"
