"""Rows into lines of results: chunks to the endpoint, a few in flight, in order, in bounded memory."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from functions.process_upload.lines import Line
from functions.process_upload.rows import Row
from functions.shared.endpoint.interface import EndpointClient
from functions.shared.endpoint.response import parse_predictions
from recipes import npy
from recipes.errors import InferstackError, InvalidInput
from recipes.media_types import JSON, NPY
from recipes.recipe import Recipe

LEAST_S = 10.0  # what is left for the last chunks and for writing the results
WRITE_S = 5.0  # of that, for writing them: no request waits so long that nothing is left


class OutOfTime(InferstackError):
    """The function has not enough time for the rest of the upload."""

    code = "out-of-time"
    title = "Out of time"


class Predictor:
    """Predicts rows.

    Args:    endpoint: it waits by itself while the model is busy or starting, so a throttled stream is slow and complete.
             recipe: what an instance is.
             chunk_rows: the most a request may hold.
             in_flight: the most requests at once.
             clock: seconds that only go forward; the one that deadlines are on.
    """

    def __init__(
        self, endpoint: EndpointClient, recipe: Recipe, *, chunk_rows: int, in_flight: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._endpoint, self._recipe, self._in_flight, self._clock = endpoint, recipe, in_flight, clock
        self._chunk_rows = chunk_rows

    def predict(self, rows: Iterable[Row], *, deadline: float) -> Iterator[Line]:
        """Give each row's line, in order: its prediction, or its error.

        Args:    deadline: on the clock.
        Raises:  OutOfTime: there are more rows than can be predicted until then.
                 InvalidInput: the upload turned out to be unreadable.
                 EndpointError: the endpoint did not answer.
        """
        waiting: deque[Future[list[Line]]] = deque()
        pool = ThreadPoolExecutor(self._in_flight, thread_name_prefix="chunk")
        try:
            for chunk in self._split(rows, deadline):
                waiting.append(pool.submit(self._predict_chunk, chunk, deadline))
                if len(waiting) > self._in_flight:  # one chunk is filled while the others are on their way
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _split(self, rows: Iterable[Row], deadline: float) -> Iterator[list[Row]]:
        chunk: list[Row] = []
        for row in rows:
            if self._clock() + LEAST_S > deadline:  # for each, because one row may take a second to read
                raise OutOfTime("the upload holds more rows than can be predicted in the function's time")
            chunk.append(row)
            if len(chunk) >= self._chunk_rows:
                yield chunk
                chunk = []
        if chunk:
            yield chunk

    def _predict_chunk(self, chunk: list[Row], deadline: float) -> list[Line]:
        lines = iter(self._predict_instances([row for row in chunk if row.error is None], deadline))
        return [Line.of_row(row) if row.error else next(lines) for row in chunk]

    def _predict_instances(self, rows: list[Row], deadline: float) -> list[Line]:
        """Return the lines of rows that have instances; if the model refuses some, those have its reason."""
        if not rows:
            return []
        shape = (len(rows), *self._recipe.instance_shape)
        body = npy.write(b"".join([row.instance or b"" for row in rows]), shape, self._recipe.dtype)
        try:
            response = self._endpoint.invoke(body, content_type=NPY, accept=JSON, remaining_s=deadline - WRITE_S - self._clock())
            predictions, model = parse_predictions(response.body, len(rows))
        except InvalidInput as error:
            if len(rows) == 1:
                return [Line.of_row(rows[0]).with_error(error)]
            half = len(rows) // 2
            return [*self._predict_instances(rows[:half], deadline), *self._predict_instances(rows[half:], deadline)]
        version = model.get("version")
        return [Line.of_row(row).with_prediction(each, version) for row, each in zip(rows, predictions, strict=True)]
