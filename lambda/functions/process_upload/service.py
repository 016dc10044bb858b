"""An upload into a finished job: the use case. Whatever happens to an event of it, at most one summary is written.

summary there?  ─ yes ─▶ notify (a copy of the event, or a crash after it)
stopped twice, or tried too often? ─ yes ─▶ summary that says so
predictions there? ─ yes ─▶ summary from them (a crash between the two)
else read ▸ predict ▸ predictions.jsonl ▸ predictions.csv if asked for ▸ summary.json ▸ notify
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Protocol

from functions.process_upload.attempts import Attempts
from functions.process_upload.documents import RECIPE_GONE, Facts, JobDetails
from functions.process_upload.events import Attempt, Upload
from functions.process_upload.finisher import Finisher
from functions.process_upload.lines import Failure, Line
from functions.process_upload.predicting.predictor import OutOfTime, Predictor
from functions.process_upload.predicting.second_look import look_again
from functions.process_upload.reading.formats import open_rows
from functions.process_upload.reading.picture import predict_picture
from functions.process_upload.results.predictions import Metadata, open_writer
from functions.process_upload.results.tally import Tally
from functions.process_upload.source import Source
from functions.shared.jobs import PREDICTIONS, RECORD, STARTED, SUMMARY, Job
from functions.shared.keys import KEYS, parse_listed
from functions.shared.object_store import Store, format_time
from functions.shared.reading.rows import Rows
from recipes.errors import InvalidInput
from recipes.recipe import Recipe

PROGRESS_EVERY_S = 1.0


class ProgressNotifier(Protocol):
    """Notifies pages."""

    def notify_progress(self, job: Job, rows_done: int, rows_total: int | None) -> None:
        """Say how far a job is; never raises."""


class TransformStarter(Protocol):
    """Takes what is too large for the function."""

    def start(self, details: JobDetails, rows: Rows, *, deadline: float) -> Facts:
        """Start a transform job, whose end finishes the job; return facts for the log."""


class Service:
    """The use case.

    Args:    results: the bucket of results.
             open_source: an upload → its file.
             recipe: what an instance is.
             predictor: what predicts rows.
             finisher: what ends jobs.
             attempts: says which are not tried again.
             notifier: what says how far a job is.
             transform: what takes the uploads that are too large.
             transform_over_bytes: what is too large.
             named: the recipe's name, which its jobs say where the deployment has several.
             clock: seconds that only go forward, for deadlines.
             now: seconds since 1970.
    """

    def __init__(
        self,
        results: Store,
        open_source: Callable[[Upload], Source],
        recipe: Recipe,
        *,
        predictor: Predictor,
        finisher: Finisher,
        attempts: Attempts,
        notifier: ProgressNotifier,
        transform: TransformStarter,
        transform_over_bytes: int,
        named: str = "",
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._results, self._open_source, self._recipe = results, open_source, recipe
        self._predictor, self._finisher, self._attempts, self._notifier = predictor, finisher, attempts, notifier
        self._transform, self._transform_over_bytes = transform, transform_over_bytes
        self._named, self._clock, self._now = named, clock, now

    def process(self, upload: Upload, attempt: Attempt) -> Facts:
        """Finish the upload's job, or hand it to Batch Transform, and return facts for the log.

        Raises:  EndpointError, AWS's errors: try again later.
                 GaveUp: the job is ended without predictions, because its attempts are used up.
        """
        job = Job.of_upload(upload.key, upload.version)
        if job is None:
            return {"outcome": "ignored"}
        deadline = self._clock() + attempt.remaining_s
        source = self._open_source(upload).begin()  # it comes while the job is looked up: a person waits for a photo
        keys = {each.key for each in self._results.list(job.prefix)}
        if job.key(SUMMARY) in keys:
            return self._finisher.finish_again(job)
        details = self._begin(job, upload, keys)
        if not details.is_of(self._recipe.name):
            return self._finisher.fail(details, RECIPE_GONE)
        return self._attempts.run(
            job,
            attempt,
            keys,
            work=lambda: self._finish(details, source, keys, deadline),
            end=lambda reason: self._finisher.fail(details, reason),
        )

    def _finish(self, details: JobDetails, source: Source, keys: set[str], deadline: float) -> Facts:
        """Do what is left to do of a job."""
        if details.job.key(PREDICTIONS) in keys:
            return self._finisher.finish_from_predictions(details)
        try:
            return self._predict(details, source, deadline)
        except InvalidInput as error:
            if self._results.has(details.job.key(PREDICTIONS)):  # another attempt could read what this one found deleted
                return self._finisher.finish_from_predictions(details)
            return self._finisher.fail(details, Failure.of_upload(error))

    def _begin(self, job: Job, upload: Upload, keys: set[str]) -> JobDetails:
        """Return what is known of the job, and write down that it is being worked on."""
        record = self._results.read_json(job.key(RECORD)) or {} if job.key(RECORD) in keys else {}
        details = JobDetails.of_record(job, upload, record, format_time(self._now()), self._named)
        if job.key(STARTED) not in keys:
            self._results.create_json(job.key(STARTED), details.to_started())
        return details

    def _predict(self, details: JobDetails, source: Source, deadline: float) -> Facts:
        """Predict the upload and finish its job, or hand it to Batch Transform if it is too large or takes too long."""
        details, rows = self._open(details, source)
        if details.upload.size_bytes > self._transform_over_bytes and rows.format != "image":
            return self._transform.start(details, rows, deadline=deadline)
        try:
            if rows.picture and rows.picture.choose:
                predict = partial(self._predictor.predict, deadline=deadline)
                return self._write(details, *predict_picture(rows, rows.picture, predict, self._recipe.noun))
            lines = self._predictor.predict(rows.rows, rows.total, deadline=deadline)
            if rows.reread and self._recipe.find_instances:
                lines = look_again(lines, self._recipe, rows.reread, self._predictor.predict, self._clock, deadline=deadline)
            return self._write(details, rows, lines)
        except OutOfTime:
            _, rows = self._open(details, self._open_source(details.upload))
            return self._transform.start(details, rows, deadline=deadline)

    def _write(self, details: JobDetails, rows: Rows, lines: Iterable[Line]) -> Facts:
        """Write the predictions of an upload's rows and finish its job."""
        metadata, tally = Metadata.of_rows(rows, csv=details.csv, keys=details.keys), Tally(self._recipe)
        writer = open_writer(self._results, details.job, metadata)
        try:
            for line in self._report_progress(details.job, lines, rows.total):
                tally.add(line)
                writer.write(line.encode())
            is_first = writer.close()
        except BaseException:
            writer.abort()
            raise
        if not is_first:  # a copy of the event was faster
            return self._finisher.finish_from_predictions(details)
        return self._finisher.finish(details, tally.summarize(metadata))

    def _open(self, details: JobDetails, source: Source) -> tuple[JobDetails, Rows]:
        """Return the upload's rows, and the details with what its metadata asks for: an operator's copy has no record."""
        source.read(1)  # of the first block, which is kept: the object's metadata comes with it
        source.seek(0)
        csv = details.csv or source.metadata.get("csv", "").lower() == "true"
        keys = details.keys or parse_listed(source.metadata.get(KEYS, ""))
        rows = open_rows(source, details.upload.size_bytes, self._recipe._replace(keys=keys))
        return replace(details, csv=csv, keys=keys), rows

    def _report_progress(self, job: Job, lines: Iterable[Line], total: int | None) -> Iterator[Line]:
        """Give the lines on, and say about once a second how far they are."""
        reported_at, done = self._clock(), 0
        for done, line in enumerate(lines, 1):
            yield line
            if self._clock() - reported_at >= PROGRESS_EVERY_S:
                self._notifier.notify_progress(job, done, total)
                reported_at = self._clock()
        if not done:
            raise InvalidInput("the upload holds no row", advice="Upload at least one row.")
