"""How often a job is tried: a file that stopped the function twice is not read a third time, and no job is tried for ever.

SQS counts how often it gave a message away, not what came of it: a message also comes back when an attempt failed by itself, and when
Lambda was too busy to run the function at all. So a job's own objects say it:

started.json                 the first attempt began
attempts/<message>/2         the second attempt at a message began; and so on
attempts/<message>/1-failed  an attempt ended by itself, with an error that another attempt may not meet

An attempt that began, did not fail and did not finish the job was stopped, for want of memory or time.
"""

from collections.abc import Callable
from collections.abc import Set as AbstractSet

from functions.process_upload.documents import Facts
from functions.process_upload.events import Attempt
from functions.process_upload.lines import Failure
from functions.shared.jobs import ATTEMPTS, STARTED, Job
from functions.shared.logs import write_error
from functions.shared.object_store import Store

MOST_STOPS = 2
STOPPED = Failure(
    "function-stopped",
    "Could not be read",
    "could not be read: the function was stopped twice while it read this file, because that took too much memory or time",
    "Split the file up, or save it in another format, and upload it again.",
)


class GaveUp(Exception):
    """A job was ended because its attempts are used up: its message becomes a dead letter, where an operator sees it."""


class Attempts:
    """Runs attempts at jobs, and ends the jobs that must not be tried again.

    Args:    results: the bucket of results.
             most: attempts at a message. The queue delivers it once more, for its job to be ended.
    """

    def __init__(self, results: Store, most: int) -> None:
        self._results, self._most = results, most

    def run(self, job: Job, attempt: Attempt, keys: AbstractSet[str], work: Callable[[], Facts], end: Callable[[Failure], Facts]) -> Facts:
        """Return what `work` returns, or what `end` returns of a job that is not tried again.

        Args:    keys: of the job's objects.
                 end: ends the job for a reason.
        Raises:  GaveUp: the attempts were used up, and the job is ended.
                 whatever `work` raises.
        """
        if attempt.number > self._most:
            detail = f"could not be processed: {self._most} attempts failed, and not because of what is in the file"
            end(Failure("gave-up", "Could not be processed", detail, "Upload it again later."))
            raise GaveUp(f"job {job.id} is ended after {self._most} attempts")
        if self._count_stops(job, attempt, keys) >= MOST_STOPS:
            return end(STOPPED)
        if attempt.is_retry:
            self._note(job, attempt, "")
        try:
            return work()
        except Exception:
            self._note(job, attempt, "-failed")
            raise

    def _count_stops(self, job: Job, attempt: Attempt, keys: AbstractSet[str]) -> int:
        folder = _folder(job, attempt)
        notes = [key for key in keys if key.startswith(folder)]
        failures = sum(note.endswith("-failed") for note in notes)
        starts = len(notes) - failures + (attempt.is_retry and job.key(STARTED) in keys)
        return starts - failures

    def _note(self, job: Job, attempt: Attempt, outcome: str) -> None:
        """Write down that an attempt began or failed; never raises, because the attempt is worth more than the note."""
        try:
            self._results.create_json(f"{_folder(job, attempt)}{attempt.number}{outcome}", {})
        except Exception as error:  # noqa: BLE001 - whatever S3 has
            write_error(error, job=job.id)


def _folder(job: Job, attempt: Attempt) -> str:
    return job.key(f"{ATTEMPTS}/{attempt.message}/")
