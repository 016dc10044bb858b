"""The one place that touches ministack's private parts; everything else in local/ goes through it.

ministack is pinned to the exact version these parts were read in. Another version is refused rather than guessed at.
"""

import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

PINNED = "1.5.33"
Properties = dict[str, Any]
Attributes = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]
Service = Callable[[str, str, Mapping[str, str], bytes, Mapping[str, Any]], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class ResourceType:
    """How CloudFormation makes, changes and removes one type; each returns or takes a physical id.

    Args:    create: (logical id, properties, stack name) → (physical id, attributes).
             update: (physical id, old properties, new properties, stack name) → the same.
             delete: (physical id, properties).
             blocking: it waits, so it runs on a thread of its own.
    """

    create: Callable[[str, Properties, str], tuple[str, Attributes]]
    update: Callable[[str, Properties, Properties, str], tuple[str, Attributes]]
    delete: Callable[[str, Properties], None]
    blocking: bool = False


def require_pinned_version() -> None:
    """Raise RuntimeError unless ministack is the version this module was written for."""
    found = version("ministack")
    if found != PINNED:
        raise RuntimeError(
            f"ministack is {found}, but emulator/ministack_adapter.py was written for {PINNED}: run `make setup`, or port the adapter"
        )


def register_type(name: str, resource: ResourceType) -> None:
    """Teach CloudFormation a resource type."""
    from ministack.services.cloudformation import provisioners, stacks  # noqa: PLC0415 - importing ministack takes a second

    provisioners._RESOURCE_HANDLERS[name] = {"create": resource.create, "update": resource.update, "delete": resource.delete}
    if resource.blocking:
        known = stacks._runs_on_worker_thread
        stacks._runs_on_worker_thread = lambda type_: type_ == name or known(type_)


def known_type(name: str) -> ResourceType:
    """Return how ministack itself handles a resource type."""
    from ministack.services.cloudformation import provisioners  # noqa: PLC0415

    return ResourceType(**{each: provisioners._RESOURCE_HANDLERS[name][each] for each in ("create", "update", "delete")})


def after_create(name: str, then: Callable[[str, Properties, Attributes], Attributes]) -> None:
    """Let `then` see (physical id, properties, attributes) each time a known type was made or changed, and return its attributes."""
    from ministack.services.cloudformation import provisioners  # noqa: PLC0415

    handler = provisioners._RESOURCE_HANDLERS[name]
    create, update = handler["create"], handler["update"]

    def create_and_then(logical_id: str, properties: Properties, stack: str) -> tuple[str, Attributes]:
        physical_id, attributes = create(logical_id, properties, stack)
        return physical_id, then(physical_id, properties, attributes)

    def update_and_then(physical_id: str, old: Properties, new: Properties, *more: Any) -> tuple[str, Attributes]:
        physical_id, attributes = update(physical_id, old, new, *more)
        return physical_id, then(physical_id, new, attributes)

    provisioners._RESOURCE_HANDLERS[name] = {**handler, "create": create_and_then, "update": update_and_then}


def is_destroyed(physical_id: str) -> bool:
    """Return whether the stack that has this resource is being deleted as a whole."""
    from ministack.services import cloudformation  # noqa: PLC0415

    return any(
        stack["StackStatus"] == "DELETE_IN_PROGRESS"
        and any(each["PhysicalResourceId"] == physical_id for each in stack["_resources"].values())
        for stack in list(cloudformation._stacks.values())
    )


def register_service(name: str, *, target_prefix: str, path_pattern: str, handle: Service) -> None:
    """Serve requests signed for `name`, with its X-Amz-Target, or to its path."""
    from ministack import app  # noqa: PLC0415
    from ministack.core import iam_actions, router  # noqa: PLC0415

    router.SERVICE_PATTERNS[name] = {"target_prefixes": [target_prefix], "path_patterns": [path_pattern], "host_patterns": []}
    app.SERVICE_HANDLERS[name] = handle
    iam_actions.SERVICE_TO_IAM_NAMESPACE[name] = name


def authorize_with(service: str, action_and_resource: Callable[[str, str, str], tuple[str, str] | None]) -> None:
    """Tell the policy evaluator what a request of the service does and to what: (path, region, account) → (action, ARN)."""
    from ministack.core import iam_actions  # noqa: PLC0415

    action_of, resource_of = iam_actions.extract_iam_action, iam_actions.extract_resource_arn

    def action(name: str, method: str, path: str, headers: Mapping[str, str], *rest: Any) -> Any:
        if name == service and (known := action_and_resource(path, "", "")) is not None:
            return known[0]
        return action_of(name, method, path, headers, *rest)

    def resource(  # noqa: PLR0917 - ministack's signature
        name: str, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Any, region: str, account: str
    ) -> Any:
        if name == service and (known := action_and_resource(path, region, account)) is not None:
            return known[1]
        return resource_of(name, method, path, headers, body, query, region, account)

    iam_actions.extract_iam_action, iam_actions.extract_resource_arn = action, resource


def count_loopback_as_tls() -> None:
    """Let TLS-only bucket policies see TLS: nothing leaves this machine, and CloudFront's own reads would be refused otherwise."""
    from ministack.core import iam_evaluator  # noqa: PLC0415

    resolve = iam_evaluator._resolve_condition_key
    fixed = {"aws:securetransport": "true", "s3:tlsversion": "1.3"}
    iam_evaluator._resolve_condition_key = lambda key, context: fixed.get(key.lower()) or resolve(key, context)


def allow_origins(api_id: str, cors: Mapping[str, Any]) -> None:
    """Store an HTTP API's CORS configuration, in the API's own shape."""
    from ministack.services import apigateway  # noqa: PLC0415

    apigateway._apis[api_id]["corsConfiguration"] = dict(cors)


def keep_lifecycle_rules(bucket: str, rules: list[dict[str, Any]] | None) -> None:
    """Store a bucket's lifecycle rules, in the S3 API's own shape, or forget them."""
    from ministack.services import s3  # noqa: PLC0415

    if rules:
        s3._bucket_lifecycle[bucket] = rules
    else:
        s3._bucket_lifecycle.pop(bucket, None)


def answer_ranges_of_versions() -> None:
    """Let a GET of one version of an object give the range that is asked for: ministack gives all of it."""
    from ministack.services import s3  # noqa: PLC0415

    whole = s3._get_object

    def get_object(bucket: str, key: str, headers: Mapping[str, str], query: Mapping[str, Any] | None = None) -> Answer:
        status, answered, body = whole(bucket, key, headers, query)
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", headers.get("range", ""))
        if status != 200 or asked is None or "versionId" not in (query or {}):
            return status, answered, body
        start, last = int(asked[1]), min(int(asked[2] or len(body)), len(body) - 1)
        kept = {name: value for name, value in answered.items() if name.lower() != "content-length"}
        part = body[start : last + 1]
        return 206, {**kept, "Content-Length": str(len(part)), "Content-Range": f"bytes {start}-{last}/{len(body)}"}, part

    s3._get_object = get_object


def event_api_operation(method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the answer of an operation of AppSync's Event APIs; raise ValueError with its words if it is refused."""
    from ministack.services import appsync_events as events  # noqa: PLC0415

    parts, content = path.strip("/").split("/")[2:], json.dumps(body or {}).encode()
    match method, parts:
        case "POST", []:
            answer = events._create_api(content)
        case "POST", [api_id]:
            answer = events._update_api(api_id, content)
        case "DELETE", [api_id]:
            answer = events._delete_api(api_id)
        case "POST", [api_id, "channelNamespaces"]:
            answer = events._create_channel_namespace(api_id, content)
        case "POST", [api_id, "channelNamespaces", name]:
            answer = events._update_channel_namespace(api_id, name, content)
        case "DELETE", [api_id, "channelNamespaces", name]:
            answer = events._delete_channel_namespace(api_id, name)
        case "POST", [api_id, "apikeys"]:
            answer = events._create_api_key(api_id, content)
        case "POST", [api_id, "apikeys", key]:  # which ministack lacks
            events._api_keys[api_id][key] |= body or {}
            return {}
        case _:
            answer = events._delete_api_key(parts[0], parts[-1])
    found: dict[str, Any] = json.loads(answer[2] or b"{}")
    if answer[0] >= 400 and method != "DELETE":
        raise ValueError(str(found.get("message", found)))
    return found


def event_api(api_id: str, channel: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return an Event API's configuration, with its valid keys as `apiKeys`, and that of the namespace a channel is in."""
    from ministack.services import appsync_events as events  # noqa: PLC0415

    config = (events._apis.get(api_id) or {}).get("eventConfig") or {}
    namespace = events._channel_namespaces.get(api_id, {}).get(events._channel_namespace_for(channel or "")) or {}
    keys = {key for key, about in events._api_keys.get(api_id, {}).items() if int(about["expires"]) > time.time()}
    return {**config, "apiKeys": keys}, namespace


def is_event_api(api_id: str) -> bool:
    """Return whether the id is an Event API's, and not a GraphQL one's."""
    from ministack.services import appsync_events as events  # noqa: PLC0415

    return api_id in events._apis


def authorize_events_with(
    authorize: Callable[[str, str | None, str, Mapping[str, Any] | None], Awaitable[tuple[bool, str | None]]],
) -> None:
    """Let `authorize` decide on every connection, subscription and publication: (api id, channel, operation, auth)."""
    from ministack.services import appsync_events as events  # noqa: PLC0415

    async def decide(api_id: str, channel: str | None, operation: str, auth: Mapping[str, Any] | None, *_: Any) -> tuple[bool, str | None]:
        return await authorize(api_id, channel, operation, auth)

    async def connect(scope: Mapping[str, Any], receive: Any, send: Any, api_id: str) -> None:
        offered = dict(scope["headers"]).get(b"sec-websocket-protocol", b"").decode("latin1")
        auth, malformed = events._decode_header_subprotocol(offered)
        allowed, message = (True, None) if malformed else await authorize(api_id, None, events.EVENT_CONNECT, auth)
        if allowed:
            await serve(scope, receive, send, api_id)
            return
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "aws-appsync-event-ws" if "aws-appsync-event-ws" in offered else None})
        # The refusal answers connection_init: the client listens only once it has sent that.
        if (await receive())["type"] == "websocket.disconnect":
            return
        error = {"errorType": "UnauthorizedException", "message": message}
        await send({"type": "websocket.send", "text": json.dumps({"type": "connection_error", "errors": [error]})})
        await send({"type": "websocket.close", "code": 4401})

    serve = events.handle_websocket
    events._authorize_event_op, events.handle_websocket = decide, connect


def advertise_events_at(host: str) -> None:
    """Let every Event API be found at one host, for HTTP and for sockets."""
    from ministack.services import appsync_events as events  # noqa: PLC0415

    events._default_dns_for_api = lambda _: {"HTTP": host, "REALTIME": host}


async def verified_claims(token: str, issuer: str) -> dict[str, Any] | None:
    """Return the claims of a token that the issuer signed and that has not expired, or None."""
    from ministack.services import apigateway  # noqa: PLC0415

    authorizer = {"identitySource": ["$request.header.authorization"], "jwtConfiguration": {"issuer": issuer}}
    claims, _, refused = await apigateway._validate_jwt_authorizer({}, authorizer, {"authorization": token}, {})
    return None if refused else claims


def emit(source: str, detail_type: str, detail: Mapping[str, Any]) -> None:
    """Put an event of an AWS service on the default bus."""
    from ministack.services import eventbridge  # noqa: PLC0415

    entry = {"Source": source, "DetailType": detail_type, "Detail": json.dumps(detail, default=str)}
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


def start_pipelines_with(start: Callable[[str, list[dict[str, Any]]], object]) -> None:
    """Let rules have SageMaker pipelines as targets: `start` is given a pipeline's ARN and the target's parameters."""
    from ministack.services import eventbridge  # noqa: PLC0415

    invoke = eventbridge._invoke_target
    eventbridge._SUPPORTED_TARGET_SERVICES = {*eventbridge._SUPPORTED_TARGET_SERVICES, "sagemaker"}

    def invoke_or_start(target: Mapping[str, Any], *rest: Any, **more: Any) -> Any:
        arn = str(target.get("Arn", ""))
        if ":sagemaker:" not in arn or ":pipeline/" not in arn:
            return invoke(target, *rest, **more)
        return start(arn, (target.get("SageMakerPipelineParameters") or {}).get("PipelineParameterList", []))

    eventbridge._invoke_target = invoke_or_start


def application() -> Any:
    """Return ministack's ASGI application."""
    from ministack.app import app  # noqa: PLC0415

    return app
