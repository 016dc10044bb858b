"""The versions of a stage's model in its model package group, and which one serves."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cli.parallel import map_in_parallel
from cli.stage.aws import AwsFailed, Clients, translate_aws_errors
from cli.stage.outputs import find_model_group
from deployment.stages import settings_for, stack_name
from functions.rollout.interface import CONFIG_OUTPUT, IN_PROGRESS, PACKAGE_PARAMETER, describe_approval
from pipeline.runner.s3_url import split_s3_url

READ_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A model package.

    Args:    status: Approved, Rejected or PendingManualApproval.
             why: the approval's description, such as why it was rolled back.
             created_at: like 2026-11-21T08:00:00+00:00.
             archive_url, statistics_url: s3:// of its model.tar.gz and of its metrics; empty where it has none.
             serves: whether the endpoint serves it.
    """

    number: int
    arn: str
    status: str
    why: str
    created_at: str
    archive_url: str
    statistics_url: str
    serves: bool


@dataclass(frozen=True, slots=True)
class ServingStack:
    """The endpoint's stack.

    Args:    package_arn: the package it names; empty for the model it was deployed with.
             is_served: whether the endpoint has the stack's configuration: SageMaker may have taken it back without a word.
    """

    status: str
    package_arn: str
    is_served: bool

    @property
    def is_updating(self) -> bool:
        """Whether an update is under way."""
        return self.status.endswith(IN_PROGRESS)

    @property
    def serves_own_model(self) -> bool:
        """Whether the endpoint serves the model that it was deployed with."""
        return self.is_served and not self.package_arn


class ModelVersions:
    """The versions of a stage's model.

    Args:    clients: the stage's, by service.
             recipe: which model, of a stage with several; empty for the first.

    list_command  what shows them
    """

    list_command: str

    def __init__(self, stage: str, clients: Clients, recipe: str = "") -> None:
        self._cloudformation, self._sagemaker, self._s3 = clients("cloudformation"), clients("sagemaker"), clients("s3")
        first = find_model_group(stage, self._cloudformation)
        self._group = settings_for(stage, recipe=recipe).model_group if recipe else first
        self._stack = stack_name(stage, "Inference", "" if self._group == first else recipe)
        options = (f" --stage {stage}" if stage != "local" else "") + (f" --recipe {recipe}" if recipe else "")
        self.list_command = f"`inferstack models list{options}`"

    def list_newest(self, limit: int | None = None) -> list[ModelVersion]:
        """Return the newest versions, the newest first."""
        with translate_aws_errors():
            serving = self.describe_stack()
            summaries = sorted(self._list_summaries(), key=lambda each: -int(each["ModelPackageVersion"]))[:limit]
            return map_in_parallel(lambda each: self._describe(str(each["ModelPackageArn"]), serving), summaries, READ_AT_ONCE)

    def describe(self, number: int, stack: ServingStack | None = None) -> ModelVersion:
        """Return a version; raise AwsFailed if there is none of this number.

        Args:    stack: the endpoint's, for who asks more of it: what two looks at it show need not belong together.
        """
        with translate_aws_errors():
            arns = {int(each["ModelPackageVersion"]): str(each["ModelPackageArn"]) for each in self._list_summaries()}
            if number not in arns:
                known = f"there are {min(arns)} to {max(arns)}" if arns else "there is none yet"
                raise AwsFailed(f"{self._group} has no version {number}; {known}", advice=f"{self.list_command} shows them")
            return self._describe(arns[number], stack or self.describe_stack())

    def list_approved(self) -> list[int]:
        """Return the numbers of the approved versions, the highest first: that one is to serve."""
        with translate_aws_errors():
            approved = self._list_summaries(ModelApprovalStatus="Approved")
            return sorted((int(each["ModelPackageVersion"]) for each in approved), reverse=True)

    def set_approval(self, version: ModelVersion, status: str, why: str) -> None:
        """Approve or reject a version."""
        with translate_aws_errors():
            self._sagemaker.update_model_package(
                ModelPackageArn=version.arn, ModelApprovalStatus=status, ApprovalDescription=describe_approval(why)
            )

    def describe_stack(self) -> ServingStack:
        """Return the endpoint's stack."""
        with translate_aws_errors():
            stack = self._cloudformation.describe_stacks(StackName=self._stack)["Stacks"][0]
            outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
            endpoint = self._sagemaker.describe_endpoint(EndpointName=outputs["EndpointName"])
        parameters = {each["ParameterKey"]: each.get("ParameterValue", "") for each in stack.get("Parameters", [])}
        is_served = endpoint["EndpointConfigName"] == outputs.get(CONFIG_OUTPUT)
        return ServingStack(stack["StackStatus"], parameters.get(PACKAGE_PARAMETER, ""), is_served)

    def read_metrics(self, version: ModelVersion) -> dict[str, float]:
        """Return the version's metrics, like accuracy; none where its pipeline wrote none or somebody removed them."""
        if not version.statistics_url:
            return {}
        try:
            statistics = json.loads(self.read_object(version.statistics_url))
        except (AwsFailed, ValueError):
            return {}
        metrics = {name: value for kind in statistics.values() if isinstance(kind, dict) for name, value in kind.items()}
        return {name: float(each["value"]) for name, each in metrics.items() if isinstance(each, dict) and "value" in each}

    def read_object(self, url: str) -> bytes:
        """Return an object by its s3:// URL."""
        bucket, key = split_s3_url(url)
        with translate_aws_errors():
            content: bytes = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return content

    def _list_summaries(self, **filters: Any) -> Iterator[dict[str, Any]]:
        pages = self._sagemaker.get_paginator("list_model_packages").paginate(ModelPackageGroupName=self._group, **filters)
        return (each for page in pages for each in page["ModelPackageSummaryList"] if each.get("ModelPackageVersion"))

    def _describe(self, arn: str, serving: ServingStack) -> ModelVersion:
        package = self._sagemaker.describe_model_package(ModelPackageName=arn)
        containers = package.get("InferenceSpecification", {}).get("Containers") or [{}]
        return ModelVersion(
            number=int(package["ModelPackageVersion"]),
            arn=arn,
            status=package["ModelApprovalStatus"],
            why=package.get("ApprovalDescription", ""),
            created_at=package["CreationTime"].isoformat(timespec="seconds"),
            archive_url=containers[0].get("ModelDataUrl", ""),
            statistics_url=package.get("ModelMetrics", {}).get("ModelQuality", {}).get("Statistics", {}).get("S3Uri", ""),
            serves=serving.is_served and arn == serving.package_arn,
        )
