"""What SageMaker does with the role of a model or a job: it pulls the image, reads the archive, and writes logs and metrics."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress

from deployment.this_machine import REGION
from emulator.access import AccessDeniedError, Actor, Assume, Check, arn
from emulator.sagemaker.errors import validation_exception
from emulator.sagemaker.permissions.operations import SERVICE, read_alarm
from pipeline.runner.s3_url import split_s3_url

ECR_ADDRESS = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(?P<repository>[^:@]+)")
PULL = ("ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage")
FIND_DIGEST = ("ecr:BatchGetImage", "ecr:DescribeImages")


def assume_execution_role(assume: Assume, role_arn: str) -> Actor:
    """Return who acts as the role of a model or a job; raise SageMakerError where SageMaker may not assume it."""
    try:
        return assume(role_arn, SERVICE)
    except AccessDeniedError as error:
        raise validation_exception(str(error)) from error


def require_archive(actor: Actor, role_arn: str, url: str) -> None:
    """Raise SageMakerError unless the role may read a model's archive."""
    bucket, key = split_s3_url(url)
    try:
        actor.require(Check("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}"))
    except AccessDeniedError as error:
        raise validation_exception(
            f'Could not access model data at {url}. Please ensure that the role "{role_arn}" exists and that its trust relationship policy '
            f'allows the action "sts:AssumeRole" for the service principal "{SERVICE}". Also ensure that the role has "s3:GetObject" '
            f"permissions and that the object is located in {REGION}."
        ) from error


def require_alarms(actor: Actor, alarms: Sequence[str]) -> None:
    """Raise SageMakerError unless the role may read the alarms that roll a deployment back."""
    try:
        for alarm in alarms:
            actor.require(read_alarm(alarm))
    except AccessDeniedError as error:
        raise validation_exception(f"The execution role of the endpoint may not read its alarms. {error}") from error


def write_capture(actor: Actor, url: str) -> None:
    """Write what is kept of an endpoint's traffic below a URL. A role that may not leaves none, in AWS without a word."""
    bucket, key = split_s3_url(url)
    with suppress(AccessDeniedError):
        actor.require(Check("s3:PutObject", f"arn:aws:s3:::{bucket}/{key}/requests.jsonl"))


def require_checkpoints(actor: Actor, url: str) -> None:
    """Raise AccessDeniedError unless the role of a training job may keep its checkpoints below a URL, and find them there again.

    SageMaker copies them while the job runs, and back when it goes on after an interruption. None is copied here.
    """
    bucket, prefix = split_s3_url(url)
    actor.require(Check("s3:ListBucket", f"arn:aws:s3:::{bucket}", {"s3:prefix": prefix}))
    for action in ("s3:GetObject", "s3:PutObject"):
        actor.require(Check(action, f"arn:aws:s3:::{bucket}/{prefix.rstrip('/')}/any"))


def use_container(actor: Actor, image: str, kind: str, stream: str) -> None:
    """Pull the image as the role and begin its log and its metrics; raise AccessDeniedError if the image may not be pulled.

    A role that may not write logs leaves none, in AWS without a word: the trace of calls shows it.

    Args:    kind: the part of the log group's name behind /aws/sagemaker/, like TransformJobs or Endpoints/NAME.
    """
    if checks := list_image_checks(image, PULL):
        for check in (Check("ecr:GetAuthorizationToken"), *checks):
            actor.require(check)
    for check in _list_telemetry_checks(kind, stream):
        with suppress(AccessDeniedError):
            actor.require(check)


def list_image_checks(image: str, actions: Sequence[str]) -> list[Check]:
    """Return what the actions on an image's repository need: nothing where the image is not in ECR."""
    if (address := ECR_ADDRESS.match(image)) is None:
        return []
    account, region, repository = address.groups()
    return [Check(action, f"arn:aws:ecr:{region}:{account}:repository/{repository}") for action in actions]


def _list_telemetry_checks(kind: str, stream: str) -> Iterator[Check]:
    group = arn("logs", f"log-group:/aws/sagemaker/{kind}")
    yield Check("logs:CreateLogGroup", f"{group}:log-stream:")  # so AWS writes the group in its refusals
    yield Check("logs:DescribeLogStreams", f"{group}:log-stream:")
    yield Check("logs:CreateLogStream", f"{group}:log-stream:{stream}")
    yield Check("logs:PutLogEvents", f"{group}:log-stream:{stream}")
    yield Check("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": f"/aws/sagemaker/{kind.partition('/')[0]}"})
