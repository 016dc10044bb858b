"""Condition keys of requests that ministack does not read: those of CloudFormation, EventBridge and S3 that our policies use."""

import json
from collections.abc import Mapping
from typing import Any

from ministack.core import iam_actions

CLOUDFORMATION = {
    "cloudformation:RoleArn": "RoleARN",
    "cloudformation:TemplateUrl": "TemplateURL",
    "cloudformation:StackPolicyUrl": "StackPolicyURL",
}
EVENTS = {"events:source": "Source", "events:detail-type": "DetailType"}


def read_more_condition_keys() -> None:
    """Let policies' conditions see these keys of a request too."""
    read_tags, read_s3 = iam_actions.request_tag_context, iam_actions.s3_service_context

    def read_request(service: str, action: str, body: bytes, parameters: Mapping[str, Any]) -> dict[str, Any]:
        return {**read_tags(service, action, body, parameters), **list_condition_keys(action, body, parameters)}

    def read_s3_request(action: str, query: Mapping[str, Any] | None, path: str = "", headers: Mapping[str, str] | None = None) -> Any:
        return {**read_s3(action, query, path, headers), **list_write_keys(action, query or {}, headers or {})}

    iam_actions.request_tag_context, iam_actions.s3_service_context = read_request, read_s3_request


def list_condition_keys(action: str, body: bytes, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of a request to CloudFormation or EventBridge; a key that it says nothing of is not there."""
    if action.startswith("cloudformation:"):
        values = {key: parameters.get(name) for key, name in CLOUDFORMATION.items()}
        return {key: value[0] if isinstance(value, list) else value for key, value in values.items() if value}
    if action == "events:PutEvents":
        entries = json.loads(body).get("Entries", [])
        return {key: [str(entry.get(name, "")) for entry in entries] for key, name in EVENTS.items()}
    return {}


def list_write_keys(action: str, query: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, str]:
    """Return the keys of a write to S3: its condition, and whether it makes an object appear, as parts of one do not."""
    if action != "s3:PutObject":
        return {}
    condition = {
        key: headers[name] for key, name in {"s3:if-none-match": "if-none-match", "s3:if-match": "if-match"}.items() if name in headers
    }
    is_part = "uploads" in query or "partNumber" in query
    return {**condition, "s3:ObjectCreationOperation": str(not is_part).lower()}
