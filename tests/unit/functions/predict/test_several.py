"""A deployment with two recipes: each is asked by its name, and the first where none is named."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from functions.predict.handler import Handler
from functions.predict.service import Service
from functions.shared.owner import ANYONE
from functions.shared.predictions import Prediction
from recipes.recipe import load
from tests.asking import ask_handler
from tests.digits import any_digit, encoded, on_page
from tests.events import ID_KEY, REQUEST_ID, event
from tests.fakes import FakeEndpoint

PICTURE = encoded(on_page(any_digit()))
YEARS = json.dumps({"instances": [[1.5]]})
JSON = "application/json"
Ask = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def endpoints() -> dict[str, FakeEndpoint]:
    answer = {"predictions": [{"value": 41000.5}], "model": {"name": "linear", "version": "2.0.0+00000000"}}
    return {"digits": FakeEndpoint(), "salary": FakeEndpoint(answer=json.dumps(answer).encode())}


@pytest.fixture
def ask(endpoints: dict[str, FakeEndpoint]) -> Ask:
    def build(name: str) -> Service:
        return Service(load(name), endpoints[name], id_key=ID_KEY, named=name)

    handler = Handler(build("digits"), {"salary": cache(lambda: build("salary"))})

    return lambda *request, **options: ask_handler(handler, event(*request, **options))


def test_asks_the_recipe_that_the_path_names(ask: Ask, endpoints: dict[str, FakeEndpoint]) -> None:
    status, answer = ask("POST", "/models/salary/predictions", YEARS, JSON)
    assert (status, answer["predictions"]) == (200, [{"value": 41000.5}])
    status, answer = ask("POST", "/models/digits/predictions", PICTURE, "image/png")
    assert (status, "label" in answer["predictions"][0]) == (200, True)
    assert [len(endpoint.asked) > 0 for endpoint in endpoints.values()] == [True, True]


def test_asks_the_first_where_none_is_named(ask: Ask, endpoints: dict[str, FakeEndpoint]) -> None:
    assert ask("POST", "/predictions", PICTURE, "image/png")[0] == 200
    assert ask("GET", "/model")[1]["recipe"] == "digits"
    assert ask("GET", "/health") == (200, {"status": "ok"})
    assert endpoints["salary"].asked == []


def test_reads_a_body_as_its_recipe_does(ask: Ask) -> None:
    status, problem = ask("POST", "/models/salary/predictions", PICTURE, "image/png")
    assert (status, problem["type"]) == (415, "urn:inferstack:problem:unsupported-type")


def test_lists_the_recipes_and_asks_no_endpoint(ask: Ask, endpoints: dict[str, FakeEndpoint]) -> None:
    status, answer = ask("GET", "/models")
    digits, salary = answer["models"]
    assert (status, answer["request_id"]) == (200, REQUEST_ID)
    assert digits == {
        "recipe": "digits",
        "title": load("digits").title,
        "input": "pictures",
        "kind": "classification",
        "is_default": True,
        "model_url": "/models/digits",
        "predictions_url": "/models/digits/predictions",
    }
    assert (salary["input"], salary["kind"], salary["is_default"]) == ("numbers", "regression", False)
    assert [endpoint.asked for endpoint in endpoints.values()] == [[], []]


def test_says_which_recipe_answered_in_the_id(ask: Ask) -> None:
    paths = {"/predictions": PICTURE, "/models/salary/predictions": YEARS.encode()}
    ids = [ask("POST", path, body, "")[1]["id"] for path, body in paths.items()]
    assert [prediction and prediction.recipe for prediction in (Prediction.from_id(id_, ANYONE, [ID_KEY]) for id_ in ids)] == [
        "digits",
        "salary",
    ]


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/models/stop_search"), ("POST", "/models/stop_search/predictions"), ("GET", "/v2/models/stop_search")]
)
def test_names_the_recipes_where_one_is_unknown(ask: Ask, method: str, path: str) -> None:
    status, problem = ask(method, path)
    said = problem.get("error") or f"{problem['detail']}. {problem['advice']}"
    assert (status, said) == (404, "there is no model 'stop_search'; expected 'digits' or 'salary'. GET /models lists them.")


def test_serves_each_by_the_open_inference_protocol(ask: Ask) -> None:
    tensor = {"inputs": [{"name": "features", "shape": [1, 1], "datatype": "FP32", "data": [1.5]}]}
    status, answer = ask("POST", "/v2/models/salary/infer", json.dumps(tensor), JSON)
    assert (status, answer["model_name"], answer["outputs"][0]["data"]) == (200, "salary", [41000.5])
    assert ask("GET", "/v2/models/digits/ready") == (200, {"name": "digits", "ready": True})
