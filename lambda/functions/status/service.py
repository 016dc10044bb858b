"""What runs, part by part: all are read at once, and one that cannot be read hides none of the others."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Lock
from typing import Any, TypeVar

from functions.shared.logs import write_line

DEADLINE_S = 8.0  # somebody waits; a part that takes longer is said to be missing
Part = Mapping[str, Any]
Read = Callable[[], Part]
Answer = TypeVar("Answer")


class Service:
    """The use case.

    Args:    list_parts: returns how each part is read, by its name; called for each request, so that parts may share what one of them read.
             deadline_s: for all of them together.
    """

    def __init__(self, list_parts: Callable[[], Mapping[str, Read]], deadline_s: float = DEADLINE_S) -> None:
        self._list_parts, self._deadline_s = list_parts, deadline_s

    def read(self) -> dict[str, Any]:
        """Return each part, None for one that could not be read, and in `unread` why not."""
        parts = self._list_parts()
        pool = ThreadPoolExecutor(len(parts))
        futures = {name: pool.submit(read) for name, read in parts.items()}
        wait(futures.values(), self._deadline_s)
        pool.shutdown(wait=False, cancel_futures=True)  # its clients give up by themselves
        unread = dict(self._list_unread(futures))
        answers = {name: None if name in unread else future.result() for name, future in futures.items()}
        return {**answers, "unread": [{"part": name, "detail": detail} for name, detail in unread.items()]}

    def _list_unread(self, futures: Mapping[str, Future[Part]]) -> Iterator[tuple[str, str]]:
        for name, future in futures.items():
            if not future.done():
                yield name, f"AWS took more than {self._deadline_s:g} s"
            elif error := future.exception():
                write_line("ERROR", part=name, error=type(error).__name__, detail=str(error)[:1000])
                yield name, describe_error(error)


def read_once(read: Callable[[], Answer]) -> Callable[[], Answer]:
    """Return a read that its callers share, also those at the same time: the first asks, all get its answer or its error."""
    lock, future = Lock(), Future[Answer]()

    def share() -> Answer:
        with lock:
            if not future.done():
                try:
                    future.set_result(read())
                except Exception as error:  # noqa: BLE001 - each caller gets it, below
                    future.set_exception(error)
        return future.result()

    return share


def describe_error(error: BaseException) -> str:
    """Return why a part could not be read: AWS's code and the call, without the names that its message holds; those are in the log."""
    response = getattr(error, "response", None)
    if not isinstance(response, Mapping):
        return f"it failed here ({type(error).__name__}); the function's log says why"
    code, call = response.get("Error", {}).get("Code", "an error"), getattr(error, "operation_name", "a call")
    return f"AWS answered {call} with {code}; the function's log says why"
