"""docs/openapi.yaml says just what is served: its routes, its limits, and the problems that are raised."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from deployment.settings import Settings
from deployment.stages import settings_for
from functions.jobs.handler import CONTENT_TYPE
from functions.predict.config import MAX_BODY_BYTES
from functions.predict.reading.codecs import READERS
from functions.shared.endpoint.client import VARIANT
from functions.shared.http.response import Conflict, Forbidden, NotFound, TooManyRequests, build_problem, find_status
from functions.shared.http.routes import Route
from functions.shared.jobs import ID, LONGEST_NAME
from recipes import errors
from recipes.instances import MAX_INSTANCES
from recipes.media_types import MULTIPART
from tests.contract.described import SPEC, responses
from tests.routes import list_routes

ROOT = Path(__file__).resolve().parents[2]
# What a request can meet. The class of all endpoint errors is raised by GET /health alone, which tells strangers no more.
RAISED = [
    # An upload that cannot be read fails its job; the API has answered long before.
    *(errors.InvalidInput, *(kind for kind in errors.InvalidInput.__subclasses__() if kind is not errors.NotReadable)),
    *(errors.EndpointError, *errors.EndpointError.__subclasses__()),
    errors.InferstackError,
]


def test_has_just_the_routes_that_the_functions_declare() -> None:
    described = {
        Route(method.upper(), path, is_open=operation.get("security") == [{}], query=list_query(operation))
        for path, methods in SPEC["paths"].items()
        for method, operation in methods.items()
    }
    assert described == set(list_routes(several=True))


def list_query(operation: dict[str, Any]) -> tuple[str, ...]:
    return tuple(each["name"] for each in operation.get("parameters", ()) if each.get("in") == "query")


def test_says_that_each_route_but_those_for_monitors_refuses_what_it_does_not_know() -> None:
    operations = [operation for methods in SPEC["paths"].values() for operation in methods.values()]
    assert all("422" in operation["responses"] for operation in operations if operation.get("security") != [{}])


def test_names_the_limits_and_types_that_hold() -> None:
    operation = SPEC["paths"]["/predictions"]["post"]
    assert f"{MAX_BODY_BYTES:,} bytes" in operation["description"]
    assert f"{MAX_INSTANCES:,} instances" in operation["description"]
    feedback = SPEC["paths"]["/predictions/{id}/feedback"]["post"]
    _, several = feedback["requestBody"]["content"]["application/json"]["schema"]["oneOf"]
    assert several["properties"]["labels"]["maxItems"] == MAX_INSTANCES
    assert f"{settings_for('prod').feedback_labels_per_hour:,} labels an hour" in feedback["description"]
    assert set(operation["requestBody"]["content"]) == {*READERS, "application/octet-stream", MULTIPART}
    assert {each["name"]: each for each in operation["parameters"]}["variant"]["schema"]["pattern"] == f"^{VARIANT}$"
    schemas = SPEC["components"]["schemas"]
    ids = re.compile(schemas["JobId"]["pattern"])
    assert [bool(ids.search(chr(code) * 26)) for code in range(128)] == [bool(ID.fullmatch(chr(code) * 26)) for code in range(128)]
    job = schemas["JobRequest"]["properties"]
    assert job["size_bytes"]["maximum"] == Settings.__dataclass_fields__["max_upload_mb"].default * 1_000_000
    assert job["name"]["maxLength"] == LONGEST_NAME
    assert job["content_type"]["pattern"].replace("A-Za-z0-9_", r"\w") == f"^{CONTENT_TYPE.pattern}$"


@pytest.mark.parametrize("kind", RAISED, ids=lambda kind: kind.code)
def test_shows_each_problem_with_its_status(kind: type[errors.InferstackError]) -> None:
    path, method = ("/health", "GET") if kind is errors.EndpointError else ("/predictions", "POST")
    description = responses(path, method)[str(find_status(kind("")))]
    example = description["content"]["application/problem+json"]["examples"][kind.code]["value"]
    real = json.loads(build_problem(kind("x", advice="y"), "id")["body"])
    assert {name: example[name] for name in ("type", "title", "status")} == {name: real[name] for name in ("type", "title", "status")}


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
    assert shown == {kind.code for kind in RAISED} | {Forbidden.code, NotFound.code, Conflict.code, TooManyRequests.code}


def test_the_page_lists_the_same_problems() -> None:
    listed = set(re.findall(r"^\| (\d{3}) \| `([a-z-]+)` \|", (ROOT / "docs/http-api.md").read_text(), re.MULTILINE))
    kinds = [
        *((kind, find_status(kind(""))) for kind in RAISED),
        (Forbidden, 403),
        (NotFound, 404),
        (Conflict, 409),
        (TooManyRequests, 429),
    ]
    assert listed == {(str(status), kind.code) for kind, status in kinds}
