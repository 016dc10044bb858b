"""The end of every job: predictions.csv if it was asked for, summary.json once, then the notifications."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from functions.process_upload.documents import RECIPE_GONE, Body, Facts, FailureBody, JobDetails
from functions.process_upload.lines import Failure
from functions.process_upload.results.predictions import read_predictions
from functions.process_upload.results.tally import Tally
from functions.process_upload.results.writer import ObjectWriter
from functions.shared.answer_table import CONTENT_TYPE, format_csv
from functions.shared.jobs import SUMMARY, TABLE, Job
from functions.shared.object_store import Store, format_time, parse_time
from recipes.recipe import Recipe
from recipes.trust import CERTAIN


class FinishNotifier(Protocol):
    """Notifies pages and back ends."""

    def notify_finished(self, job: Job, summary: Mapping[str, Any]) -> None:
        """Say that a job is finished; raises if that failed."""


class Finisher:
    """Finishes jobs; at most one summary of a job is ever written.

    Args:    results: the bucket of results.
             recipe: what an instance is.
             notifier: what says that a job is finished.
             now: seconds since 1970.
    """

    def __init__(self, results: Store, recipe: Recipe, notifier: FinishNotifier, *, now: Callable[[], float] = time.time) -> None:
        self._results, self._recipe, self._notifier, self._now = results, recipe, notifier, now

    def finish(self, details: JobDetails, body: Body) -> Facts:
        """Write what is derived from the predictions, write the summary and notify; return facts for the log."""
        job = details.job
        if details.csv and "rows" in body:
            self._write_table(details)
        summary = {
            **details.to_json(),
            **body,
            "finished_at": format_time(self._now()),
            "processing_s": round(self._now() - parse_time(details.started_at), 3),
        }
        if not self._results.create_json(job.key(SUMMARY), summary):
            summary = self._results.read_json(job.key(SUMMARY)) or summary
        self._notifier.notify_finished(job, summary)
        facts: Facts = {name: summary[name] for name in ("state", "format", "rows", "failed", "processing_s") if name in summary}
        if verdicts := summary.get("verdicts"):
            facts["doubted"] = sum(count for verdict, count in verdicts.items() if verdict != CERTAIN)
        if "error" in summary:
            facts["code"] = summary["error"]["code"]
        return {"job": job.id, "outcome": "finished", **facts}

    def finish_from_predictions(self, details: JobDetails) -> Facts:
        """Finish a job whose predictions.jsonl is there already."""
        if not details.is_of(self._recipe.name):
            return self.fail(details, RECIPE_GONE)
        metadata, lines = read_predictions(self._results, details.job)
        tally = Tally(self._recipe)
        for line in lines:
            tally.add(line)
        return self.finish(replace(details, csv=details.csv or metadata.csv, keys=details.keys or metadata.keys), tally.summarize(metadata))

    def fail(self, details: JobDetails, failure: Failure) -> Facts:
        """Finish a job that cannot be predicted."""
        body: FailureBody = {"state": "failed", "error": failure.to_json()}
        return self.finish(details, body)

    def finish_again(self, job: Job) -> Facts:
        """Notify again of a job that has its summary, for the attempt that wrote it may have ended before it did; return facts about it."""
        self._notifier.notify_finished(job, self._results.read_json(job.key(SUMMARY)) or {})
        return {"job": job.id, "outcome": "done before"}

    def _write_table(self, details: JobDetails) -> None:
        _, lines = read_predictions(self._results, details.job)
        table = ObjectWriter(self._results, details.job.key(TABLE), CONTENT_TYPE)
        for block in format_csv((line.to_json() for line in lines), self._recipe, keys=details.keys):
            table.write(block)
        table.close()
