"""Rows into lines of results: chunks to the endpoint, a few in flight, in order, in bounded memory."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NoReturn

from functions.process_upload.lines import Line
from functions.process_upload.predicting.ranges import Ranges, mark_outside
from functions.shared.endpoint.interface import EndpointClient
from functions.shared.endpoint.response import parse_predictions
from functions.shared.reading.rows import Row
from recipes import npy
from recipes.errors import InferstackError, InvalidInput
from recipes.media_types import JSON, NPY
from recipes.recipe import Recipe

LEAST_S = 10.0  # what is left for the last chunks and for writing the results
WRITE_S = 5.0  # of that, for writing them: no request waits so long that nothing is left
# What handing the upload over takes: reading it again, not always as fast, and writing each request's rows.
READ_AGAIN, WRITE_PART_S = 1.5, 0.15


class OutOfTime(InferstackError):
    """The function has not enough time for the rest of the upload."""

    code = "out-of-time"
    title = "Out of time"


class Predictor:
    """Predicts rows.

    Args:    endpoint: it waits by itself while the model is busy or starting, so a throttled stream is slow and complete.
             recipe: what an instance is.
             ranges: say which numbers are unlike any that the model was trained on.
             chunk_rows: the most a request may hold.
             in_flight: the most requests at once.
             clock: seconds that only go forward; the one that deadlines are on.
    """

    def __init__(
        self,
        endpoint: EndpointClient,
        recipe: Recipe,
        ranges: Ranges,
        *,
        chunk_rows: int,
        in_flight: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._endpoint, self._recipe, self._ranges, self._in_flight, self._clock = endpoint, recipe, ranges, in_flight, clock
        self._chunk_rows = chunk_rows

    def predict(self, rows: Iterable[Row], total: int | None = None, *, deadline: float) -> Iterator[Line]:
        """Give each row's line, in order: its prediction, or its error.

        Args:    total: how many rows there are, if that is known.
                 deadline: on the clock.
        Raises:  OutOfTime: there are more rows than can be predicted until then. If it is the endpoint that takes long, enough is left for
                     handing the upload over.
                 InvalidInput: the upload turned out to be unreadable.
                 EndpointError: the endpoint did not answer.
        """
        waiting: deque[Future[list[Line]]] = deque()
        must_wait = True
        pool = ThreadPoolExecutor(self._in_flight, thread_name_prefix="chunk")
        try:
            for chunk in self._split(rows, total, deadline):
                waiting.append(pool.submit(self._predict_chunk, chunk, deadline))
                if len(waiting) > self._in_flight:  # one chunk is filled while the others are on their way
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        except OutOfTime:
            must_wait = False  # what is on its way would use up the time that was kept
            raise
        finally:
            pool.shutdown(wait=must_wait, cancel_futures=True)

    def _split(self, rows: Iterable[Row], total: int | None, deadline: float) -> Iterator[list[Row]]:
        started, read_s, count = self._clock(), 0.0, 0
        chunk: list[Row] = []
        since = started
        for row in rows:
            now = self._clock()  # for each, because one row may take a second to read
            read_s, count = read_s + now - since, count + 1
            if now + LEAST_S > deadline:
                _refuse_more()
            chunk.append(row)
            if len(chunk) >= self._chunk_rows:
                if self._must_hand_over(read_s, now - started, count, total, deadline - now):
                    _refuse_more()
                yield chunk
                chunk = []
            since = self._clock()
        if chunk:
            yield chunk

    def _must_hand_over(self, read_s: float, passed_s: float, count: int, total: int | None, left_s: float) -> bool:
        """Return whether the endpoint will not be ready in time, and after one request more there would not be enough for handing over.

        Where reading takes longer than the endpoint, reading again would not help.
        """
        expected = max(count, total or 2 * count)
        row_s = passed_s / count
        will_finish = total is not None and row_s * (expected - count) + LEAST_S <= left_s
        again_s = READ_AGAIN * read_s * expected / count + WRITE_PART_S * expected / self._chunk_rows
        return read_s < passed_s / 2 and not will_finish and row_s * self._chunk_rows + again_s + LEAST_S > left_s

    def _predict_chunk(self, chunk: list[Row], deadline: float) -> list[Line]:
        lines = iter(self._predict_instances([row for row in chunk if row.error is None], deadline))
        return [Line.of_row(row, self._recipe) if row.error else next(lines) for row in chunk]

    def _predict_instances(self, rows: list[Row], deadline: float) -> list[Line]:
        """Return the lines of rows that have instances; if the model refuses some, those have its reason."""
        if not rows:
            return []
        instances = [row.instance or b"" for row in rows]
        body = npy.write(b"".join(instances), (len(rows), *self._recipe.instance_shape), self._recipe.dtype)
        try:
            response = self._endpoint.invoke(body, content_type=NPY, accept=JSON, remaining_s=deadline - WRITE_S - self._clock())
            predictions, model = parse_predictions(response.body, len(rows))
        except InvalidInput as error:
            if len(rows) == 1:
                return [Line.of_row(rows[0], self._recipe).with_error(error)]
            half = len(rows) // 2
            return [*self._predict_instances(rows[:half], deadline), *self._predict_instances(rows[half:], deadline)]
        version = model.get("version")
        lines = [Line.of_prediction(row, self._recipe, each, version) for row, each in zip(rows, predictions, strict=True)]
        return mark_outside(lines, instances, self._ranges.find(str(version)))


def _refuse_more() -> NoReturn:
    raise OutOfTime("the upload holds more rows than can be predicted in the function's time")
