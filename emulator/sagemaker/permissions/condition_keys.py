"""The condition keys of SageMaker's requests, as the Service Authorization Reference lists them by action: those that our policies use."""

from collections.abc import Iterator
from typing import Any

from emulator.sagemaker.operation import Request, sagemaker_arn

TAGGING_ACTION = "sagemaker:TaggingAction"  # the operation that creates what is tagged; AddTags by itself has none
ConditionKeys = dict[str, str | list[str]]


def read_condition_keys(operation: str, request: Request) -> ConditionKeys:
    """Return the condition keys that a request of an operation has, by name; one that says nothing of a key lacks it."""
    return {key: value for key, value in _yield_keys(operation, request) if value}


def _yield_keys(operation: str, request: Request) -> Iterator[tuple[str, str | list[str]]]:
    match operation:
        case "CreateTransformJob":
            yield from _describe_variants([{**request, **request.get("TransformResources", {})}])
        case "CreateEndpointConfig":
            yield from _describe_variants([*request.get("ProductionVariants", []), *request.get("ShadowProductionVariants", [])])
        case "CreateModel" if "EnableNetworkIsolation" in request:
            yield "sagemaker:NetworkIsolation", str(request["EnableNetworkIsolation"]).lower()
        case "CreateModelPackage" | "UpdateModelPackage":
            yield "sagemaker:ModelApprovalStatus", request.get("ModelApprovalStatus", "")
        case "CreateTrainingJob":
            yield "sagemaker:InstanceTypes", _list_values([request.get("ResourceConfig", {})], "InstanceType")
        case "CreateProcessingJob":
            cluster = request.get("ProcessingResources", {}).get("ClusterConfig", {})
            yield "sagemaker:InstanceTypes", _list_values([cluster], "InstanceType")


def _describe_variants(variants: list[dict[str, Any]]) -> Iterator[tuple[str, str | list[str]]]:
    """Yield the keys of what runs models: their ARNs, and the instances or the sizes."""
    serverless = [each["ServerlessConfig"] for each in variants if each.get("ServerlessConfig")]
    yield "sagemaker:ModelArn", [sagemaker_arn("model", name) for name in _list_values(variants, "ModelName")]
    yield "sagemaker:InstanceTypes", _list_values(variants, "InstanceType")
    yield "sagemaker:ServerlessMemorySize", _list_values(serverless, "MemorySizeInMB")
    yield "sagemaker:ServerlessMaxConcurrency", _list_values(serverless, "MaxConcurrency")


def _list_values(items: list[dict[str, Any]], field: str) -> list[str]:
    return [str(item[field]) for item in items if item.get(field)]
