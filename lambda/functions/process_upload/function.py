"""Lambda's entry point: importing it is the function's start."""

import os
import time

from functions.process_upload.batch import Predictor
from functions.process_upload.config import Config
from functions.process_upload.handler import Handler
from functions.process_upload.notify import Notifier, session
from functions.process_upload.service import Service, Upload
from functions.process_upload.source import Source
from functions.process_upload.transform import Transform, sagemaker_client
from functions.shared.endpoint.client import Endpoint, create_client
from functions.shared.environment import read_environment
from functions.shared.object_store import Store, create_s3_client
from recipes.recipe import load


def build(config: Config) -> Handler:
    """Return the handler of a deployment: clients and recipe are made once, while the function starts."""
    recipe, aws, s3 = load(config.recipe), session(), create_s3_client()
    results = Store(s3, config.results_bucket)

    def open_source(upload: Upload) -> Source:
        return Source(s3, config.uploads_bucket, upload.key, upload.version, upload.etag, upload.size_bytes)

    transform = Transform(
        sagemaker_client(aws),
        results,
        recipe,
        endpoint_name=config.endpoint_name,
        instance_type=config.transform_instance_type,
        prefix=config.transform_prefix,
        chunk_bytes=config.chunk_bytes,
        in_flight=config.in_flight,
        clock=time.monotonic,
    )
    endpoint = Endpoint(config.endpoint_name, create_client())
    predictor = Predictor(endpoint, recipe, chunk_bytes=config.chunk_bytes, in_flight=config.in_flight)
    notifier = Notifier(config.events_url, aws)
    service = Service(
        results, open_source, recipe, predictor, notifier, transform=transform, transform_over_bytes=config.transform_over_bytes
    )
    return Handler(config, service, transform, aws.create_client("sqs"))


handler = build(read_environment(Config, os.environ))
