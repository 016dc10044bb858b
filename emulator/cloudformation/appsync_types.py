"""AWS::AppSync::Api, ChannelNamespace and ApiKey for the emulator's CloudFormation, by way of the operations a client would call."""

import time
from collections.abc import Callable
from typing import Any

from emulator.ministack_adapter import Attributes, Properties, ResourceType, event_api, event_api_operation, is_event_api, known_type

API_KEY = "AWS::AppSync::ApiKey"
KEY_LIFE_S = 7 * 24 * 3600  # of one whose template does not say


def types(created: Callable[[str], None]) -> dict[str, ResourceType]:
    """Return the resource types by name.

    Args:    created: told each Event API's id.
    """
    return {
        "AWS::AppSync::Api": ResourceType(_api_created(created), _api_updated, _api_deleted),
        "AWS::AppSync::ChannelNamespace": ResourceType(_namespace_created, _namespace_updated, _namespace_deleted),
        API_KEY: _key_type(known_type(API_KEY)),
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
    made = event_api_operation("POST", path, _namespace(properties))["channelNamespace"]
    return made["channelNamespaceArn"], {"ChannelNamespaceArn": made["channelNamespaceArn"]}


def _namespace_updated(physical_id: str, old: Properties, new: Properties, stack: str) -> tuple[str, Attributes]:
    if (old["ApiId"], old["Name"]) != (new["ApiId"], new["Name"]):
        return _namespace_created("", new, stack)
    event_api_operation("POST", f"/v2/apis/{new['ApiId']}/channelNamespaces/{new['Name']}", _namespace(new))
    return physical_id, {"ChannelNamespaceArn": physical_id}


def _namespace_deleted(physical_id: str, properties: Properties) -> None:  # noqa: ARG001
    event_api_operation("DELETE", f"/v2/apis/{properties['ApiId']}/channelNamespaces/{properties['Name']}")


def _namespace(properties: Properties) -> dict[str, Any]:
    """Return the request for a namespace: what the template leaves out is the API's default, and an update takes it away.

    ministack would give subscribers the modes of publishers.
    Raises:  ValueError: its handlers are not inline. Letting all in where AWS would ask them is worse than not deploying.
    """
    if "CodeS3Location" in properties or properties.get("HandlerConfigs"):
        raise ValueError("a ChannelNamespace's handlers are run here only from CodeHandlers: give their code inline")
    config, _ = event_api(properties["ApiId"], None)
    defaults = {
        "publishAuthModes": config.get("defaultPublishAuthModes"),
        "subscribeAuthModes": config.get("defaultSubscribeAuthModes"),
        "codeHandlers": None,
    }
    return {**defaults, **_spelled(properties)}


def _key_type(graphql: ResourceType) -> ResourceType:
    """Return the type of keys: of an Event API's, and as before of a GraphQL one's."""

    def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, Attributes]:
        api_id = properties["ApiId"]
        if not is_event_api(api_id):
            return graphql.create(logical_id, properties, stack)
        key = event_api_operation("POST", f"/v1/apis/{api_id}/apikeys", _spelled(properties))["apiKey"]["id"]
        return _key(f"arn:aws:appsync:us-east-1:000000000000:apis/{api_id}/apikeys/{key}")

    def update(physical_id: str, old: Properties, new: Properties, stack: str) -> tuple[str, Attributes]:
        if not is_event_api(old["ApiId"]):
            return graphql.update(physical_id, old, new, stack)
        if old["ApiId"] != new["ApiId"]:
            return create("", new, stack)
        about = {"description": new.get("Description", ""), "expires": int(new.get("Expires") or time.time() + KEY_LIFE_S)}
        event_api_operation("POST", f"/v1/apis/{new['ApiId']}/apikeys/{_id(physical_id)}", about)
        return _key(physical_id)

    def delete(physical_id: str, properties: Properties) -> None:
        if physical_id.startswith("arn:"):
            event_api_operation("DELETE", f"/v1/apis/{properties['ApiId']}/apikeys/{_id(physical_id)}")
        else:
            graphql.delete(physical_id, properties)

    return ResourceType(create, update, delete)


def _key(arn: str) -> tuple[str, Attributes]:
    return arn, {"ApiKey": _id(arn), "ApiKeyId": _id(arn), "Arn": arn}


def _id(arn: str) -> str:
    return arn.rpartition("/")[2]


def _spelled(value: Any) -> Any:
    """Return a template's properties in the API's spelling: first letters lower-case."""
    if isinstance(value, dict):
        return {name[0].lower() + name[1:]: _spelled(item) for name, item in value.items() if name != "Tags"}
    return [_spelled(item) for item in value] if isinstance(value, list) else value
