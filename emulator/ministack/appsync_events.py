"""ministack's AppSync Events: its Event APIs, and who decides what a caller may do with them."""

import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ministack.services import appsync_events as events

Authorize = Callable[[str, str | None, str, Mapping[str, Any] | None, bool], Awaitable[tuple[bool, str | None]]]


class EventApis:
    """The Event APIs. Each operation takes and returns what AppSync's API does, and raises ValueError with its reason if it refuses."""

    def create_api(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the new API."""
        return dict(_require(events._create_api(_encode(body)))["api"])

    def update_api(self, api_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the updated API."""
        return dict(_require(events._update_api(api_id, _encode(body)))["api"])

    def delete_api(self, api_id: str) -> None:
        """Delete an API, if there is one."""
        events._delete_api(api_id)

    def create_namespace(self, api_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the new channel namespace."""
        return dict(_require(events._create_channel_namespace(api_id, _encode(body)))["channelNamespace"])

    def update_namespace(self, api_id: str, name: str, body: Mapping[str, Any]) -> None:
        """Update a channel namespace."""
        _require(events._update_channel_namespace(api_id, name, _encode(body)))

    def delete_namespace(self, api_id: str, name: str) -> None:
        """Delete a channel namespace, if there is one."""
        events._delete_channel_namespace(api_id, name)

    def create_key(self, api_id: str, body: Mapping[str, Any]) -> str:
        """Return the id of the new key, which is the key itself."""
        return str(_require(events._create_api_key(api_id, _encode(body)))["apiKey"]["id"])

    def update_key(self, api_id: str, key: str, body: Mapping[str, Any]) -> None:
        """Update a key: ministack has no such operation."""
        events._api_keys[api_id][key] |= body

    def delete_key(self, api_id: str, key: str) -> None:
        """Delete a key, if there is one."""
        events._delete_api_key(api_id, key)

    def read_config(self, api_id: str) -> dict[str, Any]:
        """Return an API's eventConfig, empty if there is no such API."""
        return dict((events._apis.get(api_id) or {}).get("eventConfig") or {})

    def read_namespace(self, api_id: str, channel: str | None) -> dict[str, Any]:
        """Return the namespace that a channel is in, empty if there is none."""
        return dict(events._channel_namespaces.get(api_id, {}).get(events._channel_namespace_for(channel or "")) or {})

    def list_valid_keys(self, api_id: str) -> set[str]:
        """Return the keys that have not expired."""
        return {key for key, about in events._api_keys.get(api_id, {}).items() if int(about["expires"]) > time.time()}


def authorize_with(authorize: Authorize) -> None:
    """Let `authorize` decide on every connection, subscription and publication.

    Args:    authorize: (API id, channel, operation, headers, whether they are those of an HTTP request and not of a socket's frame).
    """

    async def decide(
        api_id: str, channel: str | None, operation: str, auth: Mapping[str, Any] | None, request_headers: Any = None
    ) -> tuple[bool, str | None]:
        return await authorize(api_id, channel, operation, auth, request_headers is not None)

    async def connect(scope: Mapping[str, Any], receive: Any, send: Any, api_id: str) -> None:
        protocols = dict(scope["headers"]).get(b"sec-websocket-protocol", b"").decode("latin1")
        auth, malformed = events._decode_header_subprotocol(protocols)
        allowed, message = (True, None) if malformed else await authorize(api_id, None, events.EVENT_CONNECT, auth, False)
        if allowed:
            await serve(scope, receive, send, api_id)
            return
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "aws-appsync-event-ws" if "aws-appsync-event-ws" in protocols else None})
        # The refusal answers connection_init: the client listens only after it has sent that.
        if (await receive())["type"] == "websocket.disconnect":
            return
        error = {"errorType": "UnauthorizedException", "message": message}
        await send({"type": "websocket.send", "text": json.dumps({"type": "connection_error", "errors": [error]})})
        await send({"type": "websocket.close", "code": 4401})

    serve = events.handle_websocket
    events._authorize_event_op, events.handle_websocket = decide, connect


def _encode(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body).encode()


def _require(response: tuple[int, Any, bytes]) -> Any:
    """Return the content of a response, or raise ValueError with its message."""
    content: dict[str, Any] = json.loads(response[2] or b"{}")
    if response[0] >= 400:
        raise ValueError(str(content.get("message", content)))
    return content
