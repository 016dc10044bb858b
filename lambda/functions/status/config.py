"""The status function's environment."""

from typing import NamedTuple


class Config(NamedTuple):
    """What a deployment tells the function.

    Args:    stage: the deployment's.
             recipes: its recipes, the default first.
             auth: how callers of the API say who they are: none, jwt or iam.
             endpoint_names, endpoint_kind: each recipe's endpoint, and what they run on: serverless, cpu or gpu.
             model_groups: each recipe's model package group, whose newest approved package is to serve.
             upload_queue_url, dead_letter_queue_url: where uploads wait, and where those end that failed too often.
             results_bucket: where jobs are.
             upload_days: how long an upload is kept.
             alarms: the names of the deployment's alarms.
    """

    stage: str
    recipes: tuple[str, ...]
    auth: str
    endpoint_names: tuple[str, ...]
    endpoint_kind: str
    model_groups: tuple[str, ...]
    upload_queue_url: str
    dead_letter_queue_url: str
    results_bucket: str
    upload_days: int
    alarms: tuple[str, ...]
