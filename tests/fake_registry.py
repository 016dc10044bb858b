"""A model package group and the endpoint's stack, as far as rollouts need them, with SageMaker's and CloudFormation's own answers."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

GROUP, STACK, ROLE = "inferstack-dev-digits", "Inferstack-dev-Inference", "arn:aws:iam::123456789012:role/any"
BEGIN = datetime(2026, 11, 21, 8, tzinfo=UTC)


def arn(version: int) -> str:
    return f"arn:aws:sagemaker:eu-west-1:123456789012:model-package/{GROUP}/{version}"


def refused(operation: str, code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


@dataclass
class Time:
    """A minute passes with each thing that happens."""

    now: datetime = BEGIN

    def passes(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


@dataclass
class FakeSageMaker:
    """A group; two packages a page. `failures` are raised first, one a call."""

    time: Time = field(default_factory=Time)
    packages: dict[int, dict[str, Any]] = field(default_factory=dict)
    failures: list[Exception] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)

    def add(self, version: int, status: str = "PendingManualApproval", **more: Any) -> None:
        about = {"ModelPackageGroupName": GROUP, "ModelPackageVersion": version, "ModelPackageArn": arn(version)}
        times = {"CreationTime": self.time.passes()}
        self.packages[version] = {**about, **times, "ModelPackageStatus": "Completed", "ModelApprovalStatus": status, **more}

    def approve(self, version: int) -> None:
        self.update_model_package(ModelPackageArn=arn(version), ModelApprovalStatus="Approved")

    def list_model_packages(self, **request: Any) -> dict[str, Any]:
        self._fail()
        assert request["ModelPackageGroupName"] == GROUP
        wanted = request.get("ModelApprovalStatus")
        found = [each for each in self.packages.values() if wanted in {None, each["ModelApprovalStatus"]}]
        at = int(request.get("NextToken", 0))
        more = {"NextToken": str(at + 2)} if at + 2 < len(found) else {}
        return {"ModelPackageSummaryList": found[at : at + 2], **more}

    def describe_model_package(self, ModelPackageName: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
        self._fail()
        return self.packages[int(ModelPackageName.rsplit("/", 1)[1])]

    def update_model_package(self, **request: Any) -> dict[str, Any]:
        self._fail()
        version = int(request["ModelPackageArn"].rsplit("/", 1)[1])
        changed = {name: value for name, value in request.items() if name != "ModelPackageArn"}
        self.packages[version] |= {**changed, "LastModifiedTime": self.time.passes()}
        self.changes.append(request)
        return {"ModelPackageArn": request["ModelPackageArn"]}

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.pop(0)


@dataclass
class FakeCloudFormation:
    """The stack; an update stays in progress until `end`. `failures` are raised first, one a call; three events a page."""

    time: Time = field(default_factory=Time)
    status: str = "CREATE_COMPLETE"
    parameters: dict[str, str] = field(default_factory=lambda: {"ModelPackageArn": "", "BootstrapVersion": "/cdk-bootstrap/any/version"})
    failures: list[Exception] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    token: str = ""
    before: str = ""
    updated: datetime | None = None

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
        self._fail()
        if StackName == "Inferstack-dev-Registry":
            return {"Stacks": [{"Outputs": [{"OutputKey": "ModelPackageGroupName", "OutputValue": GROUP}]}]}
        assert StackName == STACK
        times: dict[str, Any] = {"CreationTime": BEGIN, **({"LastUpdatedTime": self.updated} if self.updated else {})}
        parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in self.parameters.items()]
        return {"Stacks": [{"StackStatus": self.status, "Parameters": parameters, "Capabilities": ["CAPABILITY_IAM"], **times}]}

    def describe_stack_events(self, StackName: str, NextToken: str = "0") -> dict[str, Any]:  # noqa: N803
        at = int(NextToken)
        newest = list(reversed(self.events))
        more = {"NextToken": str(at + 3)} if at + 3 < len(newest) else {}
        return {"StackEvents": newest[at : at + 3], **more}

    def update_stack(self, **request: Any) -> dict[str, Any]:
        self._fail()
        if self.status.endswith("_IN_PROGRESS"):
            message = f"Stack:{STACK} is in {self.status} state and can not be updated."
            raise refused("UpdateStack", "ValidationError", message)
        values = {each["ParameterKey"]: each.get("ParameterValue") for each in request["Parameters"]}
        assert set(values) == set(self.parameters)
        changed = {name: value for name, value in values.items() if value is not None}
        if self.parameters | changed == self.parameters:
            raise refused("UpdateStack", "ValidationError", "No updates are to be performed.")
        self.before, self.token, self.updated = self.parameters["ModelPackageArn"], request["ClientRequestToken"], self.time.passes()
        self.parameters |= changed
        self.updates.append(request)
        self._happens("UPDATE_IN_PROGRESS", "User Initiated")
        return {}

    def end(self) -> None:
        """The update under way succeeds."""
        self._happens("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        self._happens("UPDATE_COMPLETE")

    def roll_back(self, *failures: tuple[str, str]) -> None:
        """The update under way fails of these resources' reasons, the first first, and is rolled back."""
        for resource, reason in failures:
            self._happens("UPDATE_FAILED", reason, resource)
        self._happens("UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed to update")
        self.parameters["ModelPackageArn"] = self.before
        self._happens("UPDATE_ROLLBACK_COMPLETE")

    def deploy_fails(self) -> None:
        """Somebody's `cdk deploy` of something else fails."""
        self.token, self.updated = "update-by-somebody", self.time.passes()
        self.before = self.parameters["ModelPackageArn"]
        self._happens("UPDATE_IN_PROGRESS")
        self.roll_back(("Image", "the build failed"))

    def _happens(self, status: str, reason: str = "", resource: str = STACK) -> None:
        if resource == STACK:
            self.status = status
        event = {"LogicalResourceId": resource, "ResourceStatus": status, "ResourceStatusReason": reason}
        self.events.append({**event, "ClientRequestToken": self.token, "Timestamp": self.time.passes()})

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.pop(0)
