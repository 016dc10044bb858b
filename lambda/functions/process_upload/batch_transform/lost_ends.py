"""Transform jobs of whose end no event came: AWS sends SageMaker's events as well as it can, and in rare cases one is lost.

Once in a while the staged jobs without a summary are looked for, of many from another id on each time. The end of its transform job is sent
to the queue in the event's words, so that it is taken, tried again and given up like any other.
"""

from collections.abc import Callable, Iterator
from typing import Any

from functions.process_upload.batch_transform.staging import list_staged
from functions.process_upload.batch_transform.transform import END_STATES
from functions.process_upload.documents import Facts
from functions.process_upload.events import TransformStateChange
from functions.process_upload.queue import UploadQueue
from functions.shared.aws.retries import read_code
from functions.shared.jobs import SUMMARY, draw_id
from functions.shared.object_store import Store

NO_SUCH_JOB = {"ResourceNotFound", "ValidationException"}  # as the API's reference has it, and as SageMaker answers


class LostEnds:
    """Finds the ends that nobody told.

    Args:    connect: creates botocore's client of SageMaker.
             results: the bucket of results.
             queue: where the events of transform jobs come from.
             prefix: what the transform jobs' names begin with.
    """

    def __init__(self, connect: Callable[[], Any], results: Store, queue: UploadQueue, *, prefix: str) -> None:
        self._connect, self._results, self._queue, self._prefix = connect, results, queue, prefix

    def send_again(self) -> Facts:
        """Send the end of each transform job that has ended while its job has not, and return facts for the log."""
        found = [change for change in self._look_up() if change.status in END_STATES]
        for change in found:
            self._queue.send_change(change)
        return {"outcome": "looked for lost ends", "found": len(found)}

    def _look_up(self) -> Iterator[TransformStateChange]:
        jobs = (each.details.job for each in list_staged(self._results, behind=draw_id()))
        unfinished = [job for job in jobs if not self._results.has(job.key(SUMMARY))]
        if not unfinished:
            return
        sagemaker = self._connect()
        for job in unfinished:
            name = f"{self._prefix}-{job.id}"
            try:
                yield TransformStateChange.from_detail(sagemaker.describe_transform_job(TransformJobName=name))
            except Exception as error:
                if read_code(error) not in NO_SUCH_JOB:  # it was staged, and is not started yet
                    raise
