"""Lambda's entry point: importing it is the function's start."""

import os

import botocore.session
from botocore.config import Config as ClientConfig

from functions.rollout.config import Config
from functions.rollout.handler import Handler
from functions.rollout.registry import Registry
from functions.rollout.service import Service
from functions.rollout.stack import Stack
from functions.shared.environment import read_environment

# All of a look's calls fit the function's time even when each is tried to the end.
PATIENCE = ClientConfig(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 3, "mode": "standard"})


def build(config: Config) -> Handler:
    """Return the handler of a deployment: the clients are made once, while the function starts."""
    aws = botocore.session.get_session()
    sagemaker, cloudformation, sqs = (aws.create_client(name, config=PATIENCE) for name in ("sagemaker", "cloudformation", "sqs"))
    service = Service(Registry(sagemaker, config.model_group), Stack(cloudformation, config.stack_name, config.stack_role_arn))
    return Handler(config, service, sqs)


handler = build(read_environment(Config, os.environ))
