"""A job's state, which its objects in the results bucket tell. No other file decides it."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from functions.shared.jobs import RECORD, STARTED, SUMMARY, Job
from functions.shared.object_store import Store, Stored, parse_time

DAY_S = 86_400
Document = dict[str, Any]


class JobStates:
    """Jobs by their objects.

    Args:    results: the bucket of results.
             upload_days: how long an upload is kept.
             now: replaced in tests.
    """

    def __init__(self, results: Store, *, upload_days: int, now: Callable[[], float] = time.time) -> None:
        self._results, self._upload_days, self._now = results, upload_days, now

    def describe_row(self, job: Job, objects: Sequence[Stored]) -> Document:
        """Return what a list of jobs says of one."""
        document, summary = self.describe(job, objects)
        counts: Document = {name: summary[name] for name in ("rows", "failed") if name in summary} if summary else {}
        return {**{name: value for name, value in document.items() if name not in {"started_at", "error"}}, **counts}

    def describe(self, job: Job, objects: Sequence[Stored]) -> tuple[Document, Document | None]:
        """Return what a job's objects say of it, and its summary if it is finished."""
        keys = {each.key for each in objects}
        if job.key(SUMMARY) in keys and (summary := self._results.read_json(job.key(SUMMARY))) is not None:
            times: Document = {name: summary[name] for name in ("started_at", "finished_at") if name in summary}
            error = {"error": summary["error"]} if "error" in summary else {}
            return {**summarize(job, summary, summary["state"]), **times, **error}, summary
        record = self._results.read_json(job.key(RECORD)) or {} if job.key(RECORD) in keys else {}
        started = self._results.read_json(job.key(STARTED)) or {} if job.key(STARTED) in keys else {}
        document = summarize(job, {**started, **record}, "processing" if started else "waiting")
        if started:
            document["started_at"] = started.get("started_at")
        if self._is_expired(document["created_at"]):  # its upload is deleted, if there was one: nothing can finish it any more
            return {**document, "state": "failed", "error": self._describe_expiry()}, {}
        return document, None

    def _is_expired(self, created_at: str) -> bool:
        return bool(created_at) and self._now() > parse_time(created_at) + self._upload_days * DAY_S

    def _describe_expiry(self) -> Document:
        detail = f"no upload came or was processed within {self._upload_days} days, after which uploads are deleted"
        return {"code": "expired", "title": "Expired", "detail": detail, "advice": "Upload it again."}


def summarize(job: Job, record: Document, state: str) -> Document:
    """Return what every description of a job begins with."""
    return {
        "id": job.id,
        "state": state,
        "name": record.get("name", ""),
        **({"recipe": record["recipe"]} if "recipe" in record else {}),
        "created_at": record.get("created_at", record.get("started_at", "")),
        "status_url": job.status_url,
        "channel": job.channel,
    }
