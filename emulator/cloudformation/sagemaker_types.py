"""AWS::SageMaker::* by the operations that a client would call."""

import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from emulator.cloudformation.resource_type import Attributes, Properties, ResourceRequest, ResourceType
from emulator.sagemaker.endpoints.blue_green import plan_deployment
from emulator.sagemaker.endpoints.endpoint import IN_PROGRESS, IN_SERVICE
from emulator.sagemaker.errors import SageMakerError
from emulator.sagemaker.operation import Operation, select_fields

ENDPOINT_LIMIT_S = 120
POLL_S = 0.02
LONGEST_NAME = 63
UPDATE_OPTIONS = ("DeploymentConfig", "RetainAllVariantProperties", "ExcludeRetainedVariantProperties", "RetainDeploymentConfig")


def resource_types(operations: Mapping[str, Operation]) -> dict[str, ResourceType]:
    """Return the resource types by name.

    Args:    operations: SageMaker's, by name.
    """
    model, config, endpoint = _Immutable(operations, "Model"), _Immutable(operations, "EndpointConfig"), _Endpoint(operations)
    group, pipeline = _ModelPackageGroup(operations), _Pipeline(operations)
    return {
        "AWS::SageMaker::Model": ResourceType(model.create, model.update, model.delete),
        "AWS::SageMaker::EndpointConfig": ResourceType(config.create, config.update, config.delete),
        "AWS::SageMaker::Endpoint": ResourceType(endpoint.create, endpoint.update, endpoint.delete, is_blocking=True),
        "AWS::SageMaker::Pipeline": ResourceType(pipeline.create, pipeline.update, pipeline.delete),
        "AWS::SageMaker::ModelPackageGroup": ResourceType(group.create, group.update, group.delete),
    }


class _Immutable:
    """A model or an endpoint configuration: neither can be changed, so an update creates another one under a new name.

    CloudFormation deletes the old one after the update, so that the endpoint can move first and a rollback can return.
    """

    def __init__(self, operations: Mapping[str, Operation], kind: str) -> None:
        self._operations, self._kind = operations, kind

    def create(self, request: ResourceRequest) -> tuple[str, Attributes]:
        name_property = f"{self._kind}Name"
        name = request.properties.get(name_property) or _generate_name(request)
        arn = self._operations[f"Create{self._kind}"]({**_to_api_types(request.properties), name_property: name})[f"{self._kind}Arn"]
        return arn, {name_property: name, "Id": arn, f"{self._kind}Arn": arn}

    def update(self, request: ResourceRequest) -> tuple[str, Attributes]:
        return self.create(request)

    def delete(self, request: ResourceRequest) -> None:
        for summary in self._operations[f"List{self._kind}s"]({})[f"{self._kind}s"]:
            if summary[f"{self._kind}Arn"] == request.physical_id:
                self._operations[f"Delete{self._kind}"]({f"{self._kind}Name": summary[f"{self._kind}Name"]})


class _Endpoint:
    """An endpoint: created or updated once it is in service; failed with the server's message."""

    def __init__(self, operations: Mapping[str, Operation]) -> None:
        self._operations = operations

    def create(self, request: ResourceRequest) -> tuple[str, Attributes]:
        name = request.properties.get("EndpointName") or _generate_name(request)
        config_name = request.properties["EndpointConfigName"]
        arn = self._operations["CreateEndpoint"]({"EndpointName": name, "EndpointConfigName": config_name})["EndpointArn"]
        try:
            self._wait(name)
        except Exception:
            self._delete(name)
            raise
        return arn, {"EndpointName": name, "Id": arn}

    def update(self, request: ResourceRequest) -> tuple[str, Attributes]:
        if request.is_changed("EndpointName"):
            return self.create(request)
        new, name = request.properties, self._name(request)
        if request.is_changed("EndpointConfigName"):
            options = select_fields(_to_api_types(new), "EndpointConfigName", *UPDATE_OPTIONS)
            self._operations["UpdateEndpoint"]({"EndpointName": name, **options})
            self._wait(name, ENDPOINT_LIMIT_S + self._bake_time_s(new))
        return request.physical_id, {"EndpointName": name, "Id": request.physical_id}

    def delete(self, request: ResourceRequest) -> None:
        self._delete(self._name(request))

    def _name(self, request: ResourceRequest) -> str:
        return request.properties.get("EndpointName") or request.physical_id.rpartition("/")[2]

    def _delete(self, name: str) -> None:
        try:
            self._operations["DeleteEndpoint"]({"EndpointName": name})
        except SageMakerError as error:
            if "Could not find" not in str(error):  # it is gone already
                raise

    def _bake_time_s(self, properties: Properties) -> float:
        """Return how long the endpoint's deployment bakes."""
        if "DeploymentConfig" not in properties:
            return 0
        config = self._operations["DescribeEndpointConfig"]({"EndpointConfigName": properties["EndpointConfigName"]})
        return plan_deployment(properties["DeploymentConfig"], config["ProductionVariants"]).duration_s

    def _wait(self, name: str, limit_s: float = ENDPOINT_LIMIT_S) -> None:
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            endpoint = self._operations["DescribeEndpoint"]({"EndpointName": name})
            if endpoint["EndpointStatus"] not in IN_PROGRESS:
                if reason := endpoint.get("FailureReason"):
                    raise RuntimeError(f"Endpoint {name}: {reason}")
                if endpoint["EndpointStatus"] != IN_SERVICE:
                    raise RuntimeError(f"Endpoint {name} is {endpoint['EndpointStatus']}; expected {IN_SERVICE}.")
                return
            time.sleep(POLL_S)
        raise TimeoutError(f"Endpoint {name} was not in service after {limit_s:.0f} s")


