"""When inference runs. It knows jobs and an event loop; no HTTP, no content types, no model.

Small bodies are *tick batched*: all that were parsed in one iteration of the event loop are answered by one inference in the next step of
the same loop. There is no timer and no thread between them, so a lone request waits for nothing and a crowd shares one call. Large bodies
go to ONE worker thread, in chunks, so neither another request nor a health check waits for them (large_bodies.py). Pictures are decoded on
a thread of their own, for that can take milliseconds, and then join the tick; where an instance is itself as large as a large body, nothing
runs on the loop. Queues are bounded: a job that finds them full is refused at once, not late.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from recipes.errors import EndpointBusy
from serving.inference.job import Job
from serving.inference.joined import Instances, Predict, predict_joined
from serving.inference.lane import Lane
from serving.inference.large_bodies import LargeBodies

MAX_TICK = 64


@dataclass(frozen=True, slots=True)
class Limits:
    """What runs where, and how much may wait.

    Args:    small_bytes: the largest body answered on the loop.
             tick_instances: the most one tick's inference takes.
             chunk_instances: the most one inference of a large body takes.
             waiting_instances: instances that wait for a tick.
             waiting_bytes: bodies that wait for, or are on, a thread.
             instance_bytes: of one instance: a picture counts as no less, however well it is packed.
             joins_bodies: whether one inference may take instances of several large bodies.
    """

    small_bytes: int = 64 << 10
    tick_instances: int = MAX_TICK
    chunk_instances: int = 128
    waiting_instances: int = 4096
    waiting_bytes: int = 128 << 20
    instance_bytes: int = 0
    joins_bodies: bool = False

    @classmethod
    def of(cls, *, instance_bytes: int, batch: int, waiting_instances: int, waiting_bytes: int, joins_bodies: bool = False) -> "Limits":
        """Return the limits for a model's instances.

        Args:    batch: the most instances that one inference takes.
        """
        return cls(
            tick_instances=min(MAX_TICK, batch),
            chunk_instances=batch,
            waiting_instances=max(1, min(waiting_instances, waiting_bytes // instance_bytes)),
            waiting_bytes=waiting_bytes,
            instance_bytes=instance_bytes,
            joins_bodies=joins_bodies,
        )

    @property
    def is_large(self) -> bool:
        """Whether one instance is more than is answered on the loop."""
        return self.instance_bytes > self.small_bytes


class Loop(Protocol):
    """What is used of an event loop."""

    def call_soon(self, callback: Callable[..., object], *args: Any) -> object:
        """Call it in the loop's next step."""

    def call_soon_threadsafe(self, callback: Callable[..., object], *args: Any) -> object:
        """Call it in the loop's next step, from another thread."""


class Scheduler:
    """Answers jobs.

    Args:    predict: instances [N, …] of the manifest's dtype → float32 [N, classes] or values [N]; called on the loop and on one thread.
             loop: the loop that submit is called on.
    """

    def __init__(self, predict: Predict, loop: Loop | asyncio.AbstractEventLoop, limits: Limits) -> None:
        self._predict = predict
        self._loop = loop
        self._limits = limits
        self._tick: deque[tuple[Job, Instances]] = deque()
        self._tick_instances = 0
        self._flush_is_due = False
        self._thread_bytes = 0
        self._large = LargeBodies(predict, limits.chunk_instances, joins=limits.joins_bodies, finish=self._finish_soon)
        self._pictures: Lane[Job] = Lane("pictures", self._decode)

    def submit(self, job: Job) -> None:
        """Take the job; its `done` gets the answer, an error, or at once EndpointBusy if a queue is full."""
        if job.slow or self._limits.is_large or len(job.body) > self._limits.small_bytes:
            size = self._weigh(job)
            if self._thread_bytes + size > self._limits.waiting_bytes:
                self._refuse(job)
                return
            self._thread_bytes += size
            (self._pictures if job.slow and not self._limits.is_large else self._large).put(job)
            return
        try:
            instances = job.decode(job.body)
        except Exception as error:  # noqa: BLE001  what a decoder raises is this job's answer only
            job.done(error)
            return
        self._join_tick(job, instances)

    def close(self) -> None:
        """End the threads once they have done what they hold."""
        self._large.close()
        self._pictures.close()

    def _weigh(self, job: Job) -> int:
        """Return how many bytes a job that waits for a thread counts as."""
        return max(len(job.body), self._limits.instance_bytes) if job.slow else len(job.body)

    def _refuse(self, job: Job) -> None:
        job.done(EndpointBusy("the server's queue is full", advice="Send it again in a second, or send fewer at once."))

    # --- the loop's side ---

    def _join_tick(self, job: Job, instances: Instances) -> None:
        if not len(instances):
            job.done(job.write_answer(()))
            return
        if self._tick_instances + len(instances) > self._limits.waiting_instances:
            self._refuse(job)
            return
        self._tick.append((job, instances))
        self._tick_instances += len(instances)
        if not self._flush_is_due:
            self._flush_is_due = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        batch = [self._tick.popleft()]
        count = len(batch[0][1])
        while self._tick and count + len(self._tick[0][1]) <= self._limits.tick_instances:
            batch.append(self._tick.popleft())
            count += len(batch[-1][1])
        self._tick_instances -= count
        self._flush_is_due = bool(self._tick)
        if self._flush_is_due:
            self._loop.call_soon(self._flush)  # sockets are read before it runs
        self._answer_tick([(job, instances) for job, instances in batch if not job.abandoned])

    def _answer_tick(self, batch: list[tuple[Job, Instances]]) -> None:
        answers = predict_joined(self._predict, [instances for _, instances in batch])
        for (job, _), answer in zip(batch, answers, strict=True):
            job.done(answer if isinstance(answer, Exception) else job.write_answer((answer,)))

    def _finish(self, job: Job, answer: bytes | Exception) -> None:
        self._thread_bytes -= self._weigh(job)
        if not job.abandoned:
            job.done(answer)

    def _finish_decoding(self, job: Job, instances: Instances) -> None:
        self._thread_bytes -= self._weigh(job)
        self._join_tick(job, instances)

    # --- the threads' side ---

    def _decode(self, job: Job) -> None:
        try:
            instances = job.decode(job.body)
        except Exception as error:  # noqa: BLE001  what a decoder raises is this job's answer
            self._finish_soon(job, error)
            return
        self._loop.call_soon_threadsafe(self._finish_decoding, job, instances)

    def _finish_soon(self, job: Job, answer: bytes | Exception) -> None:
        self._loop.call_soon_threadsafe(self._finish, job, answer)
