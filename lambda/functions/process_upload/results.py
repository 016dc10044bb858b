"""What a job leaves: predictions.jsonl, which is the truth, and what is derived from it: predictions.csv and the summary.

Each is written once. predictions.jsonl comes into being whole, when its upload is completed; an attempt that finds it there already (a copy
of the event, a crash after it) tells the summary from it instead of from its own memory, so that both always agree.
"""

import csv
import io
import json
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.process_upload.batch import Line
from functions.shared.object_store import Store
from recipes.recipe import Kind

PART_BYTES = 5 << 20  # the least S3 takes
FAILURES_SHOWN, PREDICTIONS_SHOWN = 100, 100
JSONL, CSV = "application/jsonl", "text/csv; charset=utf-8"
COLUMNS = {
    "classification": ("row", "name", "id", "label", "probability", "model", "box", "error"),
    "regression": ("row", "name", "id", "value", "model", "error"),
}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Writer:
    """An object that is written once: it appears whole when it is closed, or not at all.

    Args:    store: of the results bucket.
             key, content_type: of the object.
             metadata: what its reader must know that is not in it.
    """

    def __init__(self, store: Store, key: str, content_type: str, metadata: Mapping[str, str] | None = None) -> None:
        self._store = store
        self._target = {"Bucket": store.bucket, "Key": key}
        self._made = {**self._target, "ContentType": content_type, "Metadata": dict(metadata or {})}
        self._buffer = bytearray()
        self._upload_id = ""
        self._parts: list[dict[str, Any]] = []

    def write(self, content: bytes) -> None:
        """Add to the object."""
        self._buffer += content
        if len(self._buffer) >= PART_BYTES:
            self._send_part()

    def close(self) -> bool:
        """Let the object be, and return whether this is the one: False if there was one already."""
        client = self._store.client
        if not self._upload_id:
            return self._store.write_once(lambda: client.put_object(**self._made, Body=self._buffer, IfNoneMatch="*"))
        if self._buffer:
            self._send_part()
        done = {"MultipartUpload": {"Parts": self._parts}, "IfNoneMatch": "*"}
        created = self._store.write_once(lambda: client.complete_multipart_upload(**self._target, UploadId=self._upload_id, **done))
        if not created:
            self.abort()
        return created

    def abort(self) -> None:
        """Forget what was sent."""
        if self._upload_id:
            self._store.client.abort_multipart_upload(**self._target, UploadId=self._upload_id)
            self._upload_id = ""

    def _send_part(self) -> None:
        client = self._store.client
        if not self._upload_id:
            self._upload_id = client.create_multipart_upload(**self._made)["UploadId"]
        number = len(self._parts) + 1
        sent = client.upload_part(**self._target, UploadId=self._upload_id, PartNumber=number, Body=self._buffer)
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})
        self._buffer = bytearray()


@dataclass(slots=True)
class Tally:
    """The counts of a job, line by line."""

    rows: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    values: "array[float]" = field(default_factory=lambda: array("d"))
    models: Counter[str] = field(default_factory=Counter)
    failures: list[dict[str, Any]] = field(default_factory=list)
    failed: int = 0
    shown: list[Line] = field(default_factory=list)

    def add(self, line: Line) -> None:
        """Count a line."""
        self.rows += 1
        if error := line.get("error"):
            self.failed += 1
            if len(self.failures) < FAILURES_SHOWN:
                self.failures.append({"row": line["row"], **error})
        else:
            if isinstance(value := line.get("value"), int | float):
                self.values.append(value)
            else:
                self.labels[str(line.get("label"))] += 1
            self.models[str(line.get("model"))] += 1
        if len(self.shown) < PREDICTIONS_SHOWN:
            self.shown.append(line)

    def summary(self, metadata: Mapping[str, str]) -> dict[str, Any]:
        """Return what the summary says of the rows; a picture's predictions are in it.

        Args:    metadata: of predictions.jsonl: its format, and a picture's width and height.
        """
        format_ = metadata.get("format", "")
        said: dict[str, Any] = {
            "format": format_,
            "rows": self.rows,
            "succeeded": self.rows - self.failed,
            "failed": self.failed,
            **self._answers(),
            "models": dict(sorted(self.models.items())),
            "failures": self.failures,
        }
        if format_ == "image":
            said["predictions"] = self.shown
        if "width" in metadata:
            said["image"] = {"width": int(metadata["width"]), "height": int(metadata["height"])}
        return said

    def _answers(self) -> dict[str, Any]:
        """Return how often each label was answered, or what values were."""
        if not self.values:
            return {"labels": dict(sorted(self.labels.items()))}
        ordered, middle = sorted(self.values), len(self.values) // 2
        median = (ordered[middle] + ordered[~middle]) / 2
        return {"values": {"min": ordered[0], "median": median, "max": ordered[-1]}}


def read_lines(store: Store, key: str) -> tuple[Mapping[str, str], Iterator[Line]]:
    """Return the metadata and the lines of a predictions.jsonl that is there."""
    found = store.client.get_object(Bucket=store.bucket, Key=key)
    return found.get("Metadata", {}), (json.loads(line) for line in found["Body"].iter_lines(1 << 20) if line)


def as_csv(lines: Iterable[Line], kind: Kind = "classification") -> Iterator[bytes]:
    """Give lines as CSV with a header: row, name, id, label, probability, model, box, error. No cell can become a formula.

    A regression's have a value in place of label and probability, and no box.
    """
    columns = COLUMNS[kind]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for line in lines:
        error = line.get("error")
        cells = {**line, "box": " ".join(map(str, line.get("box", ()))), "error": f"{error['code']}: {error['detail']}" if error else ""}
        writer.writerow([harmless(cells.get(name, "")) for name in columns])
        if out.tell() > 1 << 16:
            yield _taken(out)
    yield _taken(out)


def harmless(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula: text that begins like one gets an apostrophe in front.

    Source:  OWASP, CSV injection. A space before the sign does not help: spreadsheets skip it.
    """
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS) else value


def _taken(out: io.StringIO) -> bytes:
    content = out.getvalue().encode("utf-8", "replace")
    out.seek(0)
    out.truncate()
    return content
