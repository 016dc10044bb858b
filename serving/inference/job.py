"""One request's work, as the scheduler takes it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from serving.inference.joined import Float32, Instances


@dataclass(slots=True, eq=False)
class Job:
    """One request's work.

    Args:    body: what came.
             decode: body → instances [N, …] of the manifest's dtype; what it raises is the job's answer.
             encode: the model's answers in parts, float32 → the body of the answer.
             done: called once, on the loop, with the answer or the error; never if the job was abandoned.
             slow: decoding takes milliseconds, as pictures do.
             abandoned: the caller has disconnected; it need not be computed.
    """

    body: bytes
    decode: Callable[[bytes], Instances]
    encode: Callable[[Sequence[Float32]], bytes]
    done: Callable[[bytes | Exception], None]
    slow: bool = False
    abandoned: bool = False

    def abandon(self) -> None:
        """Mark the job's caller as disconnected."""
        self.abandoned = True

    def write_answer(self, parts: Sequence[Float32]) -> bytes | Exception:
        """Return the body of the answer, or what its encoder raised: that is this job's answer only."""
        try:
            return self.encode(parts)
        except Exception as error:  # noqa: BLE001
            return error
