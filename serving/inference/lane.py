"""A thread that does jobs in the order they came."""

import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")


class Lane(Generic[T]):
    """One thread, and what waits for it.

    Args:    work: does a job, and may take those that wait behind it.
    """

    def __init__(self, name: str, work: Callable[[T], None]) -> None:
        self._jobs: queue.SimpleQueue[T | None] = queue.SimpleQueue()
        self._work = work
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, job: T) -> None:
        """Let the thread do the job when it has done those before."""
        self._jobs.put(job)

    def take_waiting(self) -> T | None:
        """Return the next job that waits, if one does; called by the work on the thread."""
        job = None
        with suppress(queue.Empty):
            job = self._jobs.get_nowait()
            if job is None:
                self._jobs.put(None)  # the end is not for the work to take
        return job

    def close(self) -> None:
        """End the thread once it has done what waits."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._work(job)
