"""docs/openapi.yaml says just what is served, and every answer of the real handler is one it describes."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from deployment.settings import Settings
from deployment.stages import settings_for
from functions.feedback.allowance import Allowance
from functions.feedback.handler import Handler as FeedbackHandler
from functions.feedback.service import Service as FeedbackService
from functions.jobs.config import Config as JobsConfig
from functions.jobs.handler import CONTENT_TYPE
from functions.jobs.handler import Handler as JobsHandler
from functions.jobs.presign import Presigner
from functions.jobs.service import Service as JobsService
from functions.predict.codecs import READERS
from functions.predict.config import MAX_BODY_BYTES, Config
from functions.predict.handler import Handler
from functions.predict.routes import ROUTES
from functions.predict.service import Service
from functions.shared.endpoint.client import VARIANT
from functions.shared.http.response import Conflict, Forbidden, NotFound, TooManyRequests, build_problem, find_status
from functions.shared.http.routes import Route
from functions.shared.jobs import ID, LONGEST_NAME
from functions.shared.object_store import Store
from recipes import errors
from recipes.instances import MAX_INSTANCES
from recipes.media_types import MULTIPART
from recipes.recipe import load
from tests.api_document import read_api
from tests.digits import GOLDEN, beside_each_other
from tests.events import ID_KEY, event
from tests.fakes import FakeContext, FakeEndpoint
from tests.moto_aws import Bucket
from tests.moto_s3 import create_s3
from tests.routes import list_routes

ROOT = Path(__file__).resolve().parents[2]
SPEC = read_api()
MANIFEST = (GOLDEN.parent / "pretrained/manifest.json").read_bytes()
PNG = (GOLDEN / "7.png").read_bytes()
SEVERAL = beside_each_other(4, 2)
CONFIG = Config(endpoint_name="digits", endpoint_kind="serverless", recipe="digits", id_key=ID_KEY)
# What a request can meet. The class of all endpoint errors is raised by GET /health alone, which tells strangers no more.
RAISED = [
    # An upload that cannot be read fails its job; the API has answered long before.
    *(errors.InvalidInput, *(kind for kind in errors.InvalidInput.__subclasses__() if kind is not errors.NotReadable)),
    *(errors.EndpointError, *errors.EndpointError.__subclasses__()),
    errors.InferstackError,
]


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


@pytest.fixture
def endpoint() -> FakeEndpoint:
    return FakeEndpoint()


@pytest.fixture
def handler(endpoint: FakeEndpoint) -> Handler:
    return Handler(CONFIG, Service(CONFIG, load("digits"), endpoint))


def test_has_just_the_routes_that_the_functions_declare() -> None:
    described = {
        Route(method.upper(), path, is_open=operation.get("security") == [{}])
        for path, methods in SPEC["paths"].items()
        for method, operation in methods.items()
    }
    assert described == set(list_routes(several=True))


@pytest.mark.parametrize(
    ("method", "path", "described", "status"),
    [
        ("GET", "/models", "/models", 200),
        ("GET", "/models/salary", "/models/{recipe}", 404),
        ("POST", "/models/digits/predictions", "/models/{recipe}/predictions", 200),
        ("POST", "/models/salary/predictions", "/models/{recipe}/predictions", 404),
    ],
)
def test_describes_what_several_recipes_answer(handler: Handler, method: str, path: str, described: str, status: int) -> None:
    response = handler(event(method, path, PNG, "image/png"), FakeContext())
    check(described, method, response)
    assert response["statusCode"] == status


def test_describes_a_job_of_one_of_several_recipes(results: Bucket) -> None:
    several = build_jobs(results, "digits,stop_search")
    new, refused = (
        several(event("POST", "/jobs", json.dumps({"name": "a.csv", "recipe": recipe}), "application/json"), FakeContext())
        for recipe in ("stop_search", "salary")
    )
    check("/jobs", "POST", new)
    check("/jobs", "POST", refused)
    id_ = json.loads(new["body"])["id"]
    check("/jobs", "GET", several(event("GET", "/jobs"), FakeContext()))
    check("/jobs/{id}", "GET", several(event("GET", f"/jobs/{id_}"), FakeContext()))


def test_a_reused_idempotency_key_is_a_conflict(jobs: JobsHandler) -> None:
    def create(name: str) -> dict[str, Any]:
        request = event("POST", "/jobs", json.dumps({"name": name}), "application/json")
        request["headers"]["idempotency-key"] = "key"
        return jobs(request, FakeContext())

    first, again, other = create("a"), create("a"), create("b")
    assert [each["statusCode"] for each in (first, again, other)] == [201, 201, 409]
    check("/jobs", "POST", other)


REFUSED_NAMES = ["", " ", "\t", "\u3000", "a/b", "a\\b", "\x7f", "\na", "x" * 201]


@pytest.mark.parametrize("name", ["a.csv", " a ", "é", "$", "x" * 200, "\x85.", "\ufeff.", *REFUSED_NAMES])
def test_allows_the_names_that_are_taken(jobs: JobsHandler, name: str) -> None:
    schema = Draft202012Validator({"$ref": "#/components/schemas/JobRequest", "components": SPEC["components"]})
    taken = jobs(event("POST", "/jobs", json.dumps({"name": name}), "application/json"), FakeContext())["statusCode"] == 201
    assert schema.is_valid({"name": name}) == taken == (name not in REFUSED_NAMES)


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


REQUESTS: dict[str, tuple[int, Any, str | None]] = {
    "a picture": (200, PNG, "image/png"),
    "instances": (200, json.dumps({"instances": [[0] * 784] * 3}), "application/json"),
    "a form": (
        200,
        b'--x\r\nContent-Disposition: form-data; name="image"; filename="7.png"\r\n\r\n%b\r\n--x--' % PNG,
        f"{MULTIPART}; boundary=x",
    ),
    "a form without a boundary": (400, b"--x--", MULTIPART),
    "a broken picture": (400, PNG[:40], "image/png"),
    "too much": (413, b"x" * (MAX_BODY_BYTES + 1), "image/png"),
    "another type": (415, b"x", "text/html"),
    "another shape": (422, '{"instances":[[1]]}', "application/json"),
    "a word": (422, json.dumps([["a"] * 784]), "application/json"),
}


@pytest.mark.parametrize(("status", "body", "content_type"), REQUESTS.values(), ids=REQUESTS)
@pytest.mark.parametrize("query", [None, {"include": "pixels"}, {"include": "seen"}])
def test_describes_the_answer_to(handler: Handler, status: int, body: Any, content_type: str, query: dict[str, str] | None) -> None:
    response = handler(event("POST", "/predictions", body, content_type, query=query), FakeContext())
    assert response["statusCode"] == status
    check("/predictions", "POST", response)


TENSOR = {"name": "x", "shape": [2, 28, 28], "datatype": "UINT8", "data": [0] * 1000 + [255] * 568}
V2_REQUESTS = {
    "the server": ("GET", "/v2", "", 200),
    "whether it lives": ("GET", "/v2/health/live", "", 200),
    "whether it is ready": ("GET", "/v2/health/ready", "", 200),
    "the model": ("GET", "/v2/models/{name}", "", 200),
    "whether the model is ready": ("GET", "/v2/models/{name}/ready", "", 200),
    "a tensor": ("POST", "/v2/models/{name}/infer", json.dumps({"id": "a", "inputs": [TENSOR], "outputs": [{"name": "label"}]}), 200),
    "no JSON": ("POST", "/v2/models/{name}/infer", "{", 400),
    "too much": ("POST", "/v2/models/{name}/infer", "x" * (MAX_BODY_BYTES + 1), 413),
    "another datatype": ("POST", "/v2/models/{name}/infer", json.dumps({"inputs": [{**TENSOR, "datatype": "X"}]}), 415),
    "another shape": ("POST", "/v2/models/{name}/infer", json.dumps({"inputs": [{**TENSOR, "shape": [1, 28, 28]}]}), 422),
}


@pytest.mark.parametrize(("method", "path", "body", "status"), V2_REQUESTS.values(), ids=V2_REQUESTS)
def test_describes_what_the_open_inference_protocol_answers_to(handler: Handler, method: str, path: str, body: str, status: int) -> None:
    response = handler(event(method, path.replace("{name}", "digits"), body, "application/json"), FakeContext())
    assert response["statusCode"] == status
    check(path, method, response)


@pytest.mark.parametrize("kind", [*errors.EndpointError.__subclasses__(), ZeroDivisionError], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("path", ["/v2/health/ready", "/v2/models/{name}", "/v2/models/{name}/ready", "/v2/models/{name}/infer"])
def test_describes_the_protocols_answer_when_the_endpoint_fails(
    handler: Handler, endpoint: FakeEndpoint, kind: type[Exception], path: str
) -> None:
    endpoint.failure = kind("x")
    (method,) = (route.method for route in ROUTES if route.path == path)
    request = event(method, path.replace("{name}", "digits"), json.dumps({"inputs": [TENSOR]}), "application/json")
    check(path, method, handler(request, FakeContext()))


def test_the_protocols_version_is_the_contracts(handler: Handler) -> None:
    server = json.loads(handler(event("GET", "/v2"), FakeContext())["body"])
    assert server["version"] == SPEC["info"]["version"]


@pytest.mark.parametrize("digits", [None, "all", "some"])
def test_describes_the_answer_to_a_picture_of_several_digits(handler: Handler, digits: str | None) -> None:
    query = {"digits": digits} if digits else None
    response = handler(event("POST", "/predictions", SEVERAL, "image/png", query=query), FakeContext())
    assert response["statusCode"] == (422 if digits == "some" else 200)
    check("/predictions", "POST", response)


@pytest.mark.parametrize("kind", [*errors.EndpointError.__subclasses__(), ZeroDivisionError], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("path", ["/predictions", "/model", "/health"])
def test_describes_the_answer_when_the_endpoint_fails(handler: Handler, endpoint: FakeEndpoint, kind: type[Exception], path: str) -> None:
    endpoint.failure = kind("x")
    (method,) = (route.method for route in ROUTES if route.path == path)
    check(path, method, handler(event(method, path, PNG, "image/png"), FakeContext()))


def test_describes_the_model_and_its_health(handler: Handler, endpoint: FakeEndpoint) -> None:
    endpoint.answer = MANIFEST
    for path in ("/model", "/health"):
        response = handler(event("GET", path), FakeContext())
        assert response["statusCode"] == 200
        check(path, "GET", response)


@pytest.fixture
def jobs(results: Bucket) -> JobsHandler:
    return build_jobs(results)


def build_jobs(results: Bucket, recipes: str | None = None) -> JobsHandler:
    """Return the real handler over moto's S3; its presigner only signs, which takes no S3."""
    presigner = Presigner(create_s3(), "uploads", results.name)
    service = JobsService(Store(results.client, results.name), presigner, max_upload_bytes=10**9, upload_days=7, now=lambda: 1_000_000.0)
    return JobsHandler(JobsConfig("uploads", results.name, 10**9, 7, recipes), service)


