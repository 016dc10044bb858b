"""AWS::ApplicationAutoScaling::*: accepted without effect, so that templates deploy unchanged. One machine has nothing to scale."""

from uuid import uuid4

from deployment.this_machine import ACCOUNT, REGION
from emulator.cloudformation.resource_type import Attributes, ResourceRequest, ResourceType


def resource_types() -> dict[str, ResourceType]:
    """Return the resource types by name."""
    return {
        "AWS::ApplicationAutoScaling::ScalableTarget": ResourceType(_create_target, _update, lambda _: None),
        "AWS::ApplicationAutoScaling::ScalingPolicy": ResourceType(_create_policy, _update, lambda _: None),
    }


def _create_target(request: ResourceRequest) -> tuple[str, Attributes]:
    id_ = "|".join(request.properties[name] for name in ("ResourceId", "ScalableDimension", "ServiceNamespace"))
    return id_, {"Id": id_}


def _create_policy(request: ResourceRequest) -> tuple[str, Attributes]:
    arn = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:scalingPolicy:{uuid4()}:{request.logical_id}"
    return arn, {"Arn": arn}


def _update(request: ResourceRequest) -> tuple[str, Attributes]:
    return request.physical_id, {"Id": request.physical_id, "Arn": request.physical_id}
