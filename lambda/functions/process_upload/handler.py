"""Messages of the upload queue in, the numbers of those to be tried again out."""

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import unquote_plus

from functions.process_upload.config import Config
from functions.process_upload.service import Service, Upload
from functions.shared.lambda_context import LambdaContext
from functions.shared.logs import write_error, write_line
from recipes.errors import EndpointError, InferstackError

LEAST_MS = 30_000  # what even a small upload may take; less left, and it goes back to the queue
FIRST_PAUSE_S, LONGEST_PAUSE_S = 15, 900


class Finishing(Protocol):
    """Finishes jobs that Batch Transform predicted; `functions.process_upload.transform.Transform` does."""

    def finish(self, name: str, state: str, reason: str, service: Service) -> dict[str, Any]:
        """Finish the job of a transform job that ended."""


class Unknown(InferstackError):
    """A message that is neither S3's nor SageMaker's: it goes to the dead-letter queue, to be looked at."""

    code = "unknown-message"
    title = "Unknown message"


class Handler:
    """Takes each message for itself: what one of them does costs no other.

    Args:    config: the bucket and the queue that messages must be about.
             service: what an upload is for.
             transform: what an ended transform job is for.
             sqs: botocore's client, to bring back early what is to be tried again.
    """

    def __init__(self, config: Config, service: Service, transform: Finishing, sqs: Any) -> None:
        self._config, self._service, self._transform, self._sqs = config, service, transform, sqs

    def __call__(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Return the partial batch response (ReportBatchItemFailures)."""
        small_first = sorted(event["Records"], key=_size)  # a photo is waited for
        left = [message for message in small_first if not self._take(message, context)]
        return {"batchItemFailures": [{"itemIdentifier": message["messageId"]} for message in left]}

    def _take(self, message: Mapping[str, Any], context: LambdaContext) -> bool:
        """Return whether the message is done with."""
        received = int(message["attributes"].get("ApproximateReceiveCount", 1))
        if context.get_remaining_time_in_millis() < LEAST_MS:
            self._bring_back(message, 0)
            return False
        started = time.perf_counter()
        try:
            for facts in self._outcomes(message, context, is_retry=received > 1):
                write_line("INFO", message=message["messageId"], duration_ms=round((time.perf_counter() - started) * 1000, 1), **facts)
        except Exception as error:  # noqa: BLE001 - the queue keeps it; the others of the batch go on
            pause_s = min(FIRST_PAUSE_S * 2 ** (received - 1), LONGEST_PAUSE_S)
            if isinstance(error, EndpointError):
                write_line("WARNING", message=message["messageId"], problem=error.code, detail=error.detail, received=received)
            else:
                write_error(error, message=message["messageId"], received=received)
            self._bring_back(message, pause_s)
            return False
        return True

    def _outcomes(self, message: Mapping[str, Any], context: LambdaContext, *, is_retry: bool) -> Iterator[dict[str, Any]]:
        """Do what the message asks for, and give facts about it."""
        try:
            body = json.loads(message["body"])
        except ValueError:
            body = None
        match body:
            case {"Event": "s3:TestEvent"}:
                yield {"outcome": "test event"}
            case {"Records": [*records]}:
                for record in records:
                    if upload := self._upload(record):
                        remaining_s = context.get_remaining_time_in_millis() / 1000
                        yield self._service.process(upload, remaining_s=remaining_s, is_retry=is_retry)
            case {"detail-type": "SageMaker Transform Job State Change", "detail": {"TransformJobName": _} as ended}:
                name, state = ended["TransformJobName"], str(ended.get("TransformJobStatus"))
                yield self._transform.finish(name, state, str(ended.get("FailureReason", "")), self._service)
            case _:
                raise Unknown(f"the message holds {type(body).__name__}; expected an event of S3 or of a transform job")

    def _upload(self, record: Mapping[str, Any]) -> Upload | None:
        """Return what an S3 record says, or None for what is no new object."""
        if not str(record.get("eventName", "")).startswith("ObjectCreated:"):
            return None
        bucket, found = record["s3"]["bucket"]["name"], record["s3"]["object"]
        if bucket != self._config.uploads_bucket:
            raise Unknown(f"the event is of bucket {bucket!r}; expected {self._config.uploads_bucket!r}")
        return Upload(
            key=unquote_plus(found["key"]),
            version=str(found.get("versionId", "")),
            etag=str(found.get("eTag", "")),
            size_bytes=int(found.get("size", 0)),
            uploaded_at=str(record.get("eventTime", "")),
        )

    def _bring_back(self, message: Mapping[str, Any], pause_s: int) -> None:
        """Let the message be received again after a pause, instead of after the queue's long visibility timeout."""
        try:
            self._sqs.change_message_visibility(
                QueueUrl=self._config.upload_queue_url, ReceiptHandle=message["receiptHandle"], VisibilityTimeout=pause_s
            )
        except Exception as error:  # noqa: BLE001 - then it comes back by itself, later
            write_error(error, message=message["messageId"])


def _size(message: Mapping[str, Any]) -> int:
    try:
        return sum(int(record["s3"]["object"]["size"]) for record in json.loads(message["body"])["Records"])
    except (ValueError, KeyError, TypeError):
        return 0
