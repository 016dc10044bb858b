"""What each operation of SageMaker needs: actions on resources, as the Service Authorization Reference lists them."""

from collections.abc import Callable, Iterator
from typing import Any

from emulator.access import Check, arn, pass_role
from emulator.sagemaker.operation import Request, sagemaker_arn
from emulator.sagemaker.permissions.condition_keys import TAGGING_ACTION, read_condition_keys

SERVICE = "sagemaker.amazonaws.com"
FindTags = Callable[[str], dict[str, str]]  # an ARN → its resource's tags
EXECUTION_OPERATIONS = (
    "StopPipelineExecution",
    "DescribePipelineExecution",
    "ListPipelineExecutionSteps",
    "ListPipelineParametersForExecution",
)
# The resource types of each operation, each with the field of the request that names the resource. An ARN there is taken as it is.
RESOURCES: dict[str, tuple[tuple[str, str], ...]] = {
    **{f"{verb}Model": (("model", "ModelName"),) for verb in ("Create", "Describe", "Delete")},
    **{f"{verb}EndpointConfig": (("endpoint-config", "EndpointConfigName"),) for verb in ("Create", "Describe", "Delete")},
    **{f"{verb}Endpoint": (("endpoint", "EndpointName"), ("endpoint-config", "EndpointConfigName")) for verb in ("Create", "Update")},
    **{f"{verb}Endpoint": (("endpoint", "EndpointName"),) for verb in ("Describe", "Delete", "Invoke")},
    "UpdateEndpointWeightsAndCapacities": (("endpoint", "EndpointName"),),
    **{f"{verb}TransformJob": (("transform-job", "TransformJobName"),) for verb in ("Create", "Describe", "Stop")},
    **{f"{verb}ModelPackageGroup": (("model-package-group", "ModelPackageGroupName"),) for verb in ("Create", "Describe", "Delete")},
    "CreateModelPackage": (("model-package", "ModelPackageGroupName"),),
    "ListModelPackages": (("model-package", "ModelPackageGroupName"),),
    **{f"{verb}ModelPackage": (("model-package", "ModelPackageName"),) for verb in ("Describe", "Delete")},
    "UpdateModelPackage": (("model-package", "ModelPackageArn"),),
    **{f"{verb}Pipeline": (("pipeline", "PipelineName"),) for verb in ("Create", "Update", "Describe", "Delete")},
    "StartPipelineExecution": (("pipeline", "PipelineName"),),
    "ListPipelineExecutions": (("pipeline", "PipelineName"),),
    **dict.fromkeys(EXECUTION_OPERATIONS, (("pipeline-execution", "PipelineExecutionArn"),)),
    **dict.fromkeys(("AddTags", "ListTags"), (("any", "ResourceArn"),)),
}
ROLE_FIELDS = {"CreateModel": "ExecutionRoleArn", "CreatePipeline": "RoleArn", "UpdatePipeline": "RoleArn"}
VERSIONS = {"CreateModelPackage", "ListModelPackages"}  # of a group: the resource is its versions, none of which is named


def list_checks(operation: str, request: Request, find_tags: FindTags = lambda _: {}) -> list[Check]:
    """Return what the caller of an operation must be allowed.

    Args:    find_tags: for conditions on the tags that a resource has.
    """
    return list(_yield_checks(operation, request, find_tags))


def read_alarm(name: str) -> Check:
    """Return what reading the state of an alarm that rolls a deployment back needs."""
    return Check("cloudwatch:DescribeAlarms", arn("cloudwatch", f"alarm:{name}"))


def _yield_checks(operation: str, request: Request, find_tags: FindTags) -> Iterator[Check]:
    tags = {f"aws:RequestTag/{tag['Key']}": str(tag["Value"]) for tag in request.get("Tags") or []}
    arns = [_resource_arn(operation, type_, request.get(field)) for type_, field in RESOURCES.get(operation, ()) if request.get(field)]
    for resource in arns or ["*"]:
        own = {f"aws:ResourceTag/{key}": value for key, value in find_tags(resource).items()}
        yield Check(f"sagemaker:{operation}", resource, {**own, **tags, **read_condition_keys(operation, request)})
    if tags and operation.startswith("Create"):
        yield Check("sagemaker:AddTags", arns[0], {**tags, TAGGING_ACTION: operation})
    if role := request.get(ROLE_FIELDS.get(operation, "")):
        yield pass_role(role, SERVICE)
    if operation == "UpdateEndpoint":
        for alarm in (request.get("DeploymentConfig") or {}).get("AutoRollbackConfiguration", {}).get("Alarms", []):
            yield read_alarm(alarm["AlarmName"])
    if operation == "CreateModel":
        containers = [request.get("PrimaryContainer") or {}, *(request.get("Containers") or [])]
        for package in (container["ModelPackageName"] for container in containers if container.get("ModelPackageName")):
            yield Check("sagemaker:DescribeModelPackage", _resource_arn(operation, "model-package", package))


def _resource_arn(operation: str, type_: str, name: Any) -> str:
    """Return the ARN of what a request names, which is a name or already an ARN."""
    text = str(name)
    if operation in VERSIONS:
        return sagemaker_arn(type_, f"{text.rpartition('/')[2]}/*")
    return text if text.startswith("arn:") else sagemaker_arn(type_, text)