SUMMARIES: dict[str, dict[str, Any]] = {
    "succeeded": {
        **{
            "state": "succeeded",
            "format": "csv",
            "rows": 2,
            "succeeded": 1,
            "failed": 1,
            "labels": {"7": 1},
            "verdicts": {"unsure": 1},
            "models": {"1": 1},
        },
        "reasons": [{"code": "wrong-shape", "count": 1, "row": 2, "detail": "x"}],
        "score": {"labelled": 2, "scored": 1, "correct": 1, "accuracy": 1.0, "confusion": {"7": {"7": 1}}, "unknown_labels": {"A": 1}},
    },
    "failed": {"state": "failed", "error": {"code": "malformed", "title": "Malformed input", "detail": "x"}},
}


@pytest.mark.parametrize("state", ["waiting", "processing", *SUMMARIES])
def test_describes_jobs(jobs: JobsHandler, results: Bucket, state: str) -> None:
    created = jobs(event("POST", "/jobs", json.dumps({"name": "a.csv"}), "application/json"), FakeContext())
    assert created["statusCode"] == 201
    check("/jobs", "POST", created)
    job = json.loads(created["body"])
    prefix = f"jobs/anyone/{job['id']}"
    times = {"started_at": "2026-11-21T08:00:00.000Z", "finished_at": "2026-11-21T08:00:01.000Z", "processing_s": 1.0}
    if state != "waiting":
        results.put(f"{prefix}/started.json", json.dumps({"started_at": times["started_at"]}).encode())
    if state in SUMMARIES:
        about = {"id": job["id"], "owner": "anyone", "name": "a.csv", "created_at": job["created_at"], "source": {"key": "secret"}}
        results.put(f"{prefix}/predictions.jsonl", b"{}")
        results.put(f"{prefix}/summary.json", json.dumps({**about, **times, **SUMMARIES[state]}).encode())
    response = jobs(event("GET", f"/jobs/{job['id']}"), FakeContext())
    check("/jobs/{id}", "GET", response)
    document = json.loads(response["body"])
    assert (document["state"], document["name"], "results" in document) == (state, "a.csv", state in SUMMARIES)
    assert "secret" not in response["body"]
    page = jobs(event("GET", "/jobs"), FakeContext())
    check("/jobs", "GET", page)
    assert [(row["id"], row["state"]) for row in json.loads(page["body"])["jobs"]] == [(job["id"], state)]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/jobs", "{", 400),
        ("POST", "/jobs", "[]", 400),
        ("POST", "/jobs", '{"name": "a/b"}', 422),
        ("POST", "/jobs", '{"name": ""}', 422),
        ("POST", "/jobs", '{"name": "a\\ud800"}', 422),
        ("POST", "/jobs", '{"name": "a", "content_type": "x"}', 422),
        ("POST", "/jobs", '{"name": "a", "size_bytes": true}', 422),
        ("POST", "/jobs", '{"name": "a", "size_bytes": 2000000000}', 413),
        ("POST", "/jobs", '{"name": "a", "csv": 1}', 422),
        ("POST", "/jobs", '{"name": "a", "size_bytes": null}', 422),
        ("GET", "/jobs/zzzzzzzzzzzzzzzzzzzzzzzzzz", "", 404),
        ("GET", "/jobs/..%2F..%2Fother", "", 404),
    ],
)
def test_describes_what_is_wrong_with_a_job(jobs: JobsHandler, method: str, path: str, body: str, status: int) -> None:
    answer = jobs(event(method, path, body, "application/json"), FakeContext())
    assert answer["statusCode"] == status
    check("/jobs/{id}" if path != "/jobs" else path, method, answer)


