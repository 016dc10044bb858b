"""Types whose effect has no meaning on one machine: they are accepted and remembered, so that their templates deploy unchanged."""

from uuid import uuid4

from emulator.ministack_adapter import Attributes, Properties, ResourceType

NAMES = ("AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ApplicationAutoScaling::ScalingPolicy")


def types() -> dict[str, ResourceType]:
    """Return the resource types by name."""
    return dict.fromkeys(NAMES, ResourceType(_create, _update, _delete))


def _create(logical_id: str, properties: Properties, stack: str) -> tuple[str, Attributes]:  # noqa: ARG001
    if {"ResourceId", "ScalableDimension", "ServiceNamespace"} <= properties.keys():
        physical_id = f"{properties['ResourceId']}|{properties['ScalableDimension']}|{properties['ServiceNamespace']}"
        return physical_id, {"Id": physical_id}
    arn = f"arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:{uuid4()}:{logical_id}"
    return arn, {"Arn": arn}


def _update(physical_id: str, old: Properties, new: Properties, stack: str) -> tuple[str, Attributes]:  # noqa: ARG001
    return physical_id, {"Id": physical_id, "Arn": physical_id}


def _delete(physical_id: str, properties: Properties) -> None:
    """Nothing was made."""
