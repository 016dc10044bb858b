"""Messages of the upload queue in, the ids of those to be received again out.

S3 puts an upload's event into the queue, and cannot say whose it is. The function sends it again as a message of its owner, which takes
milliseconds, and processes what comes back: so the queue knows who takes how much of the functions' time.
"""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Protocol
from urllib.parse import unquote_plus

from functions.process_upload.batch_transform.transform import NoTransformFree
from functions.process_upload.config import Config
from functions.process_upload.documents import Facts
from functions.process_upload.events import Attempt, Message, TransformStateChange, UnknownEvent, Upload, read_uploads
from functions.process_upload.interface import TRANSFORM_STATE_CHANGE
from functions.process_upload.queue import UploadQueue
from functions.shared.jobs import Job
from functions.shared.lambda_context import LambdaContext
from functions.shared.logs import write_error, write_line
from recipes.errors import EndpointError

MARGIN_S = 5  # after Lambda has ended a function, until its message is received again
FIRST_PAUSE_S, LONGEST_PAUSE_S = 15, 900


class UploadProcessor(Protocol):
    """Processes uploads."""

    def process(self, upload: Upload, attempt: Attempt) -> Facts:
        """Finish an upload's job, or hand it to Batch Transform; return facts for the log."""


class TransformFinisher(Protocol):
    """Finishes the jobs that Batch Transform predicted."""

    def finish(self, change: TransformStateChange, attempt: Attempt) -> Facts:
        """Finish the job of a transform job that ended; return facts for the log."""


class EndFinder(Protocol):
    """Finds the transform jobs of whose end no event came."""

    def send_again(self) -> Facts:
        """Send their ends to the queue; return facts for the log."""


class Handler:
    """Takes each message for itself: a message that fails costs no other.

    Args:    config: the bucket and the queue that messages must be about.
             service: what takes uploads.
             transform: what takes ended transform jobs.
             lost_ends: what a schedule wakes, for the ends that nobody told.
             queue: where the messages are from.
    """

    def __init__(
        self, config: Config, service: UploadProcessor, transform: TransformFinisher, lost_ends: EndFinder, queue: UploadQueue
    ) -> None:
        self._config, self._service, self._transform, self._lost_ends, self._queue = config, service, transform, lost_ends, queue

    def __call__(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Return the partial batch response (ReportBatchItemFailures)."""
        messages = [Message.from_record(record, context) for record in event["Records"]]
        failed = [message for message in messages if not self._take(message)]
        return {"batchItemFailures": [{"itemIdentifier": message.id} for message in failed]}

    def _take(self, message: Message) -> bool:
        """Return whether the message is done with."""
        # The queue hides a message for six times the function's longest time, in case Lambda has to wait until it can run the function.
        # From here on the message is received again soon after the function is stopped, and never while it runs.
        self._queue.hide(message, math.ceil(message.remaining_s) + MARGIN_S)
        started = time.perf_counter()
        try:
            for facts in self._process(message):
                write_line("INFO", message=message.id, duration_ms=round((time.perf_counter() - started) * 1000, 1), **facts)
        except Exception as error:  # noqa: BLE001 - the queue keeps it; the others of the batch go on
            about = {**name_job(message.body), "message": message.id, "received": message.receive_count}
            if isinstance(error, EndpointError):
                write_line("WARNING", problem=error.code, detail=error.detail, **about)
            else:
                write_error(error, **about)
            self._queue.hide(message, find_pause(message.receive_count, self._config.upload_attempts, error))
            return False
        return True

    def _process(self, message: Message) -> Iterator[Facts]:
        """Do what the message's events ask for, and give facts about each."""
        match message.body:
            case {"Event": "s3:TestEvent"}:
                yield {"outcome": "test event"}
            case {"Records": [*records], "owner": _}:
                for upload in read_uploads(records, self._config.uploads_bucket):
                    yield self._service.process(upload, message.attempt)
            case {"Records": [*records]}:
                for record in records:
                    yield from self._send_as_owner(record)
            case {"detail-type": type_, "detail": {"TransformJobName": _} as detail} if type_ == TRANSFORM_STATE_CHANGE:
                yield self._transform.finish(TransformStateChange.from_detail(detail), message.attempt)
            case {"detail-type": "Scheduled Event"}:
                yield self._lost_ends.send_again()
            case body:
                raise UnknownEvent(f"the message holds {type(body).__name__}; expected an event of S3 or of a transform job")

    def _send_as_owner(self, record: Mapping[str, Any]) -> Iterator[Facts]:
        for upload in read_uploads([record], self._config.uploads_bucket):
            job = Job.of_upload(upload.key, upload.version)
            if job is None:
                yield {"outcome": "ignored"}
            else:
                yield {"job": job.id, "outcome": "queued", "as": self._queue.send_as(job.owner, record)}


def name_job(body: Any) -> Facts:
    """Return the id of the job that a message is about, by which an operator looks for its lines; nothing where it is about none."""
    match body:
        case {"Records": [{"s3": {"object": {"key": str(key), **stored}}}]}:
            with suppress(ValueError):  # of a key that no UTF-8 holds, which S3 has none of
                job = Job.of_upload(unquote_plus(key), str(stored.get("versionId", "")))
                return {"job": job.id} if job else {}
        case {"detail": {"TransformJobName": str(name)}}:
            return {"job": name.rpartition("-")[2]}
    return {}


def find_pause(receive_count: int, attempts: int, error: Exception) -> int:
    """Return the seconds until a message that failed is received again: the more often it failed, the longer.

    After the last attempt there is nothing to wait for: it is received once more, for its job to be ended.
    """
    if receive_count >= attempts:
        return 0
    if isinstance(error, NoTransformFree):
        return LONGEST_PAUSE_S
    pause_s: int = FIRST_PAUSE_S * 2 ** (receive_count - 1)
    return min(pause_s, LONGEST_PAUSE_S)
