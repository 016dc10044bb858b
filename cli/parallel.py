"""Work in several threads, which Ctrl-C ends at once."""

from collections import deque
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def map_in_parallel(work: Callable[[T], R], items: Sequence[T], at_once: int) -> list[R]:
    """Return the work's result for each item, in the items' order; raise the first error.

    A ThreadPoolExecutor would delay the program's end until every call that has begun returns, even an upload of hours;
    these threads end with the program.
    """
    waiting = deque(enumerate(items))
    done: SimpleQueue[tuple[int, R | None, BaseException | None]] = SimpleQueue()

    def take() -> None:
        while waiting:
            try:
                number, item = waiting.popleft()
            except IndexError:  # another thread took the last one
                return
            try:
                done.put((number, work(item), None))
            except BaseException as error:  # noqa: BLE001 - raised again below, in the caller's thread
                done.put((number, None, error))

    for _ in range(min(at_once, len(items))):
        Thread(target=take, daemon=True).start()
    results: dict[int, R] = {}
    try:
        while len(results) < len(items):
            number, result, error = done.get()
            if error is not None:
                raise error
            results[number] = result  # type: ignore[assignment]  # without an error there is one
    finally:
        waiting.clear()
    return [results[number] for number in range(len(items))]
