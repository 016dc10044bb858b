"""The status function's environment."""

from typing import NamedTuple


class Config(NamedTuple):
    """What a deployment tells the function.

    Args:    stage, recipe: the deployment's; of several recipes all, with commas, the default first.
             auth: how callers of the API say who they are: none, jwt or iam.
             endpoint_name, endpoint_kind: the endpoint, or each recipe's, and what it runs on: serverless, cpu or gpu.
             model_group: the model package group whose newest approved package is to serve, or each recipe's.
             upload_queue_url, dead_letter_queue_url: where uploads wait, and where those end that failed too often.
             results_bucket: where jobs are.
             upload_days: how long an upload is kept.
             alarms: the names of the deployment's alarms, separated by commas.
    """

    stage: str
    recipe: str
    auth: str
    endpoint_name: str
    endpoint_kind: str
    model_group: str
    upload_queue_url: str
    dead_letter_queue_url: str
    results_bucket: str
    upload_days: int
    alarms: str
