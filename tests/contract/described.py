"""docs/openapi.yaml, and how an answer is held to what it says."""

import json
from typing import Any

from jsonschema import Draft202012Validator

from tests.api_document import read_api

SPEC = read_api()


def resolve(node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    target: Any = SPEC
    for part in node["$ref"].removeprefix("#/").split("/"):
        target = target[part]
    return dict(target)


def responses(path: str, method: str) -> dict[str, dict[str, Any]]:
    return {status: resolve(response) for status, response in SPEC["paths"][path][method.lower()]["responses"].items()}


def check(path: str, method: str, response: dict[str, Any]) -> None:
    """Hold an answer to what the contract says of its path, method, status and type."""
    description = responses(path, method)[str(response["statusCode"])]
    schema = description["content"][response["headers"]["content-type"]]["schema"]
    Draft202012Validator({**schema, "components": SPEC["components"]}).validate(json.loads(response["body"]))
    assert {name.lower() for name in description.get("headers", {})} <= set(response["headers"])
