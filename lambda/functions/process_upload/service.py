"""An upload into a finished job: the use case. Whatever happens to an event of it, at most one summary is written.

summary there?  ─ yes ─▶ nothing to do (a copy of the event, or a crash after it)
predictions there? ─ yes ─▶ summary from them (a crash between the two)
else read ▸ predict ▸ predictions.jsonl ▸ predictions.csv if asked for ▸ summary.json ▸ tell
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from functions.process_upload.batch import Line, OutOfTime, Predictor
from functions.process_upload.formats import open_rows
from functions.process_upload.results import CSV, JSONL, Tally, Writer, as_csv, read_lines
from functions.process_upload.rows import Rows
from functions.process_upload.source import Source
from functions.shared.jobs import PREDICTIONS, RECORD, STARTED, SUMMARY, TABLE, Job
from functions.shared.json_lines import encode_line
from functions.shared.object_store import Store, moment, timestamp
from recipes.errors import InvalidInput, TooLarge
from recipes.recipe import Recipe

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upload:
    """What an event says of an object of the uploads bucket."""

    key: str
    version: str
    etag: str
    size_bytes: int
    uploaded_at: str


class Telling(Protocol):
    """Tells of jobs; `functions.process_upload.notify.Notifier` does."""

    def progress(self, job: Job, rows_done: int, rows_total: int | None) -> None:
        """Tell how far a job is; never raises."""

    def finished(self, job: Job, summary: Document) -> None:
        """Tell that a job is finished."""


class Transforming(Protocol):
    """Hands what is too large for the function to Batch Transform; `functions.process_upload.transform.Transform` does."""

    def start(self, job: Job, upload: Upload, rows: Rows, *, about: Document, deadline: float) -> None:
        """Start the transform job; it is finished by its own event."""


class Service:
    """The use case.

    Args:    results: the bucket of results.
             open_source: an upload → its file.
             recipe: what an instance is.
             predictor: what answers rows.
             notifier: who is told.
             transform: what takes the uploads that are too large; None refuses them.
             transform_over_bytes: what is too large.
             clock, now: replaced in tests.
    """

    def __init__(
        self,
        results: Store,
        open_source: Callable[[Upload], Source],
        recipe: Recipe,
        predictor: Predictor,
        notifier: Telling,
        *,
        transform: Transforming | None = None,
        transform_over_bytes: int,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._results, self._open, self._recipe, self._predictor, self._notifier = results, open_source, recipe, predictor, notifier
        self._transform, self._transform_over_bytes = transform, transform_over_bytes
        self._clock, self._now = clock, now

    def process(self, upload: Upload, *, remaining_s: float, is_retry: bool) -> Document:
        """Finish the upload's job, or hand it to Batch Transform, and return facts for the log.

        Args:    is_retry: the event was delivered before, so an attempt may have ended before it told anybody.
        Raises:  EndpointError, AWS's errors: try again later.
        """
        job = Job.of_upload(upload.key, upload.version)
        if job is None:
            return {"outcome": "ignored"}
        deadline = self._clock() + remaining_s
        found = {each.key for each in self._results.list(job.prefix)}
        if job.key(SUMMARY) in found:
            summary = self._results.read_json(job.key(SUMMARY)) or {}
            if is_retry:
                self._notifier.finished(job, summary)
            return {"job": job.id, "outcome": "done before", "told": is_retry}
        about = self._about(job, upload, found)
        try:
            body = self._told(job) if job.key(PREDICTIONS) in found else self._predicted(job, upload, about, deadline)
        except InvalidInput as error:
            # One attempt may have read what another finds deleted.
            was_there = any(each.key == job.key(PREDICTIONS) for each in self._results.list(job.key(PREDICTIONS)))
            body = self._told(job) if was_there else failed(error)
        if body is None:
            return {"job": job.id, "outcome": "handed to Batch Transform"}
        return self.finish(job, about, body)

    def finish(self, job: Job, about: Document, body: Document) -> Document:
        """Write what is derived from the predictions, and the summary, and tell; return facts for the log."""
        if about.get("csv") and body["state"] == "succeeded":
            _, lines = read_lines(self._results, job.key(PREDICTIONS))
            table = Writer(self._results, job.key(TABLE), CSV)
            for part in as_csv(lines, self._recipe.kind):
                table.write(part)
            table.close()
        summary = {
            **{name: value for name, value in about.items() if name != "csv"},
            **body,
            "finished_at": timestamp(self._now()),
            "processing_s": round(self._now() - moment(about["started_at"]), 3),
        }
        if not self._results.create_json(job.key(SUMMARY), summary):
            summary = self._results.read_json(job.key(SUMMARY)) or summary
        self._notifier.finished(job, summary)
        facts: Document = {name: summary[name] for name in ("state", "format", "rows", "failed", "processing_s") if name in summary}
        if "error" in summary:
            facts["code"] = summary["error"]["code"]
        return {"job": job.id, "outcome": "finished", **facts}

    def _about(self, job: Job, upload: Upload, found: set[str]) -> Document:
        """Return what the summary says of the upload, and note that it is being worked on."""
        record = self._results.read_json(job.key(RECORD)) or {} if job.key(RECORD) in found else {}
        started_at = timestamp(self._now())
        if job.key(STARTED) not in found:
            self._results.create_json(job.key(STARTED), {"name": record.get("name", job.name), "started_at": started_at})
        return {
            "schema": 1,
            "id": job.id,
            "owner": job.owner,
            "name": record.get("name", job.name),
            "created_at": record.get("created_at", upload.uploaded_at),
            "uploaded_at": upload.uploaded_at,
            "started_at": started_at,
            "source": {"key": upload.key, "version": upload.version, "size_bytes": upload.size_bytes},
            "csv": bool(record.get("csv")),
        }

    def _predicted(self, job: Job, upload: Upload, about: Document, deadline: float) -> Document | None:
        """Predict the upload, and return the summary's body; None if Batch Transform does."""
        rows = self._rows(upload, about)
        if upload.size_bytes > self._transform_over_bytes and rows.format != "image":
            self._hand_over(job, upload, rows, about, deadline)
            return None
        metadata = {"format": rows.format}
        if rows.image:
            metadata |= {"width": str(rows.image[0]), "height": str(rows.image[1])}
        writer, tally = Writer(self._results, job.key(PREDICTIONS), JSONL, metadata), Tally()
        try:
            for line in self._reported(job, self._predictor.lines(rows.rows, deadline=deadline), rows.total):
                tally.add(line)
                writer.write(encode_line(line))
            if writer.close():
                return {"state": "succeeded", **tally.summary(metadata)}
        except OutOfTime:
            writer.abort()
            self._hand_over(job, upload, self._rows(upload, about), about, deadline)
            return None
        except BaseException:
            writer.abort()
            raise
        return self._told(job)

    def _rows(self, upload: Upload, about: Document) -> Rows:
        source = self._open(upload)
        rows = open_rows(source, upload.size_bytes, self._recipe)
        about["csv"] = about["csv"] or source.metadata.get("csv", "").lower() == "true"  # how an operator's copy asks for it
        return rows

    def _hand_over(self, job: Job, upload: Upload, rows: Rows, about: Document, deadline: float) -> None:
        if self._transform is None:
            raise TooLarge(f"the upload has {upload.size_bytes:,} bytes, more than is answered here", advice="Split it up.")
        self._transform.start(job, upload, rows, about=about, deadline=deadline)

    def _told(self, job: Job) -> Document:
        """Return the summary's body as the predictions that are there tell it."""
        metadata, lines = read_lines(self._results, job.key(PREDICTIONS))
        tally = Tally()
        for line in lines:
            tally.add(line)
        return {"state": "succeeded", **tally.summary(metadata)}

    def _reported(self, job: Job, lines: Iterable[Line], total: int | None) -> Iterator[Line]:
        """Give the lines on, telling about once a second how far they are."""
        told_at, done = self._clock(), 0
        for done, line in enumerate(lines, 1):
            yield line
            if self._clock() - told_at >= 1:
                self._notifier.progress(job, done, total)
                told_at = self._clock()
        if not done:
            raise InvalidInput("the upload holds no row", advice="Upload at least one.")


def failed(error: InvalidInput) -> Document:
    """Return the summary's body for an upload that cannot be answered."""
    said = {"code": error.code, "title": error.title, "detail": error.detail[:500], "advice": error.advice}
    return {"state": "failed", "error": {name: value for name, value in said.items() if value}}
