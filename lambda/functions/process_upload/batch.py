"""Rows into lines of results: chunks to the endpoint, a few in flight, in order, in bounded memory."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from functions.process_upload.rows import Row
from functions.shared.endpoint.interface import EndpointClient
from functions.shared.endpoint.response import parse_predictions
from recipes import npy
from recipes.errors import InferstackError, InvalidInput
from recipes.media_types import JSON, NPY
from recipes.recipe import Recipe

LEAST_S = 10.0  # what is left for the last chunks and for writing the results


class OutOfTime(InferstackError):
    """The function's time will not do for what is left of the upload."""

    code = "out-of-time"
    title = "Out of time"


Line = dict[str, Any]


class Predictor:
    """Predicts rows.

    Args:    endpoint: what answers; it waits by itself while the endpoint is busy or starting, so a throttled stream is slow and whole.
             recipe: what an instance is.
             chunk_bytes: the most a request may hold.
             in_flight: the most requests at once.
             clock: replaced in tests.
    """

    def __init__(
        self, endpoint: EndpointClient, recipe: Recipe, *, chunk_bytes: int, in_flight: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._endpoint, self._recipe, self._in_flight, self._clock = endpoint, recipe, in_flight, clock
        self._chunk_rows = max(1, chunk_bytes // recipe.instance_bytes)

    def lines(self, rows: Iterable[Row], *, deadline: float) -> Iterator[Line]:
        """Give each row's line, in order: its prediction, or its error.

        Args:    deadline: on the clock.
        Raises:  OutOfTime: more rows than can be answered until then.
                 InvalidInput: the upload turned out to be unreadable.
                 EndpointError: the endpoint did not answer.
        """
        waiting: deque[Future[list[Line]]] = deque()
        pool = ThreadPoolExecutor(self._in_flight, thread_name_prefix="chunk")
        try:
            for chunk in self._chunks(rows):
                if self._clock() + LEAST_S > deadline:
                    raise OutOfTime("the upload holds more than can be answered in the function's time")
                waiting.append(pool.submit(self._answer, chunk, deadline))
                if len(waiting) > self._in_flight:  # one is being filled while the others are away
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _chunks(self, rows: Iterable[Row]) -> Iterator[list[Row]]:
        chunk: list[Row] = []
        for row in rows:
            chunk.append(row)
            if len(chunk) >= self._chunk_rows:
                yield chunk
                chunk = []
        if chunk:
            yield chunk

    def _answer(self, chunk: list[Row], deadline: float) -> list[Line]:
        answered = iter(self._predict([row for row in chunk if row.instance is not None], deadline))
        return [error_line(row) if row.instance is None else next(answered) for row in chunk]

    def _predict(self, rows: Sequence[Row], deadline: float) -> list[Line]:
        if not rows:
            return []
        shape = (len(rows), *self._recipe.instance_shape)
        body = npy.write(b"".join([row.instance or b"" for row in rows]), shape, self._recipe.dtype)
        try:
            answer = self._endpoint.invoke(body, content_type=NPY, accept=JSON, remaining_s=deadline - self._clock())
            found, model = parse_predictions(answer.body, len(rows))
        except InvalidInput as error:
            if len(rows) == 1:  # the model's own objection, to this row
                rows[0].error = error
                return [error_line(rows[0])]
            half = len(rows) // 2
            return [*self._predict(rows[:half], deadline), *self._predict(rows[half:], deadline)]
        version = model.get("version")
        return [{"row": row.number, **row.about, **each, "model": version} for row, each in zip(rows, found, strict=True)]


def error_line(row: Row) -> Line:
    """Return the line of a row that could not be predicted."""
    assert row.error is not None  # noqa: S101 - a row is an instance or an error
    error = {"code": row.error.code, "detail": row.error.detail[:500], "advice": row.error.advice}
    return {"row": row.number, **row.about, "error": {name: value for name, value in error.items() if value}}