@pytest.mark.parametrize("cursor", ["", "x", "z" * 27])
def test_describes_the_answer_to_a_cursor_of_its_own_making(jobs: JobsHandler, cursor: str) -> None:
    answer = jobs(event("GET", "/jobs", query={"cursor": cursor}), FakeContext())
    assert answer["statusCode"] == 422
    check("/jobs", "GET", answer)


@pytest.fixture
def feedback(results: Bucket) -> FeedbackHandler:
    store = Store(results.client, results.name)
    return FeedbackHandler(FeedbackService(store, load("digits"), [ID_KEY], Allowance(store, 2)))


@pytest.mark.parametrize(
    ("body", "status"), [('{"label": 0}', 200), ('{"labels": [0]}', 200), ("{", 400), ('{"label": 10}', 422), ("x" * 100_001, 413)]
)
def test_describes_the_answer_to_feedback(handler: Handler, feedback: FeedbackHandler, body: str, status: int) -> None:
    id_ = json.loads(handler(event("POST", "/predictions", json.dumps([[0] * 784]), "application/json"), FakeContext())["body"])["id"]
    path = "/predictions/{id}/feedback"
    answer = feedback(event("POST", path.format(id=id_), body, "application/json"), FakeContext())
    assert answer["statusCode"] == status
    check(path, "POST", answer)
    if status == 200:
        for other, expected in ((f"/predictions/{id_}/feedback", 409), ("/predictions/none/feedback", 404)):
            refused = feedback(event("POST", other, '{"label": 1}', "application/json"), FakeContext())
            assert refused["statusCode"] == expected
            check(path, "POST", refused)


