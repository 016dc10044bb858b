"""Puts the function together: its clients, its adapters, its use case, its handler."""

from collections.abc import Mapping
from functools import cache, partial

from functions.process_upload.attempts import Attempts
from functions.process_upload.batch_transform.lost_ends import LostEnds
from functions.process_upload.batch_transform.staging import Staging
from functions.process_upload.batch_transform.transform import BatchTransform, create_sagemaker_client
from functions.process_upload.config import Config
from functions.process_upload.events import Upload
from functions.process_upload.finisher import Finisher
from functions.process_upload.handler import Handler
from functions.process_upload.notify import build_notifier
from functions.process_upload.predicting.predictor import Predictor
from functions.process_upload.predicting.ranges import Ranges
from functions.process_upload.queue import UploadQueue
from functions.process_upload.reading.rows import count_rows_per_request
from functions.process_upload.service import Service
from functions.process_upload.several import Several, Worker
from functions.process_upload.source import Source
from functions.shared.aws.json_api import open_sqs
from functions.shared.aws.s3 import open_s3
from functions.shared.endpoint.client import UPLOAD_WAIT_S, open_endpoint
from functions.shared.environment import read_environment
from functions.shared.object_store import Store
from recipes.recipe import load


def build(environment: Mapping[str, str]) -> Handler:
    """Return a deployment's handler; the clients and the default recipe are created once, while the function starts."""
    config = read_environment(Config, environment)
    s3 = open_s3(environment, config.uploads_bucket, config.results_bucket)
    results = Store(s3, config.results_bucket)
    attempts = Attempts(results, config.upload_attempts)
    notifier = build_notifier(config.events_url, environment)
    endpoints = dict(zip(config.recipes, config.endpoint_names, strict=True))

    def open_source(upload: Upload) -> Source:
        return Source(s3, config.uploads_bucket, upload)

    def build_worker(name: str) -> Worker:
        recipe = load(name)
        chunk_rows = count_rows_per_request(recipe)
        finisher = Finisher(results, recipe, notifier)
        endpoint = open_endpoint(endpoints[name], config.endpoint_kind, UPLOAD_WAIT_S)
        ranges = Ranges(endpoint, recipe)
        transform = BatchTransform(
            create_sagemaker_client,
            results,
            Staging(results, recipe, ranges, chunk_rows=chunk_rows),
            finisher,
            attempts,
            endpoint_name=endpoints[name],
            instance_type=config.transform_instance_type,
            prefix=config.transform_prefix,
            in_flight=config.in_flight,
            output_key=config.transform_output_key,
            volume_key=config.transform_volume_key,
            tags=config.transform_tags,
        )
        service = Service(
            results,
            open_source,
            recipe,
            predictor=Predictor(endpoint, recipe, ranges, chunk_rows=chunk_rows, in_flight=config.in_flight),
            finisher=finisher,
            attempts=attempts,
            notifier=notifier,
            transform=transform,
            transform_over_bytes=config.transform_over_bytes,
            named=name if len(endpoints) > 1 else "",
        )
        return Worker(service, transform)

    queue = UploadQueue(open_sqs(environment, connect_s=2, wait_s=10, attempts=4), config.upload_queue_url)
    workers = {name: cache(partial(build_worker, name)) for name in endpoints}
    first = next(iter(workers.values()))()
    lost_ends = LostEnds(create_sagemaker_client, results, queue, prefix=config.transform_prefix)
    if len(workers) == 1:
        return Handler(config, first.service, first.transform, lost_ends, queue)
    several = Several(results, workers)
    return Handler(config, several, several, lost_ends, queue)
