"""predictions.jsonl: a job's results, from which its summary and predictions.csv are derived.

It is written once and appears whole. An attempt that finds it there already (a copy of the event, a crash after it) derives the summary
from it instead of from its own memory, so that both always agree.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from functions.process_upload.lines import Line
from functions.process_upload.writer import ObjectWriter
from functions.shared.jobs import PREDICTIONS, Job
from functions.shared.object_store import Store
from functions.shared.reading.rows import Note, read_notes

READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Metadata:
    """The object's metadata: what finishing its job takes beside the lines.

    Args:    format: of the upload.
             image_size: a picture's width and height in pixels.
             csv: whether predictions.csv is to be written.
             notes: on how the upload was read.
    """

    format: str
    image_size: tuple[int, int] | None = None
    csv: bool = False
    notes: tuple[Note, ...] = ()

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> "Metadata":
        """Return the metadata that `to_headers` wrote."""
        image_size = (int(headers["width"]), int(headers["height"])) if "width" in headers else None
        return cls(headers.get("format", ""), image_size, csv="csv" in headers, notes=read_notes(json.loads(headers.get("notes", "[]"))))

    def to_headers(self) -> dict[str, str]:
        """Return the metadata as S3 keeps it."""
        headers = {"format": self.format}
        if self.image_size:
            headers |= {"width": str(self.image_size[0]), "height": str(self.image_size[1])}
        if self.notes:  # S3 keeps 2 kB of ASCII
            headers["notes"] = json.dumps([note.to_json() for note in self.notes], separators=(",", ":"))
        return {**headers, "csv": "true"} if self.csv else headers


def open_writer(results: Store, job: Job, metadata: Metadata) -> ObjectWriter:
    """Return the writer of a job's predictions.jsonl."""
    return ObjectWriter(results, job.key(PREDICTIONS), "application/jsonl", metadata.to_headers())


def read_predictions(results: Store, job: Job) -> tuple[Metadata, Iterator[Line]]:
    """Return the metadata and the lines of a job's predictions.jsonl, which must be there."""
    response = results.client.get_object(Bucket=results.bucket, Key=job.key(PREDICTIONS))
    lines = (Line.from_json(json.loads(line)) for line in response["Body"].iter_lines(READ_BYTES) if line)
    return Metadata.from_headers(response.get("Metadata", {})), lines
