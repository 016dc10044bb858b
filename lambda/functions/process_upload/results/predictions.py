"""predictions.jsonl: a job's results, from which its summary and predictions.csv are derived.

It is written once and appears whole. An attempt that finds it there already (a copy of the event, a crash after it) derives the summary
from it instead of from its own memory, so that both always agree.
"""

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from functions.process_upload.events import Upload
from functions.process_upload.lines import Line
from functions.process_upload.results.writer import ObjectWriter
from functions.process_upload.source import Source
from functions.shared.jobs import PREDICTIONS, Job
from functions.shared.keys import KEYS
from functions.shared.object_store import Store
from functions.shared.reading.notes import Note, read_notes
from functions.shared.reading.rows import Rows
from recipes.recipe import Box

READ_BYTES = 1 << 20
UNREAD_SHOWN, MAX_NOTES_BYTES = 30, 1000  # what an object's metadata has room for


@dataclass(frozen=True, slots=True)
class Metadata:
    """The object's metadata: what finishing its job takes beside the lines.

    Args:    format: of the upload.
             image_size: a picture's width and height in pixels.
             csv: whether predictions.csv is to be written.
             notes: on how the upload was read.
             keys: columns that the lines repeat.
             unread: boxes of a picture's ink that is no row, the first UNREAD_SHOWN of them.
             unread_count: how many there are.
    """

    format: str
    image_size: tuple[int, int] | None = None
    csv: bool = False
    keys: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    unread: tuple[Box, ...] = ()
    unread_count: int = 0

    @classmethod
    def of_rows(cls, rows: Rows, *, csv: bool, keys: tuple[str, ...] = ()) -> "Metadata":
        """Return the metadata of an upload's rows, of which no more is kept than S3 takes."""
        metadata = cls(rows.format, csv=csv, keys=keys, notes=limit_notes(rows.notes))
        if (picture := rows.picture) is None:
            return metadata
        unread = tuple(picture.unread[:UNREAD_SHOWN])
        return replace(metadata, image_size=(picture.width, picture.height), unread=unread, unread_count=len(picture.unread))

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> "Metadata":
        """Return the metadata that `to_headers` wrote."""
        image_size = (int(headers["width"]), int(headers["height"])) if "width" in headers else None
        notes = read_notes(json.loads(headers.get("notes", "[]")))
        unread = tuple(tuple(box) for box in json.loads(headers.get("unread", "[]")))
        keys = tuple(json.loads(headers.get(KEYS, "[]")))
        return cls(headers.get("format", ""), image_size, "csv" in headers, keys, notes, unread, int(headers.get("unread-count", 0)))

    def to_headers(self) -> dict[str, str]:
        """Return the metadata as S3 keeps it: 2 kB of ASCII at most."""
        headers = {"format": self.format}
        if self.image_size:
            headers |= {"width": str(self.image_size[0]), "height": str(self.image_size[1])}
        if self.notes:
            headers["notes"] = _encode_notes(self.notes)
        if self.unread_count:
            headers |= {"unread": json.dumps(self.unread, separators=(",", ":")), "unread-count": str(self.unread_count)}
        if self.keys:
            headers[KEYS] = json.dumps(self.keys)
        return {**headers, "csv": "true"} if self.csv else headers


def limit_notes(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Return as many of the notes as S3 takes in an object's metadata."""
    kept: tuple[Note, ...] = ()
    for note in notes:
        if len(_encode_notes((*kept, note))) > MAX_NOTES_BYTES:
            break
        kept = (*kept, note)
    return kept


def _encode_notes(notes: Iterable[Note]) -> str:
    return json.dumps([note.to_json() for note in notes])


def open_writer(results: Store, job: Job, metadata: Metadata) -> ObjectWriter:
    """Return the writer of a job's predictions.jsonl."""
    return ObjectWriter(results, job.key(PREDICTIONS), "application/jsonl", metadata.to_headers())


def read_predictions(results: Store, job: Job) -> tuple[Metadata, Iterator[Line]]:
    """Return the metadata and the lines of a job's predictions.jsonl, which must be there."""
    key = job.key(PREDICTIONS)
    (size_bytes,) = [each.size_bytes for each in results.list(key) if each.key == key]
    source = Source(results.client, results.bucket, Upload(key, "", "", size_bytes, ""))
    file = io.BufferedReader(source, READ_BYTES)
    file.peek()
    return Metadata.from_headers(source.metadata), (Line.from_json(json.loads(line)) for line in file)
