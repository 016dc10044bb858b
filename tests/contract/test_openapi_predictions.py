"""Every answer about predictions, models and feedback is one that docs/openapi.yaml describes."""

import json
from typing import Any

import pytest

from functions.feedback.allowance import Allowance
from functions.feedback.handler import Handler as FeedbackHandler
from functions.feedback.service import Service as FeedbackService
from functions.predict.config import MAX_BODY_BYTES
from functions.predict.handler import Handler
from functions.predict.routes import ROUTES
from functions.predict.service import Service
from functions.shared.object_store import Store
from recipes import errors
from recipes.media_types import MULTIPART
from recipes.recipe import load
from tests.contract.described import SPEC, check
from tests.digits import GOLDEN, beside_each_other
from tests.events import ID_KEY, event
from tests.fakes import FakeContext, FakeEndpoint
from tests.moto_aws import Bucket

MANIFEST = (GOLDEN.parent / "pretrained/manifest.json").read_bytes()
PNG = (GOLDEN / "7.png").read_bytes()
SEVERAL = beside_each_other(4, 2)


@pytest.fixture
def endpoint() -> FakeEndpoint:
    return FakeEndpoint()


@pytest.fixture
def handler(endpoint: FakeEndpoint) -> Handler:
    return Handler(Service(load("digits"), endpoint, id_key=ID_KEY))


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
    "a version": ("GET", "/v2/models/{name}/versions/{version}", "", 200),
    "whether a version is ready": ("GET", "/v2/models/{name}/versions/{version}/ready", "", 200),
    "a tensor, of a version": ("POST", "/v2/models/{name}/versions/{version}/infer", json.dumps({"inputs": [TENSOR]}), 200),
    "no JSON": ("POST", "/v2/models/{name}/infer", "{", 400),
    "too much": ("POST", "/v2/models/{name}/infer", "x" * (MAX_BODY_BYTES + 1), 413),
    "another datatype": ("POST", "/v2/models/{name}/infer", json.dumps({"inputs": [{**TENSOR, "datatype": "X"}]}), 415),
    "another shape": ("POST", "/v2/models/{name}/infer", json.dumps({"inputs": [{**TENSOR, "shape": [1, 28, 28]}]}), 422),
}


@pytest.mark.parametrize(("method", "path", "body", "status"), V2_REQUESTS.values(), ids=V2_REQUESTS)
def test_describes_what_the_open_inference_protocol_answers_to(handler: Handler, method: str, path: str, body: str, status: int) -> None:
    asked = path.format(name="digits", version="1.0.0+00000000")
    response = handler(event(method, asked, body, "application/json"), FakeContext())
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
