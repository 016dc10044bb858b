"""Puts the function together: its clients, its adapters, its use case, its handler."""

from collections.abc import Mapping

import botocore.session
from botocore.config import Config as ClientConfig

from functions.rollout.config import Config
from functions.rollout.endpoint import Endpoint
from functions.rollout.endpoint_stack import EndpointStack
from functions.rollout.handler import Handler
from functions.rollout.model_packages import ModelPackages
from functions.rollout.service import Service
from functions.shared.environment import read_environment

# All calls of a step fit the function's time even when each is tried to the end.
CLIENT_CONFIG = ClientConfig(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 3, "mode": "standard"})


def build(environment: Mapping[str, str]) -> Handler:
    """Return a deployment's handler; the clients are created once, while the function starts."""
    config = read_environment(Config, environment)
    aws = botocore.session.get_session()
    sagemaker, cloudformation, sqs = (aws.create_client(name, config=CLIENT_CONFIG) for name in ("sagemaker", "cloudformation", "sqs"))
    packages = ModelPackages(sagemaker, config.model_group)
    stack = EndpointStack(cloudformation, config.stack_name, config.stack_role_arn)
    return Handler(config, Service(packages, stack, Endpoint(sagemaker, config.endpoint_name)), sqs)
