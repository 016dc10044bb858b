"""Jobs as their owners see them: made, looked at and listed. A job's objects in the results bucket are the only truth about it."""

import hashlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from functions.shared.jobs import ID, RECORD, RESULTS, STARTED, SUMMARY, Job, jobs_of
from functions.shared.object_store import Store, Stored, timestamp
from recipes.errors import InvalidInput

UPLOAD_TIME_S, DOWNLOAD_TIME_S = 900, 3600
READ_AT_ONCE = 8
LISTED = 1000  # the most keys S3 lists at once; a job has five at most
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a job is asked for with.

    Args:    name: the upload's, for people.
             content_type: the one the upload must have.
             size_bytes: the one size it may have; None for any up to the limit.
             csv: whether predictions.csv is wanted too.
    """

    name: str
    content_type: str
    size_bytes: int | None
    csv: bool


class Presigning(Protocol):
    """Signs what a caller may do without credentials; `functions.jobs.presign.Presigner` does."""

    def upload(self, key: str, content_type: str, min_bytes: int, max_bytes: int, valid_s: int) -> dict[str, Any]:
        """Return the url and the fields of a form that uploads just this."""

    def download(self, key: str, name: str, valid_s: int) -> str:
        """Return an address to read one object from."""


class Service:
    """The use cases.

    Args:    results: the bucket of results.
             presigner: signs uploads and downloads.
             max_upload_bytes: of one upload.
             now: replaced in tests.
    """

    def __init__(self, results: Store, presigner: Presigning, *, max_upload_bytes: int, now: Callable[[], float] = time.time) -> None:
        self._results, self._presigner, self._max_upload_bytes, self._now = results, presigner, max_upload_bytes, now

    def create(self, owner: str, asked: Asked, idempotency_key: str | None) -> tuple[Document, bool]:
        """Return a new job with its upload form, or the one that was made with this key before, and whether it is that.

        Raises:  InvalidInput: the key was used for something else.
        """
        now = self._now()
        record: Document = {
            "schema": 1,
            "id": (job := Job.new(owner, asked.name, int(now * 1000))).id,
            "owner": owner,
            "name": asked.name,
            "content_type": asked.content_type,
            "size_bytes": asked.size_bytes,
            "csv": asked.csv,
            "created_at": timestamp(now),
        }
        replayed = False
        if idempotency_key is not None:
            # The key's record holds all of the job's: whoever comes second writes the very same job.
            digest = hashlib.sha256(idempotency_key.encode("utf-8", "replace")).hexdigest()
            kept = f"idempotency/{owner}/{digest}.json"
            if not self._results.create_json(kept, record):
                before = self._results.read_json(kept) or record
                if any(before[name] != record[name] for name in ("name", "content_type", "size_bytes", "csv")):
                    raise InvalidInput("this Idempotency-Key was used for another upload", advice="Use a new key for a new upload.")
                replayed = before["id"] != record["id"]
                record, job = before, Job.known(owner, before["id"], before["name"])
        self._results.create_json(job.key(RECORD), record)
        least, most = (asked.size_bytes, asked.size_bytes) if asked.size_bytes else (1, self._max_upload_bytes)
        form = self._presigner.upload(job.upload_key, asked.content_type, least, most, UPLOAD_TIME_S)
        upload = {**form, "min_bytes": least, "max_bytes": most, "expires_at": timestamp(now + UPLOAD_TIME_S)}
        return {**_head(job, record, "waiting"), "upload": upload}, replayed

    def get(self, owner: str, id_: str) -> Document | None:
        """Return one of the owner's jobs, or None if they have no such job."""
        if not ID.fullmatch(id_):
            return None
        job = Job.known(owner, id_)
        found = self._results.list(job.prefix)
        if not found:
            return None
        told, summary = self._told(job, found)
        if summary is None:
            return told
        elsewhere = {*told, "schema", "owner", "source", "error"}
        told["summary"] = {name: value for name, value in summary.items() if name not in elsewhere}
        if told["state"] == "succeeded":
            sizes = {each.key: each.size_bytes for each in found}
            told["results"] = [
                {"name": name, "url": self._presigner.download(job.key(name), name, DOWNLOAD_TIME_S), "size_bytes": sizes[job.key(name)]}
                for name in RESULTS
                if job.key(name) in sizes
            ]
        return told

    def list(self, owner: str, *, limit: int, after: str | None) -> tuple[list[Document], str | None]:
        """Return a page of the owner's jobs, newest first, and the id to go on after."""
        # "0" comes right after "/": the page begins behind everything the job before has.
        prefix = jobs_of(owner)
        keys = self._results.list(prefix, after=f"{prefix}{after}0" if after else "", limit=LISTED)
        by_id: dict[str, list[Stored]] = {}
        for each in keys:
            by_id.setdefault(each.key.removeprefix(prefix).partition("/")[0], []).append(each)
        if len(keys) == LISTED and len(by_id) > 1:
            by_id.popitem()  # the last may not be listed whole
        ids = list(by_id)[:limit]
        with ThreadPoolExecutor(READ_AT_ONCE) as pool:
            jobs = list(pool.map(lambda id_: self._row(Job.known(owner, id_), by_id[id_]), ids))
        more = len(by_id) > limit or len(keys) == LISTED
        return jobs, ids[-1] if ids and more else None

    def _row(self, job: Job, found: Sequence[Stored]) -> Document:
        told, summary = self._told(job, found)
        counts: Document = {name: summary[name] for name in ("rows", "failed") if name in summary} if summary else {}
        return {**{name: value for name, value in told.items() if name not in {"started_at", "error"}}, **counts}

    def _told(self, job: Job, found: Sequence[Stored]) -> tuple[Document, Document | None]:
        """Return what is known of a job by the objects it has, and its summary if it is finished."""
        keys = {each.key for each in found}
        if job.key(SUMMARY) in keys and (summary := self._results.read_json(job.key(SUMMARY))) is not None:
            times: Document = {name: summary[name] for name in ("started_at", "finished_at") if name in summary}
            error = {"error": summary["error"]} if "error" in summary else {}
            return {**_head(job, summary, summary["state"]), **times, **error}, summary
        record = self._results.read_json(job.key(RECORD)) or {}
        if job.key(STARTED) in keys:
            started = self._results.read_json(job.key(STARTED)) or {}
            return {**_head(job, {**started, **record}, "processing"), "started_at": started.get("started_at")}, None
        return _head(job, record, "waiting"), None


def _head(job: Job, record: Document, state: str) -> Document:
    return {
        "id": job.id,
        "state": state,
        "name": record.get("name", ""),
        "created_at": record.get("created_at", record.get("started_at", "")),
        "status_url": job.status_url,
        "channel": job.channel,
    }
