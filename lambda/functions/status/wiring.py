"""Puts the function together: its clients, its adapters, its use case, its handler."""

from collections.abc import Mapping
from functools import partial

import botocore.session
from botocore.config import Config as ClientConfig

from functions.shared.aws.s3 import API_WAIT_S, open_s3
from functions.shared.environment import read_environment
from functions.shared.job_states import JobStates
from functions.shared.object_store import Store
from functions.status.alarms import Alarms
from functions.status.config import Config
from functions.status.endpoint import Endpoint
from functions.status.handler import Handler
from functions.status.queues import Queues
from functions.status.recent_jobs import RecentJobs
from functions.status.service import Read, Service

CLIENT_CONFIG = ClientConfig(connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 2, "mode": "standard"})


def build(environment: Mapping[str, str]) -> Handler:
    """Return a deployment's handler; the clients are created once, while the function starts."""
    config = read_environment(Config, environment)
    aws = botocore.session.get_session()
    sagemaker, sqs, cloudwatch = (aws.create_client(name, config=CLIENT_CONFIG) for name in ("sagemaker", "sqs", "cloudwatch"))
    results = Store(open_s3(environment, config.results_bucket, wait_s=API_WAIT_S), config.results_bucket)
    jobs = RecentJobs(results, JobStates(results, upload_days=config.upload_days))
    alarms = Alarms(cloudwatch, config.alarms)
    queues = Queues(sqs, cloudwatch, queue_url=config.upload_queue_url, dead_letter_queue_url=config.dead_letter_queue_url)

    def list_parts(endpoint_name: str, model_group: str) -> Mapping[str, Read]:
        endpoint = Endpoint(sagemaker, name=endpoint_name, kind=config.endpoint_kind, group=model_group)
        return {
            "endpoint": endpoint.describe,
            "models": endpoint.describe_models,
            "uploads": queues.describe,
            "jobs": jobs.describe,
            "alarms": alarms.describe,
        }

    recipes = zip(config.recipes, config.endpoint_names, config.model_groups, strict=True)
    return Handler(config, {recipe: Service(partial(list_parts, *names)) for recipe, *names in recipes})