def test_describes_the_answer_to_a_caller_who_says_too_much(handler: Handler, feedback: FeedbackHandler) -> None:
    id_ = json.loads(handler(event("POST", "/predictions", json.dumps([[0] * 784]), "application/json"), FakeContext())["body"])["id"]
    request = event("POST", f"/predictions/{id_}/feedback", '{"label": 0}', "application/json")
    answers = [feedback(request, FakeContext()) for _ in range(3)]
    assert [answer["statusCode"] for answer in answers] == [200, 200, 429]
    check("/predictions/{id}/feedback", "POST", answers[-1])


def test_shows_nobody_the_jobs_of_another(jobs: JobsHandler) -> None:
    def as_owner(sub: str, method: str, path: str, body: str = "") -> dict[str, Any]:
        request = event(method, path, body, "application/json")
        request["requestContext"]["authorizer"] = {"jwt": {"claims": {"sub": sub}, "scopes": None}}
        return jobs(request, FakeContext())

    job = json.loads(as_owner("11111111-aaaa", "POST", "/jobs", '{"name": "a"}')["body"])
    assert as_owner("11111111-aaaa", "GET", f"/jobs/{job['id']}")["statusCode"] == 200
    assert as_owner("22222222-bbbb", "GET", f"/jobs/{job['id']}")["statusCode"] == 404
    assert json.loads(as_owner("22222222-bbbb", "GET", "/jobs")["body"])["jobs"] == []
    for nobody in ("", "../x", "a/b", "anyone", "x" * 51):
        assert as_owner(nobody, "GET", "/jobs")["statusCode"] == 500


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
