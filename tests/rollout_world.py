"""What a rollout changes: a model package group in moto's account, and a stack of ours."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from tests.moto_aws import ACCOUNT, REGION, create_client

BEGIN = datetime(2026, 11, 21, 8, tzinfo=UTC)
GROUP = ENDPOINT = "inferstack-dev-digits"
STACK, ROLE = "Inferstack-dev-Inference", f"arn:aws:iam::{ACCOUNT}:role/any"


def arn(version: int) -> str:
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/{GROUP}/{version}"


def refuse(operation: str, code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class PackageGroup:
    """The group in the account of a test."""

    def __init__(self) -> None:
        self.client = create_client("sagemaker")
        self.client.create_model_package_group(ModelPackageGroupName=GROUP, ModelPackageGroupDescription="any")
        self._count = 0

    def add(self, version: int, status: str = "PendingManualApproval", **more: Any) -> None:
        """Register the group's versions up to this one, which are pending, and give this one its status."""
        for each in range(self._count + 1, version + 1):
            request = more if each == version else {}
            self.client.create_model_package(ModelPackageGroupName=GROUP, ModelApprovalStatus="PendingManualApproval", **request)
            self._count = each
        if status != "PendingManualApproval":
            self.decide(version, status)

    def decide(self, version: int, status: str) -> None:
        self.client.update_model_package(ModelPackageArn=arn(version), ModelApprovalStatus=status)

    def status(self, version: int) -> tuple[str, str]:
        """Return a version's approval status and its description."""
        package = self.client.describe_model_package(ModelPackageName=arn(version))
        return package["ModelApprovalStatus"], package.get("ApprovalDescription", "")


class SageMaker:
    """A client of moto's SageMaker, which has the group, and of the endpoint, which the stack has."""

    def __init__(self, client: Any, stack: "FakeCloudFormation") -> None:
        self._client, self.describe_endpoint = client, stack.describe_endpoint

    def __getattr__(self, operation: str) -> Any:
        return getattr(self._client, operation)


class FailsFirst:
    """A client whose first calls fail: moto neither throttles nor has races.

    Args:    failures: one a call.
    """

    def __init__(self, client: Any, *failures: Exception) -> None:
        self._client, self._failures = client, list(failures)

    def __getattr__(self, operation: str) -> Any:
        if self._failures:
            raise self._failures.pop(0)
        return getattr(self._client, operation)


@dataclass
class FakeCloudFormation:
    """The stack; an update stays in progress until `end`, and a minute passes with each event; three events a page.

    Not moto's: its stacks keep no ClientRequestToken, know no UsePreviousValue for a default, never refuse an update that changes
    nothing, and are never in progress or rolled back; these are what a rollout depends on.
    """

    now: datetime = BEGIN
    status: str = "CREATE_COMPLETE"
    parameters: dict[str, str] = field(default_factory=lambda: {"ModelPackageArn": "", "BootstrapVersion": "/cdk-bootstrap/any/version"})
    updates: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    token: str = ""
    before: str = ""
    updated: datetime | None = None
    config: str = "config-0"  # of the stack
    serving_config: str = "config-0"  # of the endpoint
    endpoint_status: str = "InService"

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
        if StackName == "Inferstack-dev-Storage":
            return {"Stacks": [{"Outputs": [{"OutputKey": "ModelPackageGroupName", "OutputValue": GROUP}]}]}
        assert StackName == STACK
        times: dict[str, Any] = {
            "CreationTime": BEGIN,
            **({"LastUpdatedTime": self.updated} if self.updated else {}),
        }
        parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in self.parameters.items()]
        is_created = self.status not in {"CREATE_IN_PROGRESS", "ROLLBACK_COMPLETE"}
        outputs = [{"OutputKey": "EndpointName", "OutputValue": ENDPOINT}, {"OutputKey": "EndpointConfigName", "OutputValue": self.config}]
        stack = {"StackStatus": self.status, "Parameters": parameters, "Capabilities": ["CAPABILITY_IAM"], **times}
        stack |= {"Outputs": outputs} if is_created else {}  # CloudFormation resolves them once all resources are there
        return {"Stacks": [stack]}

    def describe_endpoint(self, EndpointName: str) -> dict[str, Any]:  # noqa: N803
        """Return the endpoint of the stack, as SageMaker does."""
        assert EndpointName == ENDPOINT
        return {"EndpointStatus": self.endpoint_status, "EndpointConfigName": self.serving_config}

    def get_paginator(self, operation: str) -> "FakeCloudFormation":
        assert operation == "describe_stack_events"
        return self

    def paginate(self, StackName: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        newest = self.events[::-1]
        for at in range(0, len(newest), 3):
            yield {"StackEvents": newest[at : at + 3]}

    def update_stack(self, **request: Any) -> dict[str, Any]:
        if self.status.endswith("_IN_PROGRESS"):
            message = f"Stack:{STACK} is in {self.status} state and can not be updated."
            raise refuse("UpdateStack", "ValidationError", message)
        values = {each["ParameterKey"]: each.get("ParameterValue") for each in request["Parameters"]}
        assert set(values) == set(self.parameters)
        changed = {name: value for name, value in values.items() if value is not None}
        if self.parameters | changed == self.parameters:
            raise refuse("UpdateStack", "ValidationError", "No updates are to be performed.")
        self.before, self.token, self.updated = self.parameters["ModelPackageArn"], request["ClientRequestToken"], self._pass_a_minute()
        self.parameters |= changed
        self.updates.append(request)
        self._record("UPDATE_IN_PROGRESS", "User Initiated")
        return {}

    def begin_creation(self) -> None:
        """Somebody deploys the stack for the first time."""
        self._record("CREATE_IN_PROGRESS", "User Initiated")

    def end_creation(self) -> None:
        """All resources of the new stack are there."""
        self._record("CREATE_COMPLETE")

    def end(self) -> None:
        """The update under way succeeds."""
        self._replace_config()
        self.serving_config = self.config
        self._record("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        self._record("UPDATE_COMPLETE")

    def roll_back_silently(self) -> None:
        """SageMaker takes the endpoint back to its configuration without a reason, and CloudFormation calls that a success."""
        self._replace_config()
        self._record("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        self._record("UPDATE_COMPLETE")

    def roll_back(self, *failures: tuple[str, str]) -> None:
        """The update under way fails of these resources' reasons, the first first, and is rolled back."""
        for resource, reason in failures:
            self._record("UPDATE_FAILED", reason, resource)
        self._record("UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed to update")
        self.parameters["ModelPackageArn"] = self.before
        self._record("UPDATE_ROLLBACK_COMPLETE")

    def deploy_silently_fails(self, config: str) -> None:
        """Somebody's `cdk deploy` gives the endpoint another configuration, and SageMaker takes it back without a reason."""
        self.token, self.config = "update-by-somebody", config
        self._record("UPDATE_COMPLETE")

    def deploy_fails(self) -> None:
        """Somebody's `cdk deploy` of something else fails."""
        self.token, self.updated = "update-by-somebody", self._pass_a_minute()
        self.before = self.parameters["ModelPackageArn"]
        self._record("UPDATE_IN_PROGRESS")
        self.roll_back(("Image", "the build failed"))

    def _replace_config(self) -> None:
        self.config = f"config-{len(self.updates)}"

    def _record(self, status: str, reason: str = "", resource: str = STACK) -> None:
        if resource == STACK:
            self.status = status
        event = {"LogicalResourceId": resource, "ResourceStatus": status, "ResourceStatusReason": reason}
        self.events.append({**event, "ClientRequestToken": self.token, "Timestamp": self._pass_a_minute()})

    def _pass_a_minute(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now
