"""AWS::ApplicationAutoScaling::*: one machine has nothing to scale, but SageMaker refuses some changes of what is registered."""

from uuid import uuid4

from deployment.this_machine import ACCOUNT, REGION
from emulator.cloudformation.resource_type import Attributes, ResourceRequest, ResourceType


def resource_types(scalable_targets: set[str]) -> dict[str, ResourceType]:
    """Return the resource types by name.

    Args:    scalable_targets: gets the resource ids that are registered.
    """

    def create_target(request: ResourceRequest) -> tuple[str, Attributes]:
        scalable_targets.add(request.properties["ResourceId"])
        id_ = "|".join(request.properties[name] for name in ("ResourceId", "ScalableDimension", "ServiceNamespace"))
        return id_, {"Id": id_}

    def delete_target(request: ResourceRequest) -> None:
        scalable_targets.discard(request.physical_id.partition("|")[0])

    return {
        "AWS::ApplicationAutoScaling::ScalableTarget": ResourceType(create_target, _update, delete_target),
        "AWS::ApplicationAutoScaling::ScalingPolicy": ResourceType(_create_policy, _update, lambda _: None),
    }


def _create_policy(request: ResourceRequest) -> tuple[str, Attributes]:
    arn = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:scalingPolicy:{uuid4()}:{request.logical_id}"
    return arn, {"Arn": arn}


def _update(request: ResourceRequest) -> tuple[str, Attributes]:
    return request.physical_id, {"Id": request.physical_id, "Arn": request.physical_id}
