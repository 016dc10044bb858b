"""A message of the upload queue, and the events that it holds: new objects in the uploads bucket, or a transform job's change of state."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from functions.shared.lambda_context import LambdaContext
from recipes.errors import InferstackError


class UnknownEvent(InferstackError):
    """An event of neither the uploads bucket nor a transform job: its message goes to the dead-letter queue, where an operator sees it."""

    code = "unknown-message"
    title = "Unknown message"


@dataclass(frozen=True, slots=True)
class Message:
    """One message, and the time that this invocation has for it.

    Args:    id, receipt_handle: SQS's.
             receive_count: how often the message was received, this time included.
             body: its JSON; None if it is not JSON.
             context: of the invocation.
    """

    id: str
    receipt_handle: str
    receive_count: int
    body: Any
    context: LambdaContext

    @classmethod
    def from_record(cls, record: Mapping[str, Any], context: LambdaContext) -> "Message":
        """Return the message in a record of SQS's event."""
        try:
            body = json.loads(record["body"])
        except ValueError:
            body = None
        receive_count = int(record["attributes"].get("ApproximateReceiveCount", 1))
        return cls(record["messageId"], record["receiptHandle"], receive_count, body, context)

    @property
    def remaining_s(self) -> float:
        """Seconds until Lambda ends the function."""
        return self.context.get_remaining_time_in_millis() / 1000

    @property
    def attempt(self) -> "Attempt":
        """This delivery of it."""
        return Attempt(self.id, self.receive_count, self.remaining_s)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One delivery of a message.

    Args:    message: SQS's id.
             number: how often the message was received, this time included.
             remaining_s: seconds until Lambda ends the function.
    """

    message: str
    number: int
    remaining_s: float

    @property
    def is_retry(self) -> bool:
        """Whether an earlier attempt may have done a part of the work."""
        return self.number > 1


@dataclass(frozen=True, slots=True)
class Upload:
    """An object of the uploads bucket, as its event describes it.

    Args:    version: "" in a bucket without versions.
             etag: "" if only the version is known.
             uploaded_at: RFC 3339.
    """

    key: str
    version: str
    etag: str
    size_bytes: int
    uploaded_at: str


@dataclass(frozen=True, slots=True)
class TransformStateChange:
    """A transform job's new status."""

    name: str
    status: str
    failure_reason: str

    @classmethod
    def from_detail(cls, detail: Mapping[str, Any]) -> "TransformStateChange":
        """Return the change in the detail of SageMaker's event, which has the fields of DescribeTransformJob's answer."""
        return cls(str(detail["TransformJobName"]), str(detail.get("TransformJobStatus")), str(detail.get("FailureReason", "")))

    def to_detail(self) -> dict[str, str]:
        """Return the detail that `from_detail` reads."""
        return {"TransformJobName": self.name, "TransformJobStatus": self.status, "FailureReason": self.failure_reason}


def read_uploads(records: Iterable[Mapping[str, Any]], bucket: str) -> Iterator[Upload]:
    """Give the new objects in the records of S3's event.

    Raises:  UnknownEvent: a record is of another bucket.
    """
    for record in records:
        if not str(record.get("eventName", "")).startswith("ObjectCreated:"):
            continue
        name, stored = record["s3"]["bucket"]["name"], record["s3"]["object"]
        if name != bucket:
            raise UnknownEvent(f"the event is of bucket {name!r}; expected {bucket!r}")
        yield Upload(
            key=unquote_plus(stored["key"]),
            version=str(stored.get("versionId", "")),
            etag=str(stored.get("eTag", "")),
            size_bytes=int(stored.get("size", 0)),
            uploaded_at=str(record.get("eventTime", "")),
        )
