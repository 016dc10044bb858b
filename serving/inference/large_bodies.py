"""Large bodies on a thread: each inference takes the next instances of those that wait, as many as one inference takes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from serving.inference.job import Job
from serving.inference.joined import Float32, Instances, Predict, predict_joined
from serving.inference.lane import Lane


@dataclass(slots=True, eq=False)
class _Body:
    """A body that was decoded: what of it is still to be asked, and the answers so far."""

    job: Job
    left: Instances
    parts: list[Float32] = field(default_factory=list)


class LargeBodies:
    """Answers large bodies one inference after another.

    A body of many instances is asked in chunks. Where a batch pays, as on a GPU, a chunk that one body does not fill is filled by those
    behind it; a body is only decoded when there is room for it, so no more is held than one chunk and one body.

    Args:    chunk: the most instances of one inference.
             joins: whether an inference may take instances of several bodies. A core is full with one that is as large as a photo: there,
             whoever shares an inference waits for the others and gains nothing.
             finish: called with each job's answer or error.
    """

    def __init__(self, predict: Predict, chunk: int, *, joins: bool, finish: Callable[[Job, bytes | Exception], None]) -> None:
        self._predict, self._chunk, self._joins, self._finish = predict, chunk, joins, finish
        self._lane: Lane[Job] = Lane("large-bodies", self._answer)

    def put(self, job: Job) -> None:
        """Answer the job when those before it are answered."""
        self._lane.put(job)

    def close(self) -> None:
        """End the thread once it has done what it holds."""
        self._lane.close()

    def _answer(self, job: Job) -> None:
        bodies = self._decode(job)
        while bodies:
            while self._joins and _count(bodies) < self._chunk and (more := self._lane.take_waiting()):
                bodies.extend(self._decode(more))
            self._ask(self._take_chunk(bodies))
            bodies = [body for body in bodies if len(body.left)]

    def _decode(self, job: Job) -> list[_Body]:
        """Return the job's body, or nothing where there is nothing to ask."""
        answer: bytes | Exception = b""
        try:
            if not job.abandoned:
                instances = job.decode(job.body)
                if len(instances):
                    return [_Body(job, instances)]
                answer = job.write_answer(())
        except Exception as error:  # noqa: BLE001  what this job raises is its answer
            answer = error
        self._finish(job, answer)
        return []

    def _take_chunk(self, bodies: Iterable[_Body]) -> list[tuple[_Body, Instances]]:
        """Return the instances of the next inference, and whose they are."""
        room, chunk = self._chunk, []
        for body in bodies:
            if body.job.abandoned:
                body.left = body.left[:0]
                self._finish(body.job, b"")
            elif room:
                chunk.append((body, body.left[:room]))
                body.left = body.left[room:]
                room -= len(chunk[-1][1])
        return chunk

    def _ask(self, chunk: Sequence[tuple[_Body, Instances]]) -> None:
        answers = predict_joined(self._predict, [instances for _, instances in chunk])
        for (body, _), answer in zip(chunk, answers, strict=True):
            if isinstance(answer, Exception):
                body.left = body.left[:0]
                self._finish(body.job, answer)
                continue
            body.parts.append(answer)
            if not len(body.left):
                self._finish(body.job, body.job.write_answer(body.parts))


def _count(bodies: Iterable[_Body]) -> int:
    return sum(len(body.left) for body in bodies)
