"""Jobs as their owners see them: created, described and listed. A job's objects in the results bucket are the only truth about it."""

import hashlib
import time
from collections.abc import Callable
from typing import NamedTuple

from functions.jobs.presign import Presigner
from functions.shared import areas
from functions.shared.http.response import Conflict
from functions.shared.job_states import Document, JobStates, summarize
from functions.shared.jobs import ID, RECORD, RESULTS, Job, jobs_of
from functions.shared.keys import KEYS
from functions.shared.object_store import Store, Stored, format_time

SIGNED_TIME_S = 900  # what is signed ends with the function's keys, which live at least as long as a function may run
READ_AT_ONCE = 8
LISTED = 1000  # the most keys S3 lists at once
MOST_OBJECTS, MOST_NOTES = 5, 100  # of a job; and those on the attempts at the jobs of a page, beyond which it holds fewer


class JobRequest(NamedTuple):
    """The job that a caller asks for.

    Args:    name: the upload's, for people.
             content_type: the one the upload must have.
             size_bytes: the one size it may have; None for any up to the limit.
             csv: whether predictions.csv is wanted too.
             recipe: whose upload it is, where the deployment has several.
             keys: columns that the results repeat.
    """

    name: str
    content_type: str
    size_bytes: int | None
    csv: bool
    recipe: str = ""
    keys: tuple[str, ...] = ()


class Service:
    """The use cases.

    Args:    results: the bucket of results.
             presigner: signs uploads and downloads.
             max_upload_bytes: of one upload.
             upload_days: how long an upload is kept.
             now: replaced in tests.
    """

    def __init__(
        self, results: Store, presigner: Presigner, *, max_upload_bytes: int, upload_days: int, now: Callable[[], float] = time.time
    ) -> None:
        self._results, self._presigner, self._max_upload_bytes, self._now = results, presigner, max_upload_bytes, now
        self._states = JobStates(results, upload_days=upload_days, now=now)

    def create(self, owner: str, request: JobRequest, idempotency_key: str | None) -> tuple[Document, bool]:
        """Return a job with its upload form, and whether an earlier request with the same key created it.

        Raises:  Conflict: the key was used for another upload.
        """
        now_s = self._now()
        record: Document = {
            "schema": 1,
            "id": (job := Job.new(owner, request.name, int(now_s * 1000))).id,
            "owner": owner,
            "name": request.name,
            "content_type": request.content_type,
            "size_bytes": request.size_bytes,
            "csv": request.csv,
            **({"recipe": request.recipe} if request.recipe else {}),
            **({KEYS: list(request.keys)} if request.keys else {}),
            "created_at": format_time(now_s),
        }
        is_replay = False
        if idempotency_key is not None:
            # The key's record holds all of the job's: whoever comes second writes the very same job.
            digest = hashlib.sha256(idempotency_key.encode("utf-8", "replace")).hexdigest()
            record_key = f"{areas.IDEMPOTENCY}/{owner}/{digest}.json"
            if not self._results.create_json(record_key, record):
                first = self._results.read_json(record_key) or record
                if any(first.get(name) != record.get(name) for name in ("name", "content_type", "size_bytes", "csv", "recipe", KEYS)):
                    raise Conflict("this Idempotency-Key was used for another upload", advice="Use a new key for a new upload.")
                is_replay = first["id"] != record["id"]
                record, job = first, Job.of_owner(owner, first["id"], first["name"])
        self._results.create_json(job.key(RECORD), record)
        least, most = (request.size_bytes, request.size_bytes) if request.size_bytes else (1, self._max_upload_bytes)
        form = self._presigner.sign_upload(job.upload_key, request.content_type, least, most, SIGNED_TIME_S)
        upload = {**form, "min_bytes": least, "max_bytes": most, "expires_at": format_time(now_s + SIGNED_TIME_S)}
        return {**summarize(job, record, "waiting"), "upload": upload}, is_replay

    def get(self, owner: str, id_: str) -> Document | None:
        """Return one of the owner's jobs, or None if they have no such job."""
        if not ID.fullmatch(id_):
            return None
        job = Job.of_owner(owner, id_)
        objects = self._results.list(job.prefix)
        if not objects:
            return None
        document, summary = self._states.describe(job, objects)
        if summary is None:
            return document
        elsewhere = {*document, "schema", "owner", "source", "error"}
        document["summary"] = {name: value for name, value in summary.items() if name not in elsewhere}
        sizes = {each.key: each.size_bytes for each in objects}
        results = [
            {"name": name, "url": self._presigner.sign_download(key, name, SIGNED_TIME_S), "size_bytes": sizes[key]}
            for name in RESULTS
            if (key := job.key(name)) in sizes
        ]
        return {**document, "results": results} if results else document

    def list(self, owner: str, *, limit: int, after: str | None) -> tuple[list[Document], str | None]:
        """Return a page of the owner's jobs, newest first, and the id after which the next page begins; None if there is no more."""
        # "0" comes right after "/": the page begins behind everything the job before has.
        prefix, most = jobs_of(owner), min(LISTED, MOST_NOTES + MOST_OBJECTS * limit)
        objects = self._results.list(prefix, after=f"{prefix}{after}0" if after else "", limit=most)
        by_id: dict[str, list[Stored]] = {}
        for each in objects:
            by_id.setdefault(each.key.removeprefix(prefix).partition("/")[0], []).append(each)
        if len(objects) == most and len(by_id) > 1:
            by_id.popitem()  # the last may not be listed whole
        ids = list(by_id)[:limit]
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - most starts never need it, nor the logging that it imports

        with ThreadPoolExecutor(READ_AT_ONCE) as pool:
            jobs = list(pool.map(lambda id_: self._states.describe_row(Job.of_owner(owner, id_), by_id[id_]), ids))
        has_more = len(by_id) > limit or len(objects) == most
        return jobs, ids[-1] if ids and has_more else None
