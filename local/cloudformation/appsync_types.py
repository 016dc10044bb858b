"""AWS::AppSync::Api, ChannelNamespace and ApiKey for the emulator's CloudFormation, by way of the operations a client would call."""

from collections.abc import Callable
from typing import Any

from local.ministack_adapter import Attributes, Properties, ResourceType, event_api_operation


def types(created: Callable[[str], None]) -> dict[str, ResourceType]:
    """Return the resource types by name.

    Args:    created: told each Event API's id.
    """
    return {
        "AWS::AppSync::Api": ResourceType(_api_created(created), _api_updated, _api_deleted),
        "AWS::AppSync::ChannelNamespace": ResourceType(_namespace_created, _namespace_updated, _namespace_deleted),
        "AWS::AppSync::ApiKey": ResourceType(_key_created, _key_updated, _key_deleted),
    }


def _api_created(created: Callable[[str], None]) -> Callable[[str, Properties, str], tuple[str, Attributes]]:
    def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, Attributes]:  # noqa: ARG001
        api = event_api_operation("POST", "/v2/apis", _spelled(properties))["api"]
        created(api["apiId"])
        return api["apiArn"], _api_attributes(api)

    return create


def _api_updated(physical_id: str, old: Properties, new: Properties, stack: str) -> tuple[str, Attributes]:  # noqa: ARG001
    return physical_id, _api_attributes(event_api_operation("POST", f"/v2/apis/{_id(physical_id)}", _spelled(new))["api"])


def _api_deleted(physical_id: str, properties: Properties) -> None:  # noqa: ARG001
    event_api_operation("DELETE", f"/v2/apis/{_id(physical_id)}")


def _api_attributes(api: dict[str, Any]) -> Attributes:
    dns = {"Http": api["dns"]["HTTP"], "Realtime": api["dns"]["REALTIME"]}
    return {"ApiId": api["apiId"], "ApiArn": api["apiArn"], "Dns": dns, **{f"Dns.{name}": host for name, host in dns.items()}}


def _namespace_created(logical_id: str, properties: Properties, stack: str) -> tuple[str, Attributes]:  # noqa: ARG001
    path = f"/v2/apis/{properties['ApiId']}/channelNamespaces"
    made = event_api_operation("POST", path, _spelled(properties))["channelNamespace"]
    return made["channelNamespaceArn"], {"ChannelNamespaceArn": made["channelNamespaceArn"]}


def _namespace_updated(physical_id: str, old: Properties, new: Properties, stack: str) -> tuple[str, Attributes]:
    if (old["ApiId"], old["Name"]) != (new["ApiId"], new["Name"]):
        return _namespace_created("", new, stack)
    event_api_operation("POST", f"/v2/apis/{new['ApiId']}/channelNamespaces/{new['Name']}", _spelled(new))
    return physical_id, {"ChannelNamespaceArn": physical_id}


def _namespace_deleted(physical_id: str, properties: Properties) -> None:  # noqa: ARG001
    event_api_operation("DELETE", f"/v2/apis/{properties['ApiId']}/channelNamespaces/{properties['Name']}")


def _key_created(logical_id: str, properties: Properties, stack: str) -> tuple[str, Attributes]:  # noqa: ARG001
    key = event_api_operation("POST", f"/v1/apis/{properties['ApiId']}/apikeys", _spelled(properties))["apiKey"]["id"]
    arn = f"arn:aws:appsync:us-east-1:000000000000:apis/{properties['ApiId']}/apikeys/{key}"
    return arn, {"ApiKey": key, "ApiKeyId": key, "Arn": arn}


def _key_updated(physical_id: str, old: Properties, new: Properties, stack: str) -> tuple[str, Attributes]:
    if old["ApiId"] != new["ApiId"]:
        return _key_created("", new, stack)
    key = _id(physical_id)
    return physical_id, {"ApiKey": key, "ApiKeyId": key, "Arn": physical_id}


def _key_deleted(physical_id: str, properties: Properties) -> None:
    event_api_operation("DELETE", f"/v1/apis/{properties['ApiId']}/apikeys/{_id(physical_id)}")


def _id(arn: str) -> str:
    return arn.rpartition("/")[2]


def _spelled(value: Any) -> Any:
    """Return a template's properties in the API's spelling: first letters lower-case."""
    if isinstance(value, dict):
        return {name[0].lower() + name[1:]: _spelled(item) for name, item in value.items() if name != "Tags"}
    return [_spelled(item) for item in value] if isinstance(value, list) else value