class _ModelPackageGroup:
    """A model package group, which keeps its name and its packages. One that has packages cannot be deleted, with its stack or alone."""

    def __init__(self, operations: Mapping[str, Operation]) -> None:
        self._operations = operations

    def create(self, request: ResourceRequest) -> tuple[str, Attributes]:
        arn = self._operations["CreateModelPackageGroup"](request.properties)["ModelPackageGroupArn"]
        return arn, self._attributes(arn)

    def update(self, request: ResourceRequest) -> tuple[str, Attributes]:
        if request.is_changed("ModelPackageGroupName"):
            return self.create(request)
        if request.is_changed(*({*request.properties, *request.old_properties} - {"Tags"})):  # only a group's tags can be changed
            message = "CloudFormation cannot update a stack when a custom-named resource requires replacing."
            raise RuntimeError(f"{message} Rename {request.properties['ModelPackageGroupName']} and update the stack again.")
        self._operations["AddTags"]({"ResourceArn": request.physical_id, "Tags": request.properties.get("Tags", [])})
        return request.physical_id, self._attributes(request.physical_id)

    def delete(self, request: ResourceRequest) -> None:
        self._operations["DeleteModelPackageGroup"]({"ModelPackageGroupName": request.physical_id})

    def _attributes(self, arn: str) -> Attributes:
        group = self._operations["DescribeModelPackageGroup"]({"ModelPackageGroupName": arn})
        status = group["ModelPackageGroupStatus"]
        return {"ModelPackageGroupArn": arn, "ModelPackageGroupStatus": status, "CreationTime": str(group["CreationTime"])}


class _Pipeline:
    """A pipeline, under the name that the template gives it."""

    def __init__(self, operations: Mapping[str, Operation]) -> None:
        self._operations = operations

    def create(self, request: ResourceRequest) -> tuple[str, Attributes]:
        self._operations["CreatePipeline"](_pipeline_request(request.properties))
        return request.properties["PipelineName"], {}

    def update(self, request: ResourceRequest) -> tuple[str, Attributes]:
        if request.is_changed("PipelineName"):
            return self.create(request)
        self._operations["UpdatePipeline"](_pipeline_request(request.properties))
        return request.physical_id, {}

    def delete(self, request: ResourceRequest) -> None:
        try:
            self._operations["DeletePipeline"]({"PipelineName": request.physical_id})
        except SageMakerError as error:
            if error.code != "ResourceNotFound":  # it is gone already
                raise


def _generate_name(request: ResourceRequest) -> str:
    """Return a name of the stack's and the resource's beginnings, as CloudFormation makes one that has to be short."""
    suffix = uuid4().hex[:8]
    most = LONGEST_NAME - len(suffix) - 2
    stack = request.stack[: max(most // 2, most - len(request.logical_id))]
    return f"{stack}-{request.logical_id[: most - len(stack)]}-{suffix}"


def _pipeline_request(properties: Properties) -> dict[str, Any]:
    """Return the API's request: in a template the definition is inside an object of its own."""
    return {**properties, "PipelineDefinition": properties["PipelineDefinition"]["PipelineDefinitionBody"]}


def _to_api_types(value: Any) -> Any:
    """Return properties with the API's types: in templates, booleans that come from parameters are text."""
    if isinstance(value, dict):
        return {key: _to_api_types(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_to_api_types(item) for item in value]
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
