"""AWS::SageMaker::* for the emulator's CloudFormation, by way of the very operations a client would call."""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from emulator.ministack_adapter import Attributes, Properties, ResourceType
from emulator.sagemaker.control import Control
from emulator.sagemaker.deployment import plan
from emulator.sagemaker.endpoint import IN_PROGRESS, IN_SERVICE
from emulator.sagemaker.errors import SageMakerError

ENDPOINT_LIMIT_S = 120
POLL_S = 0.1


def types(control: Control, is_destroyed: Callable[[str], bool] = lambda _: False) -> dict[str, ResourceType]:
    """Return the resource types by name.

    Args:    is_destroyed: whether the stack that a physical id is in is being deleted as a whole.
    """
    model, config, endpoint = _Unnamed(control, "Model"), _Unnamed(control, "EndpointConfig"), _Endpoint(control)
    group, pipeline = _Group(control, is_destroyed), _Pipeline(control)
    return {
        "AWS::SageMaker::Model": ResourceType(model.create, model.update, model.delete),
        "AWS::SageMaker::EndpointConfig": ResourceType(config.create, config.update, config.delete),
        "AWS::SageMaker::Endpoint": ResourceType(endpoint.create, endpoint.update, endpoint.delete, blocking=True),
        "AWS::SageMaker::Pipeline": ResourceType(pipeline.create, pipeline.update, pipeline.delete),
        "AWS::SageMaker::ModelPackageGroup": ResourceType(group.create, group.update, group.delete),
    }


class _Unnamed:
    """A model or an endpoint configuration: nothing of it can be changed, so a change makes a new one under a new name.

    CloudFormation removes the old one after the update; ministack leaves that to the handler.
    """

    def __init__(self, control: Control, kind: str) -> None:
        self._operations, self._kind = control.operations, kind

    def create(self, logical_id: str, properties: Properties, stack: str) -> tuple[str, Attributes]:
        name_property = f"{self._kind}Name"
        name = properties.get(name_property) or f"{stack}-{logical_id}-{uuid4().hex[:8]}"[-63:].lstrip("-")
        answer = self._operations[f"Create{self._kind}"]({**_typed(properties), name_property: name})
        arn = answer[f"{self._kind}Arn"]
        return arn, {name_property: name, "Id": arn, f"{self._kind}Arn": arn}

    def update(self, physical_id: str, old: Properties, new: Properties, stack: str) -> tuple[str, Attributes]:  # noqa: ARG002
        # What is replaced is kept until the endpoint has moved on, and a rollback can return to it.
        return self.create(self._kind, new, stack)

    def delete(self, physical_id: str, properties: Properties) -> None:  # noqa: ARG002
        listed = self._operations[f"List{self._kind}s"]({})[f"{self._kind}s"]
        for found in listed:
            if found[f"{self._kind}Arn"] == physical_id:
                self._operations[f"Delete{self._kind}"]({f"{self._kind}Name": found[f"{self._kind}Name"]})


class _Endpoint:
    """An endpoint: created and updated when it is in service, failed with the server's own words."""

    def __init__(self, control: Control) -> None:
        self._operations = control.operations

    def create(self, logical_id: str, properties: Properties, stack: str) -> tuple[str, Attributes]:
        name = properties.get("EndpointName") or f"{stack}-{logical_id}-{uuid4().hex[:8]}"[-63:].lstrip("-")
        arn = self._operations["CreateEndpoint"]({"EndpointName": name, "EndpointConfigName": properties["EndpointConfigName"]})[
            "EndpointArn"
        ]
        try:
            self._wait(name)
        except Exception:
            self.delete(arn, {"EndpointName": name})
            raise
        return arn, {"EndpointName": name, "Id": arn}

    def update(self, physical_id: str, old: Properties, new: Properties, stack: str) -> tuple[str, Attributes]:
        if old.get("EndpointName") != new.get("EndpointName"):
            return self.create("Endpoint", new, stack)
        name = new.get("EndpointName") or physical_id.rpartition("/")[2]
        if old.get("EndpointConfigName") != new.get("EndpointConfigName"):
            guarded = {"DeploymentConfig": new["DeploymentConfig"]} if "DeploymentConfig" in new else {}
            self._operations["UpdateEndpoint"]({"EndpointName": name, "EndpointConfigName": new["EndpointConfigName"], **guarded})
            self._wait(name, ENDPOINT_LIMIT_S + self._lasts_s(new))
        return physical_id, {"EndpointName": name, "Id": physical_id}

    def delete(self, physical_id: str, properties: Properties) -> None:
        name = properties.get("EndpointName") or physical_id.rpartition("/")[2]
        try:
            self._operations["DeleteEndpoint"]({"EndpointName": name})
        except SageMakerError:
            return  # it is gone already

    def _lasts_s(self, properties: Properties) -> float:
        """Return how long the endpoint's deployment bakes."""
        if "DeploymentConfig" not in properties:
            return 0
        config = self._operations["DescribeEndpointConfig"]({"EndpointConfigName": properties["EndpointConfigName"]})
        return plan(properties["DeploymentConfig"], config["ProductionVariants"]).lasts_s

    def _wait(self, name: str, limit_s: float = ENDPOINT_LIMIT_S) -> None:
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            described = self._operations["DescribeEndpoint"]({"EndpointName": name})
            if described["EndpointStatus"] not in IN_PROGRESS:
                if reason := described.get("FailureReason"):
                    raise RuntimeError(f"Endpoint {name}: {reason}")
                if described["EndpointStatus"] != IN_SERVICE:
                    raise RuntimeError(f"Endpoint {name} is {described['EndpointStatus']}; expected {IN_SERVICE}.")
                return
            time.sleep(POLL_S)
        raise TimeoutError(f"Endpoint {name} was not in service after {limit_s:.0f} s")


