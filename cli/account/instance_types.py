"""Whether a region has the machines that a stage uses."""

from collections.abc import Collection
from typing import Any

from cli.finding import Finding
from cli.stage.aws import translate_aws_errors
from deployment.settings import Settings


def list_instance_types(settings: Settings) -> list[str]:
    """Return the instance types that a stage uses, each once."""
    types = (
        *(each.endpoint_instance_type for each in settings.split()),
        settings.batch_instance_type,
        settings.training_instance_type,
        settings.training_gpu_instance_type,
        settings.notebook_instance_type if settings.notebook else "",
    )
    return [type_ for type_ in dict.fromkeys(types) if type_]


def read_offered(ec2: Any, types: Collection[str]) -> set[str]:
    """Return those of SageMaker's types that a region has. SageMaker has no such list; its machines are EC2's.

    Raises:  AwsFailed
    """
    names = [type_.removeprefix("ml.") for type_ in types]
    with translate_aws_errors():
        answer = ec2.describe_instance_type_offerings(LocationType="region", Filters=[{"Name": "instance-type", "Values": names}])
    return {f"ml.{offering['InstanceType']}" for offering in answer["InstanceTypeOfferings"]}


def judge_instance_types(wanted: Collection[str], offered: Collection[str], region: str) -> Finding:
    """Return whether a region has every type that is wanted."""
    missing = [type_ for type_ in wanted if type_ not in offered]
    found = f"{region} has no {', '.join(missing)}" if missing else ", ".join(wanted)
    fix = "name others: -c instance_type=…, transform_instance_type=…, training_instance_type=…, or choose another region"
    return Finding("instance types", not missing, found, fix)
