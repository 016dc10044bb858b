"""Some of many things at once, with a Ctrl-C that is felt at once."""

from collections import deque
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_parallel(work: Callable[[T], R], items: Sequence[T], at_once: int) -> list[R]:
    """Return what the work gives for each item, in the items' order; raise what the first that failed raised.

    A ThreadPoolExecutor would hold the program's end until each started call has returned, an upload's last byte included;
    these threads end with it.
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
            except BaseException as error:  # noqa: BLE001 - raised again below, where the caller is
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
