"""A table through the Open Inference Protocol: what a model's metadata names is taken, as JSON and as bytes."""

import json
from typing import Any

import numpy as np
import pytest

from functions.predict.handler import Handler
from functions.predict.service import Service
from functions.shared.reading.requests import read_json
from recipes.recipe import load
from tests.asking import ask_handler
from tests.contract.test_tables import CODES, NAMES, RECORDS, STOPS, as_columns
from tests.events import ID_KEY, event
from tests.fakes import FakeContext
from tests.real_model import RealModel

MODEL, INFER = "/v2/models/stop_search", "/v2/models/stop_search/infer"
COLUMNS = as_columns(RECORDS)


@pytest.fixture(scope="module")
def model() -> RealModel:
    return RealModel("stop_search")


@pytest.fixture
def predict(model: RealModel) -> Handler:
    return Handler(Service(STOPS, model, id_key=ID_KEY))


def build_tensors(inputs: list[dict[str, Any]], columns: dict[str, list[Any]] = COLUMNS) -> list[dict[str, Any]]:
    """Return the tensors that a model's metadata asks for."""
    return [{**each, "shape": [len(RECORDS), *each["shape"][1:]], "data": columns[each["name"]]} for each in inputs]


def ask(predict: Handler, inputs: list[dict[str, Any]], binary: bytes = b"") -> tuple[int, dict[str, Any]]:
    text = json.dumps({"inputs": inputs}).encode()
    headers = {"inference-header-content-length": str(len(text))} if binary else {}
    return ask_handler(predict, event("POST", INFER, text + binary, "application/json", headers=headers))


def read_probabilities(answer: dict[str, Any]) -> list[float]:
    found: list[float] = next(each["data"] for each in answer["outputs"] if each["name"] == "probabilities")
    return found


def list_inputs(predict: Handler) -> list[dict[str, Any]]:
    inputs: list[dict[str, Any]] = json.loads(predict(event("GET", MODEL), FakeContext())["body"])["inputs"]
    return inputs


def test_takes_what_its_metadata_names(predict: Handler, model: RealModel) -> None:
    inputs = list_inputs(predict)
    assert [each["name"] for each in inputs] == NAMES
    assert [each["datatype"] for each in inputs] == ["BYTES", "BYTES", "FP32", "FP32", *["BYTES"] * 6]
    expected = model.engine.predict(CODES).ravel()
    for tensors in (
        build_tensors(inputs),
        build_tensors(inputs)[::-1],
        [{**each, "shape": [3, 1], "data": [[value] for value in each["data"]]} for each in build_tensors(inputs)],
    ):
        status, answer = ask(predict, tensors)
        assert (status, answer.get("error")) == (200, None)
        assert read_probabilities(answer) == pytest.approx(expected, abs=1e-6)


def encode_bytes(tensor: dict[str, Any]) -> bytes:
    """Return a tensor's data as Triton's clients send it."""
    if tensor["datatype"] == "BYTES":
        return b"".join(len(text).to_bytes(4, "little") + text for text in (value.encode() for value in tensor["data"]))
    return np.array(tensor["data"], "<f4").tobytes()


def test_takes_them_behind_the_json(predict: Handler, model: RealModel) -> None:
    tensors = build_tensors(list_inputs(predict))
    contents = [encode_bytes(each) for each in tensors]
    told = [
        {**{name: value for name, value in each.items() if name != "data"}, "parameters": {"binary_data_size": len(content)}}
        for each, content in zip(tensors, contents, strict=True)
    ]
    status, answer = ask(predict, told, b"".join(contents))
    assert (status, answer.get("error")) == (200, None)
    assert read_probabilities(answer) == pytest.approx(model.engine.predict(CODES).ravel(), abs=1e-6)
    told[3]["parameters"] = {"binary_data_size": 3}
    assert ask(predict, told, b"".join(contents))[0] == 400
    assert ask(predict, told[:3], b"".join(contents))[0] == 400


def test_takes_codes_in_one_tensor_as_an_array_of_them(predict: Handler, model: RealModel) -> None:
    codes = CODES.copy()
    codes[1, 0], codes[2, 4] = 7, -1
    tensor = {"name": "features", "shape": [3, 10], "datatype": "FP32", "data": codes.ravel().tolist()}
    status, answer = ask(predict, [tensor])
    assert (status, answer.get("error")) == (200, None)
    assert read_probabilities(answer) == pytest.approx(model.engine.predict(codes).ravel(), abs=1e-6)
    assert "Gender (1 row)" in answer["parameters"]["notes"][0]["detail"]


def test_counts_values_that_are_not_known(predict: Handler) -> None:
    strange = {**COLUMNS, "Gender": ["Robot", "MALE", "robot"]}
    status, answer = ask(predict, build_tensors(list_inputs(predict), strange))
    assert (status, "Gender (2 rows)" in answer["parameters"]["notes"][0]["detail"]) == (200, True)


def without(name: str, tensors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in tensors if each["name"] != name]


def test_refuses_by_the_column_s_name(predict: Handler) -> None:
    tensors = build_tensors(list_inputs(predict))
    swapped = [{**each, "name": {"Latitude": "Gender", "Gender": "Latitude"}.get(each["name"], each["name"])} for each in tensors]
    shorter = [{**each, "shape": [2], "data": each["data"][:2]} if each["name"] == "Gender" else each for each in tensors]
    for wrong, said in (
        (without("Gender", tensors), "Gender"),
        ([*tensors, tensors[4]], "Gender"),
        ([{**each, "name": f"input-{at}"} for at, each in enumerate(tensors)], "Type"),
        (swapped, "Latitude is 'Male'"),
        (shorter, "Gender"),
    ):
        status, answer = ask(predict, wrong)
        assert (status in {400, 422}, said in answer["error"], "28" in answer["error"]) == (True, True, False), answer


@pytest.mark.parametrize("name", ["stop_search", "salary"])
@pytest.mark.parametrize(
    "inputs", ["[]", "7", '[{"name": "x", "datatype": "COMPLEX", "shape": [1], "data": [1]}]', '[{"name": "x"}, {"name": "y"}]']
)
def test_its_advice_is_of_the_table(model: RealModel, name: str, inputs: str) -> None:
    handler = Handler(Service(load(name), model, id_key=ID_KEY))
    body = handler(event("POST", f"/v2/models/{name}/infer", f'{{"inputs": {inputs}}}', "application/json"), FakeContext())["body"]
    assert "28" not in body


def test_a_table_of_numbers_takes_its_columns_too() -> None:
    (years,) = load("salary").features
    two = load("salary")._replace(features=(years, years._replace(name="age")), instance_shape=(2,))
    tensors = [{"name": name, "shape": [1], "datatype": "FP32", "data": [value]} for name, value in (("age", 40), ("experience", 3.5))]
    assert read_json(json.dumps({"inputs": tensors}).encode(), two).instances == np.array([3.5, 40], "<f4").tobytes()
