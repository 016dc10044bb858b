"""The endpoint and the models behind it, by SageMaker. Nothing here asks the endpoint itself: that would start one that sleeps."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from functions.shared.object_store import format_time
from functions.status.service import read_once

PAGE_SIZE = 100  # the most that SageMaker lists at once


class Endpoint:
    """One look at an endpoint, which is asked for once, and at the group of packages that it is served from.

    Args:    sagemaker: botocore's client.
             name, kind: the endpoint's.
             group: the model package group's name.
    """

    def __init__(self, sagemaker: Any, *, name: str, kind: str, group: str) -> None:
        self._sagemaker, self._name, self._kind, self._group = sagemaker, name, kind, group
        self._describe = read_once(lambda: sagemaker.describe_endpoint(EndpointName=name))

    def describe(self) -> dict[str, Any]:
        """Return the endpoint's state, and what each variant runs on."""
        endpoint = self._describe()
        return {
            "name": self._name,
            "kind": self._kind,
            "state": endpoint["EndpointStatus"],
            "deployed_at": write_time(endpoint["LastModifiedTime"]),
            "reason": endpoint.get("FailureReason"),
            "variants": [describe_variant(each) for each in endpoint.get("ProductionVariants", [])],
        }

    def describe_models(self) -> dict[str, Any]:
        """Return the version behind each variant, the newest approved version, and whether the first variant serves that one.

        A version is the package's number in the group; None is the model that the deployment brought.
        """
        config = self._sagemaker.describe_endpoint_config(EndpointConfigName=self._describe()["EndpointConfigName"])
        variants = [
            {"name": each["VariantName"], "version": self._read_version(each["ModelName"])} for each in config["ProductionVariants"]
        ]
        approved = self._find_newest_approved()
        return {
            "variants": variants,
            "approved": approved,
            "is_newest": variants[0]["version"] == (approved["version"] if approved else None),
        }

    def _read_version(self, model: str) -> int | None:
        description = self._sagemaker.describe_model(ModelName=model)
        container = description.get("PrimaryContainer") or description["Containers"][0]
        number = container.get("ModelPackageName", "").rpartition("/")[2]
        return int(number) if number.isdecimal() else None

    def _find_newest_approved(self) -> dict[str, Any] | None:
        pages = self._sagemaker.get_paginator("list_model_packages").paginate(
            ModelPackageGroupName=self._group, ModelApprovalStatus="Approved", PaginationConfig={"PageSize": PAGE_SIZE}
        )
        versions = [each for page in pages for each in page["ModelPackageSummaryList"] if each.get("ModelPackageVersion")]
        if not versions:
            return None
        newest = max(versions, key=lambda each: int(each["ModelPackageVersion"]))
        package = self._sagemaker.describe_model_package(ModelPackageName=newest["ModelPackageArn"])
        # An approval is a change, and SageMaker tells no other time of one.
        approved_at = write_time(package.get("LastModifiedTime") or package["CreationTime"])
        return {"version": int(newest["ModelPackageVersion"]), "approved_at": approved_at, "why": package.get("ApprovalDescription")}


def describe_variant(variant: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a variant runs on: how many instances, or how large a serverless one may get."""
    described: dict[str, Any] = {"name": variant["VariantName"], "weight": variant.get("CurrentWeight", 1.0)}
    if serverless := variant.get("CurrentServerlessConfig"):
        return {
            **described,
            "memory_mb": serverless["MemorySizeInMB"],
            "max_at_once": serverless["MaxConcurrency"],
            "kept_ready": serverless.get("ProvisionedConcurrency", 0),
        }
    return {**described, "instances": variant.get("CurrentInstanceCount", 0), "wanted_instances": variant.get("DesiredInstanceCount", 0)}


def write_time(time: datetime) -> str:
    """Return a time of AWS's clients as RFC 3339 in UTC."""
    return format_time(time.timestamp())
