"""An upload through the whole process_upload function: its handler, readers, results and summary, over S3 in a dictionary."""

import json
import time
from functools import cache
from importlib import import_module
from typing import Any

from functions.process_upload.events import Upload
from functions.process_upload.reading.rows import count_rows_per_request
from functions.shared.endpoint.interface import EndpointResponse
from functions.shared.jobs import Job
from recipes import npy
from recipes.recipe import Recipe
from tests.fakes import FakeContext
from tests.fuzz.memory_s3 import MemoryS3
from tests.upload_handler import RESULTS, UPLOADS, build_handler
from tests.upload_messages import make_message

IN_FLIGHT, TRANSFORM_OVER_BYTES = 4, 100 << 20  # as a serverless stage has them
REMAINING_MS = 45_000  # of the function, so that a file that takes all of it shows that in less than a minute


class EscapedError(Exception):
    """The function did not finish the job: its message goes back to the queue."""


def process(content: bytes, *, recipe: str = "digits", remaining_ms: int = REMAINING_MS) -> dict[str, Any]:
    """Upload the content and return the job's summary.

    Raises:  EscapedError: there is none, or the message is to be received again.
    """
    s3 = MemoryS3()
    s3.objects[UPLOADS, "inbox/hostile"] = content
    s3._metadata[UPLOADS, "inbox/hostile"] = {"csv": "true"}
    upload = Upload("inbox/hostile", "", "", len(content), "2026-11-21T08:00:00Z")
    job = Job.of_upload(upload.key, upload.version)
    assert job is not None
    response = _build_handler(s3, load_recipe(recipe))({"Records": [make_message(upload)]}, FakeContext(remaining_ms))
    if response["batchItemFailures"]:
        raise EscapedError("the message is to be received again")
    if (RESULTS, job.key("summary.json")) not in s3.objects:
        if any(key.startswith("transform/") and key.endswith("job.json") for _, key in s3.objects):
            return {"state": "handed over", "rows": sum("/rows/" in key for _, key in s3.objects)}
        raise EscapedError("the job has no summary")
    summary: dict[str, Any] = json.loads(s3.objects[RESULTS, job.key("summary.json")])
    lines = s3.objects.get((RESULTS, job.key("predictions.jsonl")), b"")
    assert all(json.loads(line) for line in lines.splitlines()[:50])
    return {**summary, "stored_bytes": sum(len(body) for (bucket, _), body in s3.objects.items() if bucket == RESULTS)}


@cache
def load_recipe(name: str) -> Recipe:
    """Return the recipe, by its module: one that is being made has no model yet and is not among those that are listed."""
    recipe: Recipe = import_module(f"recipes.{name}.recipe").RECIPE
    return recipe


def _build_handler(s3: MemoryS3, recipe: Recipe) -> Any:
    return build_handler(
        s3,
        _Silent(),
        endpoint=UniformEndpoint(recipe),
        sqs=_Sqs(),
        sagemaker=_SageMaker(),
        recipe=recipe,
        transform_over_bytes=TRANSFORM_OVER_BYTES,
        chunk_rows=count_rows_per_request(recipe),
        in_flight=IN_FLIGHT,
        clock=time.monotonic,
        now=time.time,
    )


class _Silent:
    def notify_progress(self, job: Job, rows_done: int, rows_total: int | None) -> None:
        pass

    def notify_finished(self, job: Job, summary: Any) -> None:
        pass


class _Sqs:
    def change_message_visibility(self, **_: Any) -> None:
        pass


class _SageMaker:
    def create_transform_job(self, **_: Any) -> None:
        pass

    def describe_endpoint(self, **_: Any) -> dict[str, str]:
        return {"EndpointConfigName": "config"}

    def describe_endpoint_config(self, **_: Any) -> dict[str, Any]:
        return {"ProductionVariants": [{"ModelName": "model"}]}


class UniformEndpoint:
    """Answers each instance with the same prediction."""

    def __init__(self, recipe: Recipe) -> None:
        probabilities = [0.1] * len(recipe.labels)
        prediction = (
            {"value": 1.5} if not recipe.labels else {"label": recipe.labels[0], "probability": 0.1, "probabilities": probabilities}
        )
        self._prediction = json.dumps(prediction)

    def invoke(self, body: bytes, *, content_type: str, accept: str, remaining_s: float, variant: str | None = None) -> EndpointResponse:
        header = npy.read_header(body)
        npy.check_length(body, header, npy.get_item_bytes(header, "float32" if header.descr == "<f4" else "uint8"))
        predictions = ",".join([self._prediction] * header.shape[0])
        return EndpointResponse(b'{"predictions":[%b],"model":{"version":"1"}}' % predictions.encode(), "main")
