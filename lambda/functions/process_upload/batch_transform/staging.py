"""A large upload's rows, staged in the results bucket for Batch Transform under transform/<job>/, in parts of one request each.

input/00000.npy     the part's instances; Batch Transform writes output/00000.npy.out beside it
rows/00000.json     the part's rows in order, each with what is known of it; a row that cannot be read has its error here
job.json            the job, as the summary will describe it

So every format can be transformed, a bad row costs only that row, and predictions find their rows again by count.
"""

import time
from collections.abc import Callable, Iterator
from itertools import islice

from functions.process_upload.documents import JobDetails, StagedJob
from functions.process_upload.lines import Line
from functions.process_upload.predicting.ranges import ANY, Ranges, mark_outside
from functions.process_upload.results.predictions import limit_notes
from functions.shared import areas
from functions.shared.endpoint.response import parse_predictions
from functions.shared.object_store import Store
from functions.shared.reading.ranges import Features
from functions.shared.reading.rows import Row, Rows
from recipes import npy
from recipes.errors import TooLarge
from recipes.media_types import NPY
from recipes.recipe import Recipe

MOST_STAGED = 1000  # jobs that are looked at at once
LEAST_S = 3.0  # for starting the transform job; the predictor stops earlier, so that an upload it cannot finish can still be staged


class Staging:
    """What is staged for Batch Transform.

    Args:    results: the bucket of results.
             recipe: what an instance is.
             ranges: say which numbers are unlike any that the model was trained on.
             chunk_rows: the most a request may hold.
             clock: the one that deadlines are on.
    """

    def __init__(
        self, results: Store, recipe: Recipe, ranges: Ranges, *, chunk_rows: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._results, self._recipe, self._ranges, self._clock = results, recipe, ranges, clock
        self._chunk_rows = chunk_rows

    def write(self, details: JobDetails, rows: Rows, *, deadline: float) -> None:
        """Stage a job; doing it again writes the same.

        Raises:  TooLarge: there is not enough time to read it.
                 InvalidInput: the upload turned out to be unreadable, or none of its rows can be read.
        """
        folder, parts, predictable = _folder(details.job.id), 0, 0
        in_time = self._read_in_time(rows, details.upload.size_bytes, deadline)
        first: Row | None = None
        features = self._ranges.find(ANY)
        while part := tuple(islice(in_time, self._chunk_rows)):
            first = first or part[0]
            predictable += self._write_part(folder, parts, part, features)
            parts += 1
        if first and first.error and not predictable:
            raise type(first.error)(f"none of the rows could be read; row 1: {first.error.detail}", advice=first.error.advice)
        self._results.write_json(f"{folder}/job.json", StagedJob(details, rows.format, parts, limit_notes(rows.notes)).to_json())

    def _read_in_time(self, rows: Rows, size_bytes: int, deadline: float) -> Iterator[Row]:
        for row in rows.rows:
            if self._clock() + LEAST_S > deadline:
                raise TooLarge(f"the upload has {size_bytes:,} bytes, more than can be read here in time", advice="Split it up.")
            yield row

    def read(self, id_: str) -> StagedJob | None:
        """Return the staged job of that id, or None."""
        return read_staged(self._results, id_)

    def read_lines(self, staged: StagedJob) -> Iterator[Line]:
        """Give the lines of a job that Batch Transform completed.

        Raises:  EndpointFailed: its output is not one prediction an instance.
        """
        folder = _folder(staged.details.job.id)
        for number in range(staged.parts):
            document = self._results.read_json(f"{folder}/rows/{number:05}.json") or {}
            lines = [Line.from_json(row) for row in document["rows"]]
            yield from self._predict_lines(lines, f"{folder}/output/{number:05}.npy.out")

    def input_url(self, id_: str) -> str:
        """Return where Batch Transform reads from."""
        return f"s3://{self._results.bucket}/{_folder(id_)}/input/"

    def output_url(self, id_: str) -> str:
        """Return where Batch Transform writes to."""
        return f"s3://{self._results.bucket}/{_folder(id_)}/output/"

    def _write_part(self, folder: str, number: int, rows: tuple[Row, ...], features: Features) -> int:
        """Write one part, and return how many of its rows are to be predicted."""
        instances = [row.instance for row in rows if row.instance is not None]
        marked = iter(mark_outside([Line.of_row(row, self._recipe) for row in rows if row.instance is not None], instances, features))
        lines = [Line.of_row(row, self._recipe) if row.instance is None else next(marked) for row in rows]
        self._results.write_json(f"{folder}/rows/{number:05}.json", {"rows": [line.to_json() for line in lines]})
        if instances:
            body = npy.write(b"".join(instances), (len(instances), *self._recipe.instance_shape), self._recipe.dtype)
            self._results.client.put_object(Bucket=self._results.bucket, Key=f"{folder}/input/{number:05}.npy", Body=body, ContentType=NPY)
        return len(instances)

    def _predict_lines(self, lines: list[Line], output_key: str) -> Iterator[Line]:
        """Give a part's lines with the predictions in its output, which is not there if no line is to be predicted."""
        count = sum(line.error is None for line in lines)
        if not count:
            yield from lines
            return
        output = self._results.client.get_object(Bucket=self._results.bucket, Key=output_key)["Body"].read()
        predictions, model = parse_predictions(output, count)
        remaining = iter(predictions)
        for line in lines:
            yield line if line.error else line.with_prediction(next(remaining), model.get("version"))


def read_staged(results: Store, id_: str) -> StagedJob | None:
    """Return the staged job of that id, or None."""
    document = results.read_json(f"{_folder(id_)}/job.json")
    return None if document is None else StagedJob.from_json(document)


def list_staged(results: Store, *, behind: str, most: int = MOST_STAGED) -> Iterator[StagedJob]:
    """Give the jobs that are staged, those that ended too: they are kept for a week.

    Args:    behind: an id. Of more than `most` jobs those behind it are given, and then the first: from another id others.
    """
    area = f"{areas.TRANSFORM}/"
    folders = dict.fromkeys([*results.list_folders(area, after=area + behind, limit=most), *results.list_folders(area, limit=most)])
    for folder in islice(folders, most):
        if staged := read_staged(results, folder.split("/")[1]):
            yield staged


def _folder(id_: str) -> str:
    return f"{areas.TRANSFORM}/{id_}"
