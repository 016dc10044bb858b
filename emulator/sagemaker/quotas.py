"""Service quotas: what endpoints and transform jobs take of them, and SageMaker's error when none is left."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from emulator.sagemaker.errors import SageMakerError

SERVERLESS_CONCURRENCY = "Maximum total concurrency that can be allocated across all serverless endpoints"


def count_endpoint_usage(variants: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """Return what production variants take, by the quota's name."""
    usage: Counter[str] = Counter()
    for settings in variants:
        if serverless := settings.get("ServerlessConfig"):
            usage[SERVERLESS_CONCURRENCY] += int(serverless["MaxConcurrency"])
        else:
            usage[f"{settings['InstanceType']} for endpoint usage"] += int(settings.get("InitialInstanceCount", 1))
    return usage


def count_transform_usage(jobs: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """Return what transform jobs take, by the quota's name."""
    usage: Counter[str] = Counter()
    for job in jobs:
        resources = job["TransformResources"]
        usage[f"{resources['InstanceType']} for transform job usage"] += int(resources["InstanceCount"])
    return usage


def require_quotas(quotas: Mapping[str, int], used: Mapping[str, int], added: Mapping[str, int]) -> None:
    """Raise SageMaker's error if a request takes more of a quota than is left; what has no quota has no limit."""
    for name, delta in added.items():
        limit = quotas.get(name)
        if limit is not None and used.get(name, 0) + delta > limit:
            unit = "Concurrency" if name == SERVERLESS_CONCURRENCY else "Instances"
            raise SageMakerError(
                400,
                "ResourceLimitExceeded",
                f"The account-level service limit '{name}' is {limit} {unit}, with current utilization of {used.get(name, 0)} {unit} and a "
                f"request delta of {delta} {unit}. Please use AWS Service Quotas to request an increase for this quota. If AWS Service "
                "Quotas is not available, contact AWS support to request an increase for this quota.",
            )
