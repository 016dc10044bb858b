"""Names that a deployment takes, and what an earlier one left that belongs to no stack of the stage now."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from cli.finding import Finding
from cli.stage.aws import AwsFailed, translate_aws_errors
from cli.stage.stacks import Key, parse_arn
from deployment.settings import Settings

# How SageMaker and CloudWatch Logs say that there is none of that name.
ABSENT = {"ValidationException", "ValidationError", "ResourceNotFound", "ResourceNotFoundException"}
# What may hold data, or is billed while nobody uses it.
KEPT_TYPES = (
    "s3",
    "logs:log-group",
    "cognito-idp:userpool",
    "ecr:repository",
    "sagemaker:endpoint",
    "sagemaker:model-package-group",
    "sagemaker:notebook-instance",
)
SHOWN = 5


@dataclass(frozen=True, slots=True)
class TakenName:
    """A name that a stage gives to a resource.

    Args:    what: the resource's type, in words.
             service, operation, parameter: how to ask whether it is there.
             fix: what to do where it is there and belongs to nobody.
    """

    what: str
    name: str
    service: str
    operation: str
    parameter: str
    fix: str

    @property
    def key(self) -> Key:
        """The resource as a stack would have it."""
        return self.what.replace(" ", ""), self.name


def list_names(settings: Settings) -> Iterator[TakenName]:
    """Yield the names that a stage gives to its resources; the others get theirs from CloudFormation, which makes them unique."""
    for each in settings.split():
        yield from _list_recipe_names(each)
    if settings.notebook:
        name = settings.notebook_name
        fix = f"aws sagemaker delete-notebook-instance --notebook-instance-name {name}"
        yield TakenName("notebook instance", name, "sagemaker", "describe_notebook_instance", "NotebookInstanceName", fix)


def _list_recipe_names(settings: Settings) -> Iterator[TakenName]:
    endpoint, group, pipeline = settings.endpoint_name, settings.model_group, settings.pipeline_name
    logs = f"/aws/sagemaker/Endpoints/{endpoint}"
    delete = "aws sagemaker delete-"
    keep = "keep its versions: `npx cdk deploy --all --import-existing-resources`; or delete its versions and then the group"
    yield TakenName("endpoint", endpoint, "sagemaker", "describe_endpoint", "EndpointName", f"{delete}endpoint --endpoint-name {endpoint}")
    yield TakenName("model package group", group, "sagemaker", "describe_model_package_group", "ModelPackageGroupName", keep)
    yield TakenName("pipeline", pipeline, "sagemaker", "describe_pipeline", "PipelineName", f"{delete}pipeline --pipeline-name {pipeline}")
    yield TakenName("log group", logs, "logs", "describe_log_streams", "logGroupName", f"aws logs delete-log-group --log-group-name {logs}")


def exists(client: Any, taken: TakenName) -> bool:
    """Return whether there is something of that name.

    Raises:  AwsFailed: AWS does not say.
    """
    try:
        with translate_aws_errors():
            getattr(client, taken.operation)(**{taken.parameter: taken.name})
    except AwsFailed as error:
        if error.aws_code in ABSENT:
            return False
        raise
    return True


def judge_name(taken: TakenName, owned: Collection[Key], *, is_there: bool) -> Finding:
    """Return whether a deploy may take a name."""
    what = f"name of the {taken.what}"
    if is_there and taken.key not in owned:
        return Finding(what, False, f"{taken.name} exists and belongs to no stack of this stage", taken.fix)
    return Finding(what, True, f"{taken.name}, {'deployed' if is_there else 'free'}")


def read_tagged(tagging: Any, stage: str) -> list[str]:
    """Return the ARNs of what a stage's deploys have created, of the types that matter, and that is still there.

    Raises:  AwsFailed
    """
    filters = [{"Key": "inferstack:stage", "Values": [stage]}]
    with translate_aws_errors():
        pages = tagging.get_paginator("get_resources").paginate(TagFilters=filters, ResourceTypeFilters=list(KEPT_TYPES))
        return [mapping["ResourceARN"] for page in pages for mapping in page["ResourceTagMappingList"]]


def judge_leftovers(tagged: Collection[str], owned: Collection[Key]) -> Finding:
    """Return what earlier deploys left. Nothing of it is in the way, so it is ok; it may hold data, and its bytes are billed."""
    left = [arn for arn in tagged if parse_arn(arn) not in owned]
    shown = ", ".join(left[:SHOWN]) + (f" and {len(left) - SHOWN} more" if len(left) > SHOWN else "")
    return Finding("leftovers", True, f"kept from an earlier deployment: {shown}" if left else "none")
