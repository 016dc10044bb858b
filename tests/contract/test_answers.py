"""What the command asks of an API's answers is no more than docs/openapi.yaml promises: stricter shapes would refuse right answers."""

from collections.abc import Iterator
from typing import Any

import pytest

from cli.api.answers import EACH, FEEDBACK, JOB, JOBS, MANIFEST, MODELS, NEW_JOB, PREDICTIONS, STATUS, Shape
from tests.contract.described import resolve, responses

TYPES = {"string": str, "integer": int, "number": float, "boolean": bool, "null": None}
ANSWERS = {
    ("POST", "/predictions", "200"): PREDICTIONS,
    ("GET", "/model", "200"): MANIFEST,
    ("GET", "/models", "200"): MODELS,
    ("POST", "/predictions/{id}/feedback", "200"): FEEDBACK,
    ("POST", "/jobs", "201"): NEW_JOB,
    ("GET", "/jobs/{id}", "200"): JOB,
    ("GET", "/jobs", "200"): JOBS,
    ("GET", "/status", "200"): STATUS,
}


def split(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give a schema's alternatives, each with all that it has from others."""
    schema = resolve(schema)
    if "allOf" in schema:
        parts = [part for each in schema["allOf"] for part in split(each)]
        properties = {name: of for part in parts for name, of in part.get("properties", {}).items()}
        yield {"type": "object", "properties": properties, "required": [name for part in parts for name in part.get("required", ())]}
    elif alternatives := schema.get("oneOf") or schema.get("anyOf"):
        for each in alternatives:
            yield from split(each)
    elif isinstance(schema.get("type"), list):
        yield from ({**schema, "type": each} for each in schema["type"])
    else:
        yield schema


def find_stricter(schema: dict[str, Any], shape: Shape, place: str = "") -> list[str]:
    """Return the places where a shape refuses what a schema allows."""
    return [found for each in split(schema) for found in _find_in_one(each, shape, place)]


def _find_in_one(schema: dict[str, Any], shape: Shape, place: str) -> list[str]:
    if isinstance(shape, tuple):
        return min((_find_in_one(schema, each, place) for each in shape), key=len)
    if isinstance(shape, list):
        return find_stricter(schema["items"], shape[0], f"{place}[]") if schema.get("type") == "array" else [place]
    if not isinstance(shape, dict):
        kinds = {type(each) for each in schema["enum"]} if "enum" in schema else {TYPES.get(schema.get("type", ""), object)}
        return [] if kinds <= {shape} else [place]
    if schema.get("type", "object") != "object":
        return [place]
    if EACH in shape:
        return find_stricter(schema["additionalProperties"], shape[EACH], f"{place}.*")
    missing = [f"{place}.{name}" for name in shape if not name.endswith("?") and name not in schema.get("required", ())]
    fields = ((name.removesuffix("?"), of) for name, of in shape.items())
    held = [(name, of) for name, of in fields if name in schema.get("properties", {})]
    return missing + [found for name, of in held for found in find_stricter(schema["properties"][name], of, f"{place}.{name}")]


@pytest.mark.parametrize(("operation", "shape"), ANSWERS.items(), ids=lambda value: " ".join(value) if isinstance(value, tuple) else "")
def test_refuses_nothing_that_the_contract_allows(operation: tuple[str, str, str], shape: Shape) -> None:
    method, path, status = operation
    schema = responses(path, method)[status]["content"]["application/json"]["schema"]
    assert find_stricter(schema, shape) == []


def test_finds_a_shape_that_is_stricter() -> None:
    schema = responses("/jobs", "GET")["200"]["content"]["application/json"]["schema"]
    assert find_stricter(schema, {"jobs": [{"id": int, "rows": int}], "next?": str}) == [".jobs[].rows", ".jobs[].id", ".next"]