class _Group:
    """A model package group, which keeps its name, and with it its packages.

    A group that has packages cannot be deleted, so an update that drops it fails to, as in AWS. There, deleting the stack fails too; here
    that deletes the packages first, because a stack on a laptop is brought up and torn down whole.
    """

    def __init__(self, control: Control, is_destroyed: Callable[[str], bool]) -> None:
        self._operations, self._is_destroyed = control.operations, is_destroyed

    def create(self, logical_id: str, properties: Properties, stack: str) -> tuple[str, Attributes]:  # noqa: ARG002
        arn = self._operations["CreateModelPackageGroup"](properties)["ModelPackageGroupArn"]
        return arn, self._attributes(arn)

    def update(self, physical_id: str, old: Properties, new: Properties, stack: str) -> tuple[str, Attributes]:
        name = "ModelPackageGroupName"
        if old[name] != new[name]:
            return self.create("Group", new, stack)
        if {**old, "Tags": None} != {**new, "Tags": None}:  # nothing of a group can be changed but its tags
            words = "CloudFormation cannot update a stack when a custom-named resource requires replacing."
            raise RuntimeError(f"{words} Rename {new[name]} and update the stack again.")
        self._operations["AddTags"]({"ResourceArn": physical_id, "Tags": new.get("Tags", [])})
        return physical_id, self._attributes(physical_id)

    def delete(self, physical_id: str, properties: Properties) -> None:  # noqa: ARG002
        group = {"ModelPackageGroupName": physical_id}
        while self._is_destroyed(physical_id) and (page := self._operations["ListModelPackages"](group)["ModelPackageSummaryList"]):
            for package in page:
                self._operations["DeleteModelPackage"]({"ModelPackageName": package["ModelPackageArn"]})
        self._operations["DeleteModelPackageGroup"](group)

    def _attributes(self, arn: str) -> Attributes:
        described = self._operations["DescribeModelPackageGroup"]({"ModelPackageGroupName": arn})
        status = described["ModelPackageGroupStatus"]
        return {"ModelPackageGroupArn": arn, "ModelPackageGroupStatus": status, "CreationTime": str(described["CreationTime"])}


class _Pipeline:
    """A pipeline, under the name the template gives it."""

    def __init__(self, control: Control) -> None:
        self._operations = control.operations

    def create(self, logical_id: str, properties: Properties, stack: str) -> tuple[str, Attributes]:  # noqa: ARG002
        self._operations["CreatePipeline"](_pipeline(properties))
        return properties["PipelineName"], {}

    def update(self, physical_id: str, old: Properties, new: Properties, stack: str) -> tuple[str, Attributes]:
        if old["PipelineName"] != new["PipelineName"]:
            return self.create("Pipeline", new, stack)
        self._operations["UpdatePipeline"](_pipeline(new))
        return physical_id, {}

    def delete(self, physical_id: str, properties: Properties) -> None:  # noqa: ARG002
        try:
            self._operations["DeletePipeline"]({"PipelineName": physical_id})
        except SageMakerError:
            return  # it is gone already


def _pipeline(properties: Properties) -> dict[str, Any]:
    """Return the API's request: CloudFormation has the definition in an object of its own."""
    return {**properties, "PipelineDefinition": properties["PipelineDefinition"]["PipelineDefinitionBody"]}


def _typed(value: Any) -> Any:
    """Return properties with the types of the API: templates carry booleans and numbers as text where they come from parameters."""
    if isinstance(value, dict):
        return {key: _typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_typed(item) for item in value]
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
