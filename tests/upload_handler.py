"""The process_upload function's own handler over any clients: neither moto nor AWS is needed for it."""

from collections.abc import Callable
from typing import Any

from functions.process_upload.attempts import Attempts
from functions.process_upload.batch_transform.lost_ends import LostEnds
from functions.process_upload.batch_transform.staging import Staging
from functions.process_upload.batch_transform.transform import BatchTransform
from functions.process_upload.config import Config
from functions.process_upload.finisher import Finisher
from functions.process_upload.handler import Handler
from functions.process_upload.predicting.predictor import Predictor
from functions.process_upload.predicting.ranges import Ranges
from functions.process_upload.queue import UploadQueue
from functions.process_upload.service import Service
from functions.process_upload.several import Worker
from functions.process_upload.source import Source
from functions.shared.object_store import Store
from recipes.recipe import Recipe, load
from tests.fakes import FakeEndpoint

UPLOADS, RESULTS = "uploads", "results"
DIGITS = load("digits")
CONFIG = Config(
    endpoint_names=("digits",),
    endpoint_kind="serverless",
    recipes=("digits",),
    uploads_bucket=UPLOADS,
    results_bucket=RESULTS,
    upload_queue_url="",
    upload_attempts=5,
    events_url="https://events.example.test/event",
    in_flight=1,
    transform_over_bytes=1,
    transform_instance_type="ml.m5.large",
    transform_prefix="inferstack-test",
)


def build_handler(s3: Any, notifier: Any, *, sqs: Any = None, config: Config = CONFIG, **options: Any) -> Handler:
    """Return the function's handler over these clients; nothing in it sleeps."""
    worker, queue = build_worker(s3, notifier, config=config, **options), UploadQueue(sqs, config.upload_queue_url)
    lost_ends = LostEnds(lambda: options["sagemaker"], Store(s3, RESULTS), queue, prefix=config.transform_prefix)
    return Handler(config, worker.service, worker.transform, lost_ends, queue)


def build_worker(
    s3: Any,
    notifier: Any,
    *,
    endpoint: Any = None,
    sagemaker: Any = None,
    config: Config = CONFIG,
    recipe: Recipe = DIGITS,
    transform_over_bytes: int = 10**9,
    chunk_rows: int = 100,
    in_flight: int = 2,
    named: str = "",
    clock: Callable[[], float] = lambda: 0.0,
    now: Callable[[], float] = lambda: 1_800_000_000.0,
) -> Worker:
    """Return what takes the uploads of one recipe."""
    results = Store(s3, RESULTS, sleep=lambda _: None)
    endpoint = endpoint or FakeEndpoint()
    ranges = Ranges(endpoint, recipe)
    finisher = Finisher(results, recipe, notifier, now=now)
    attempts = Attempts(results, config.upload_attempts)
    transform = BatchTransform(
        lambda: sagemaker,
        results,
        Staging(results, recipe, ranges, chunk_rows=chunk_rows, clock=clock),
        finisher,
        attempts,
        endpoint_name=config.endpoint_names[0],
        instance_type=config.transform_instance_type,
        prefix=config.transform_prefix,
        in_flight=in_flight,
        output_key=config.transform_output_key,
        volume_key=config.transform_volume_key,
        tags=config.transform_tags,
    )
    service = Service(
        results,
        lambda upload: Source(s3, UPLOADS, upload),
        recipe,
        predictor=Predictor(endpoint, recipe, ranges, chunk_rows=chunk_rows, in_flight=in_flight, clock=clock),
        finisher=finisher,
        attempts=attempts,
        notifier=notifier,
        transform=transform,
        transform_over_bytes=transform_over_bytes,
        named=named,
        clock=clock,
        now=now,
    )
    return Worker(service, transform)
