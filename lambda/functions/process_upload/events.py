"""The events that messages hold: a new object in the uploads bucket, or a transform job's change of state."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from recipes.errors import InferstackError


class UnknownEvent(InferstackError):
    """An event of neither the uploads bucket nor a transform job: its message goes to the dead-letter queue, where an operator sees it."""

    code = "unknown-message"
    title = "Unknown message"


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
        """Return the change in the detail of SageMaker's event."""
        return cls(str(detail["TransformJobName"]), str(detail.get("TransformJobStatus")), str(detail.get("FailureReason", "")))


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
