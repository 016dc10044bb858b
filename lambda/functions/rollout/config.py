"""The rollout function's environment."""

from typing import NamedTuple


class Config(NamedTuple):
    """What a deployment tells the function.

    Args:    model_group: the model package group whose newest approved package serves.
             endpoint_name: the endpoint.
             stack_name: the stack of the endpoint.
             stack_role_arn: what CloudFormation acts as while it updates that stack.
             queue_url: for bringing back early what is not finished.
             poll_s: seconds between two looks at a rollout under way.
    """

    model_group: str
    endpoint_name: str
    stack_name: str
    stack_role_arn: str
    queue_url: str
    poll_s: int
