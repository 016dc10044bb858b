"""AWS::AppSync::Api, ChannelNamespace and ApiKey of Event APIs, by the operations that a client would call."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from deployment.this_machine import ACCOUNT, REGION
from emulator.cloudformation.resource_type import Attributes, Properties, ResourceRequest, ResourceType
from emulator.cloudformation.spelling import to_api_spelling

KEY_LIFE_S = 7 * 24 * 3600  # AppSync's default


class EventApiOperations(Protocol):
    """AppSync's operations on Event APIs."""

    def create_api(self, body: Mapping[str, Any], /) -> dict[str, Any]:
        """Return the new API."""

    def update_api(self, api_id: str, body: Mapping[str, Any], /) -> dict[str, Any]:
        """Return the updated API."""

    def delete_api(self, api_id: str, /) -> None:
        """Delete an API."""

    def create_namespace(self, api_id: str, body: Mapping[str, Any], /) -> dict[str, Any]:
        """Return the new channel namespace."""

    def update_namespace(self, api_id: str, name: str, body: Mapping[str, Any], /) -> None:
        """Update a channel namespace."""

    def delete_namespace(self, api_id: str, name: str, /) -> None:
        """Delete a channel namespace."""

    def create_key(self, api_id: str, body: Mapping[str, Any], /) -> str:
        """Return the id of the new key."""

    def update_key(self, api_id: str, key: str, body: Mapping[str, Any], /) -> None:
        """Update a key."""

    def delete_key(self, api_id: str, key: str, /) -> None:
        """Delete a key."""

    def read_config(self, api_id: str, /) -> dict[str, Any]:
        """Return an API's eventConfig."""


def resource_types(apis: EventApiOperations, on_create: Callable[[str], None]) -> dict[str, ResourceType]:
    """Return the resource types by name.

    Args:    on_create: called with the id of each Event API that is created.
    """
    api, namespace, key = _Api(apis, on_create), _Namespace(apis), _Key(apis)
    return {
        "AWS::AppSync::Api": ResourceType(api.create, api.update, api.delete),
        "AWS::AppSync::ChannelNamespace": ResourceType(namespace.create, namespace.update, namespace.delete),
        "AWS::AppSync::ApiKey": ResourceType(key.create, key.update, key.delete),
    }


class _Api:
    def __init__(self, apis: EventApiOperations, on_create: Callable[[str], None]) -> None:
        self._apis, self._on_create = apis, on_create

    def create(self, request: ResourceRequest) -> tuple[str, Attributes]:
        api = self._apis.create_api(to_api_spelling(request.properties))
        self._on_create(api["apiId"])
        return api["apiArn"], self._attributes(api)

    def update(self, request: ResourceRequest) -> tuple[str, Attributes]:
        return request.physical_id, self._attributes(
            self._apis.update_api(_last_part(request.physical_id), to_api_spelling(request.properties))
        )

    def delete(self, request: ResourceRequest) -> None:
        self._apis.delete_api(_last_part(request.physical_id))

    @staticmethod
    def _attributes(api: dict[str, Any]) -> Attributes:
        dns = {"Http": api["dns"]["HTTP"], "Realtime": api["dns"]["REALTIME"]}
        return {"ApiId": api["apiId"], "ApiArn": api["apiArn"], "Dns": dns, **{f"Dns.{name}": host for name, host in dns.items()}}


class _Namespace:
    def __init__(self, apis: EventApiOperations) -> None:
        self._apis = apis

    def create(self, request: ResourceRequest) -> tuple[str, Attributes]:
        arn = self._apis.create_namespace(request.properties["ApiId"], self._body(request.properties))["channelNamespaceArn"]
        return arn, {"ChannelNamespaceArn": arn}

    def update(self, request: ResourceRequest) -> tuple[str, Attributes]:
        if request.is_changed("ApiId", "Name"):
            return self.create(request)
        self._apis.update_namespace(request.properties["ApiId"], request.properties["Name"], self._body(request.properties))
        return request.physical_id, {"ChannelNamespaceArn": request.physical_id}

    def delete(self, request: ResourceRequest) -> None:
        self._apis.delete_namespace(request.properties["ApiId"], request.properties["Name"])

    def _body(self, properties: Properties) -> dict[str, Any]:
        """Return the request of a namespace. What the template leaves out gets the API's default, also in an update.

        ministack would give subscribers the modes of publishers.
        Raises:  ValueError: its handlers are not inline. Allowing everybody where AWS would run a handler is worse than not deploying.
        """
        if "CodeS3Location" in properties or properties.get("HandlerConfigs"):
            raise ValueError("a ChannelNamespace's handlers run here only from CodeHandlers: give their code inline")
        config = self._apis.read_config(properties["ApiId"])
        defaults = {
            "publishAuthModes": config.get("defaultPublishAuthModes"),
            "subscribeAuthModes": config.get("defaultSubscribeAuthModes"),
            "codeHandlers": None,
        }
        return {**defaults, **to_api_spelling(properties)}


class _Key:
    def __init__(self, apis: EventApiOperations) -> None:
        self._apis = apis

    def create(self, request: ResourceRequest) -> tuple[str, Attributes]:
        api_id = request.properties["ApiId"]
        key = self._apis.create_key(api_id, to_api_spelling(request.properties))
        return self._describe(f"arn:aws:appsync:{REGION}:{ACCOUNT}:apis/{api_id}/apikeys/{key}")

    def update(self, request: ResourceRequest) -> tuple[str, Attributes]:
        new = request.properties
        if request.is_changed("ApiId"):
            return self.create(request)
        body = {"description": new.get("Description", ""), "expires": int(new.get("Expires") or time.time() + KEY_LIFE_S)}
        self._apis.update_key(new["ApiId"], _last_part(request.physical_id), body)
        return self._describe(request.physical_id)

    def delete(self, request: ResourceRequest) -> None:
        self._apis.delete_key(request.properties["ApiId"], _last_part(request.physical_id))

    @staticmethod
    def _describe(arn: str) -> tuple[str, Attributes]:
        return arn, {"ApiKey": _last_part(arn), "ApiKeyId": _last_part(arn), "Arn": arn}


def _last_part(arn: str) -> str:
    return arn.rpartition("/")[2]
