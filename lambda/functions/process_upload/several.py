"""Uploads of a deployment with several recipes: each goes to the service of its own.

A job of the API says its recipe in its record. A dropped file says it by the first of its folders, as inbox/stop_search/rows.csv does. What
says none, or one that is gone, goes to the default recipe, whose service ends a job that is not its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from functions.process_upload.batch_transform.transform import BatchTransform
from functions.process_upload.documents import Facts
from functions.process_upload.events import Attempt, TransformStateChange, Upload
from functions.process_upload.service import Service
from functions.shared import areas
from functions.shared.jobs import RECORD, Job
from functions.shared.object_store import Store


@dataclass(frozen=True, slots=True)
class Worker:
    """What takes the uploads of one recipe, and its ended transform jobs."""

    service: Service
    transform: BatchTransform


class Several:
    """The workers of several recipes.

    Args:    results: the bucket of results.
             workers: what returns a recipe's, by its name; the default first.
    """

    def __init__(self, results: Store, workers: Mapping[str, Callable[[], Worker]]) -> None:
        self._results, self._workers, self._default = results, workers, next(iter(workers))

    def process(self, upload: Upload, attempt: Attempt) -> Facts:
        """Let the upload's recipe process it; see `Service.process`."""
        job = Job.of_upload(upload.key, upload.version)
        recipe = self._find_recipe(job) if job else self._default
        return {"recipe": recipe, **self._find_worker(recipe).service.process(upload, attempt)}

    def finish(self, change: TransformStateChange, attempt: Attempt) -> Facts:
        """Let the recipe of a transform job that ended finish its job; see `BatchTransform.finish`."""
        staged = self._find_worker(self._default).transform.find_staged(change)
        recipe = staged.details.recipe if staged else self._default
        return {"recipe": recipe, **self._find_worker(recipe).transform.finish(change, attempt)}

    def _find_worker(self, recipe: str) -> Worker:
        return self._workers.get(recipe, self._workers[self._default])()

    def _find_recipe(self, job: Job) -> str:
        if job.owner == areas.INBOX:
            folder, slash, _ = job.name.partition("/")
            name = folder.lower().replace("-", "_").replace(" ", "_")  # as people and tools spell a recipe's name
            return name if slash and name in self._workers else self._default
        record = self._results.read_json(job.key(RECORD)) or {}
        return str(record.get("recipe", self._default))
