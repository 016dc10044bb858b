"""AWS as an operator reaches it: the emulator's for the local stage, their own account's for the others."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from local.run_state import read_state
from recipes.errors import InferstackError


class AwsFailed(InferstackError):
    """What AWS refused, or could not be asked."""

    code = "aws-failed"
    title = "AWS failed"


@dataclass(frozen=True, slots=True)
class Queues:
    """The URLs of a stage's queues."""

    uploads: str
    dead_letters: str


def clients(stage: str) -> Callable[[str], Any]:
    """Return what makes a stage's clients by their service's name.

    Raises:  AwsFailed: it is the local stage and no stack runs, or there is no such profile or region.
    """
    import boto3  # noqa: PLC0415 - 300 ms that no other command need pay

    place: dict[str, str] = {}
    known: dict[str, str] = {}
    if stage == "local":
        state = read_state()
        if state is None:
            raise AwsFailed("no local stack is running", advice="start it with `make up`, or name another with --stage")
        place = {"endpoint_url": state.aws["AWS_ENDPOINT_URL"]}
        known = {
            "aws_access_key_id": state.aws["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": state.aws["AWS_SECRET_ACCESS_KEY"],
            "region_name": state.aws["AWS_REGION"],
        }
    with asking():
        session = boto3.Session(**known)

    def client(service: str) -> Any:
        try:
            with asking():
                return session.client(service, **place)
        except ValueError as error:  # a region or an address that makes no URL
            raise AwsFailed(str(error), advice="look at AWS_REGION and AWS_ENDPOINT_URL") from error

    return client


def queues(stage: str, cloudformation: Any) -> Queues:
    """Return a stage's queues, by what its stack says.

    Raises:  AwsFailed: there is no such stack, or it is older than its queues.
    """
    return Queues(*_outputs(stage, cloudformation, "UploadQueueUrl", "DeadLetterQueueUrl"))


def results_bucket(stage: str, cloudformation: Any) -> str:
    """Return the name of a stage's bucket of results; raise like `queues`."""
    return _outputs(stage, cloudformation, "ResultsBucketName")[0]


def dump_bucket(stage: str, cloudformation: Any) -> str:
    """Return the name of a stage's dump bucket; raise like `queues`."""
    return _outputs(stage, cloudformation, "DumpBucketName", stack="Storage")[0]


def model_group(stage: str, cloudformation: Any) -> str:
    """Return the name of a stage's model package group; raise like `queues`."""
    return _outputs(stage, cloudformation, "ModelPackageGroupName", stack="Registry")[0]


def _outputs(stage: str, cloudformation: Any, *names: str, stack: str = "Web") -> list[str]:
    stack_name = f"Inferstack-{stage}-{stack}"
    with asking():
        found = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
    try:
        return [outputs[name] for name in names]
    except KeyError as error:
        raise AwsFailed(f"the stack {stack_name} has no output {error.args[0]}", advice="deploy it again: it is older than that") from error


@contextmanager
def asking() -> Iterator[None]:
    """Turn what botocore raises into one sentence and advice."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as above

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise AwsFailed(str(error), advice="`inferstack doctor --stage …` looks for credentials, region and stack") from error
