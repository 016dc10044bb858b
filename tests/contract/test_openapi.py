"""docs/openapi.yaml is valid, says just what is served, and every answer of the real handler is one it describes."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from http_api.response import MethodNotAllowed, NotFound, problem, status_of
from predict.codecs import DECODERS
from predict.config import MAX_BODY_BYTES, MAX_INSTANCES, Config
from model_endpoint.endpoint import VARIANT
from predict.handler import Handler
from predict.service import Service
from recipes import errors
from recipes.recipe import load
from stacks.api import OPEN_ROUTES, ROUTES
from tests.digits import GOLDEN
from tests.events import event
from tests.fakes import FakeContext, FakeEndpoint

ROOT = Path(__file__).resolve().parents[2]
SPEC = yaml.safe_load((ROOT / "docs/openapi.yaml").read_text())
MANIFEST = (GOLDEN.parent / "pretrained/manifest.json").read_bytes()
PNG = (GOLDEN / "7.png").read_bytes()
CONFIG = Config(endpoint_name="digits", recipe="digits")
# What a request can meet. The class of all endpoint errors is raised by GET /health alone, which tells strangers no more.
RAISED = [
    *(errors.InvalidInput, *errors.InvalidInput.__subclasses__()),
    *(errors.EndpointError, *errors.EndpointError.__subclasses__()),
    errors.InferstackError,
]


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    found: Any = SPEC
    for part in node["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)


def responses(path: str, method: str) -> dict[str, dict[str, Any]]:
    return {status: resolved(response) for status, response in SPEC["paths"][path][method.lower()]["responses"].items()}


def check(path: str, method: str, response: dict[str, Any]) -> None:
    """Hold an answer to what the contract says of its path, method, status and type."""
    said = responses(path, method)[str(response["statusCode"])]
    schema = said["content"][response["headers"]["content-type"]]["schema"]
    Draft202012Validator({**schema, "components": SPEC["components"]}).validate(json.loads(response["body"]))
    assert {name.lower() for name in said.get("headers", {})} <= set(response["headers"])


@pytest.fixture
def endpoint() -> FakeEndpoint:
    return FakeEndpoint()


@pytest.fixture
def handler(endpoint: FakeEndpoint) -> Handler:
    return Handler(CONFIG, Service(CONFIG, load("digits"), endpoint))


def test_is_valid() -> None:
    validate(SPEC)


def test_has_just_the_routes_that_are_deployed_and_served(handler: Handler) -> None:
    described = {(path, method.upper()) for path, methods in SPEC["paths"].items() for method in methods}
    assert described == {(path, method.value) for path, method in (*ROUTES, *OPEN_ROUTES)} == handler.routes
    assert {path for path, methods in SPEC["paths"].items() for said in methods.values() if said.get("security") == [{}]} == {
        path for path, _ in OPEN_ROUTES
    }


def test_names_the_limits_and_types_that_hold() -> None:
    operation = SPEC["paths"]["/predictions"]["post"]
    assert f"{MAX_BODY_BYTES:,} bytes" in operation["description"]
    assert f"{MAX_INSTANCES:,} instances" in operation["description"]
    assert set(operation["requestBody"]["content"]) == {*DECODERS, "application/octet-stream"}
    assert operation["parameters"][1]["schema"]["pattern"] == f"^{VARIANT.pattern}$"


@pytest.mark.parametrize("kind", RAISED, ids=lambda kind: kind.code)
def test_shows_each_problem_with_its_status(kind: type[errors.InferstackError]) -> None:
    path, method = ("/health", "GET") if kind is errors.EndpointError else ("/predictions", "POST")
    said = responses(path, method)[str(status_of(kind("")))]
    example = said["content"]["application/problem+json"]["examples"][kind.code]["value"]
    made = json.loads(problem(kind("x", advice="y"), "id")["body"])
    assert {name: example[name] for name in ("type", "title", "status")} == {name: made[name] for name in ("type", "title", "status")}


def examples() -> Iterator[tuple[str, dict[str, Any], Any]]:
    for name, response in SPEC["components"]["responses"].items():
        for content in response["content"].values():
            for code, example in content.get("examples", {}).items():
                yield f"{name}-{code}", content["schema"], example["value"]
    answer = responses("/predictions", "POST")["200"]["content"]["application/json"]
    yield "answer", answer["schema"], answer["examples"]["seven"]["value"]


@pytest.mark.parametrize(("schema", "example"), [pytest.param(schema, value, id=name) for name, schema, value in examples()])
def test_shows_examples_that_it_allows(schema: dict[str, Any], example: Any) -> None:
    Draft202012Validator({**schema, "components": SPEC["components"]}).validate(example)


def test_shows_no_problem_that_is_not_raised() -> None:
    shown = {
        name
        for response in SPEC["components"]["responses"].values()
        for c in response["content"].values()
        for name in c.get("examples", {})
    }
    assert shown == {kind.code for kind in RAISED}


REQUESTS: dict[str, tuple[int, Any, str | None]] = {
    "a picture": (200, PNG, "image/png"),
    "instances": (200, json.dumps({"instances": [[0] * 784] * 3}), "application/json"),
    "a broken picture": (400, PNG[:40], "image/png"),
    "too much": (413, b"x" * (MAX_BODY_BYTES + 1), "image/png"),
    "another type": (415, b"x", "text/html"),
    "another shape": (422, '{"instances":[[1]]}', "application/json"),
    "a word": (422, json.dumps([["a"] * 784]), "application/json"),
}


@pytest.mark.parametrize(("status", "body", "content_type"), REQUESTS.values(), ids=REQUESTS)
@pytest.mark.parametrize("query", [None, {"include": "pixels"}])
def test_describes_the_answer_to(handler: Handler, status: int, body: Any, content_type: str, query: dict[str, str] | None) -> None:
    response = handler(event("POST", "/predictions", body, content_type, query=query), FakeContext())
    assert response["statusCode"] == status
    check("/predictions", "POST", response)


@pytest.mark.parametrize("kind", [*errors.EndpointError.__subclasses__(), ZeroDivisionError], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("path", SPEC["paths"])
def test_describes_the_answer_when_the_endpoint_fails(handler: Handler, endpoint: FakeEndpoint, kind: type[Exception], path: str) -> None:
    endpoint.failure = kind("x")
    method = dict(handler.routes)[path]
    check(path, method, handler(event(method, path, PNG, "image/png"), FakeContext()))


def test_describes_the_model_and_its_health(handler: Handler, endpoint: FakeEndpoint) -> None:
    endpoint.answer = MANIFEST
    for path in ("/model", "/health"):
        response = handler(event("GET", path), FakeContext())
        assert response["statusCode"] == 200
        check(path, "GET", response)


def test_the_page_lists_the_same_problems() -> None:
    listed = set(re.findall(r"^\| (\d{3}) \| `([a-z-]+)` \|", (ROOT / "docs/http-api.md").read_text(), re.MULTILINE))
    kinds = [*((kind, status_of(kind(""))) for kind in RAISED), (NotFound, 404), (MethodNotAllowed, 405)]
    assert listed == {(str(status), kind.code) for kind, status in kinds}
