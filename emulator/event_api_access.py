"""Who may use the Event API, decided as AWS does: by its authorization modes, and by the namespace's own onSubscribe handler."""

import asyncio
import json
import logging
import re
from collections.abc import Mapping
from typing import Any

from deployment.paths import NODE, ROOT
from emulator.access import AccessDeniedError, Check, arn
from emulator.ministack.access.roles import require_of_caller
from emulator.ministack.access.signatures import is_signed
from emulator.ministack.apigateway import verify_token
from emulator.ministack.appsync_events import EventApis

log = logging.getLogger("inferstack.events")
HANDLER_LIMIT_S = 10
RUNNER = ROOT / "emulator" / "run_handler.mjs"
REFUSAL = "You are not authorized to make this call."
EVENT_APIS = EventApis()
IAM = "AWS_IAM"
ACTIONS = {"EVENT_CONNECT": "EventConnect", "EVENT_SUBSCRIBE": "EventSubscribe", "EVENT_PUBLISH": "EventPublish"}


async def authorize(
    api_id: str, channel: str | None, operation: str, auth: Mapping[str, Any] | None, is_request: bool
) -> tuple[bool, str | None]:
    """Return whether the operation is allowed, and if it is not, AppSync's message.

    Args:    channel: None for a connection.
             operation: EVENT_CONNECT, EVENT_SUBSCRIBE or EVENT_PUBLISH.
             auth: the headers of a frame or a request.
             is_request: whether they are a request's, whose signature is checked already.
    """
    headers = {name.lower(): str(value) for name, value in (auth or {}).items()}
    config, namespace = EVENT_APIS.read_config(api_id), EVENT_APIS.read_namespace(api_id, channel)
    modes = {
        "EVENT_CONNECT": config.get("connectionAuthModes"),
        "EVENT_SUBSCRIBE": namespace.get("subscribeAuthModes"),
        "EVENT_PUBLISH": namespace.get("publishAuthModes"),
    }[operation]
    for mode in (mode["authType"] for mode in modes or []):
        identity = await _identify(mode, api_id, config, headers)
        if identity is None:
            continue
        if mode == IAM and not (
            (is_request or _is_signed_frame(operation, channel, headers)) and _may(operation, api_id, channel, headers)
        ):
            continue
        if operation == "EVENT_SUBSCRIBE" and namespace.get("codeHandlers"):
            return await _run_handler(namespace["codeHandlers"], channel or "", identity)
        return True, None
    return False, REFUSAL


async def _identify(mode: str, api_id: str, config: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, Any] | None:
    """Return who the caller is under an authorization mode, or None if the mode does not let the caller in."""
    authorization = headers.get("authorization", "")
    match mode:
        case "API_KEY":
            return {} if headers.get("x-api-key") in EVENT_APIS.list_valid_keys(api_id) else None
        case "AWS_IAM":
            return {} if authorization.startswith("AWS4-HMAC-SHA256 ") else None
        case "AMAZON_COGNITO_USER_POOLS":
            for provider in (each["cognitoConfig"] for each in config["authProviders"] if each["authType"] == mode):
                if (claims := await _verify_claims(authorization, provider)) is not None:
                    username = claims.get("username", claims.get("cognito:username"))  # an access token's name for it, an ID token's
                    return {"sub": claims.get("sub"), "username": username, "claims": claims}
    return None


def _is_signed_frame(operation: str, channel: str | None, headers: Mapping[str, str]) -> bool:
    """Return whether a socket's frame is signed, as a POST of what it asks for.

    A published frame would be signed with its events, which are not known here: it is refused.
    """
    body = {"EVENT_CONNECT": {}, "EVENT_SUBSCRIBE": {"channel": channel}}.get(operation)
    return body is not None and is_signed("/event", headers, json.dumps(body, separators=(",", ":")).encode())


def _may(operation: str, api_id: str, channel: str | None, headers: Mapping[str, str]) -> bool:
    """Return whether the caller's policies allow the operation on the API, or on the namespace that the channel is in."""
    namespace = "" if channel is None else f"/channelNamespace/{channel.strip('/').partition('/')[0]}"
    check = Check(f"appsync:{ACTIONS[operation]}", arn("appsync", f"apis/{api_id}{namespace}"))
    try:
        require_of_caller(headers, check)
    except AccessDeniedError as error:
        log.warning("%s", error)
        return False
    return True


async def _verify_claims(token: str, pool: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the claims of a token of the user pool, for a client that may use it, or None."""
    claims = await verify_token(token, f"https://cognito-idp.{pool['awsRegion']}.amazonaws.com/{pool['userPoolId']}")
    client = str((claims or {}).get("client_id", (claims or {}).get("aud")))
    return claims if re.fullmatch(pool.get("appIdClientRegex") or ".*", client) else None


async def _run_handler(code: str, channel: str, identity: dict[str, Any]) -> tuple[bool, str | None]:
    """Run the namespace's onSubscribe in a process of its own."""
    segments = channel.strip("/").split("/")
    info = {"channel": {"path": channel, "segments": segments}, "channelNamespace": {"name": segments[0]}, "operation": "SUBSCRIBE"}
    # By stdin: other users of this machine see a process's arguments.
    message = json.dumps({"code": code, "context": {"identity": identity, "info": info}}).encode()
    process = await asyncio.create_subprocess_exec(
        NODE,
        RUNNER,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(message), HANDLER_LIMIT_S)
    except TimeoutError:
        process.kill()
        await process.wait()
        return False, f"The handler did not end within {HANDLER_LIMIT_S} s."
    return (True, None) if process.returncode == 0 else (False, output.decode(errors="replace").strip() or REFUSAL)
