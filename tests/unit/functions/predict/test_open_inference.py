"""The Open Inference Protocol, version 2: requests and answers as its specification says."""

import base64
import gzip
import json
from typing import Any

import numpy as np
import pytest

from functions.predict.handler import Handler
from functions.predict.open_inference import describe_model
from functions.predict.service import Service
from recipes import errors
from recipes.recipe import load
from tests.digits import any_digit, encoded, on_page
from tests.events import ID_KEY, REQUEST_ID, event
from tests.fakes import FakeContext, FakeEndpoint

INFER = "/v2/models/digits/infer"
PNG = encoded(on_page(any_digit()))
SEEN = load("digits").from_image(PNG)
ROWS = np.zeros((2, 28, 28), np.uint8)
ROWS[:, 4:24, 10:18] = np.array([7, 3])[:, None, None] + 240


def tensor(values: Any, datatype: str, shape: list[int], **fields: Any) -> dict[str, Any]:
    return {"name": "x", "shape": shape, "datatype": datatype, "data": values, **fields}


TENSORS = {
    "UINT8": tensor(ROWS.ravel().tolist(), "UINT8", [2, 28, 28]),
    "nested": tensor(ROWS.tolist(), "UINT8", [2, 28, 28]),
    "flat instances": tensor(ROWS.reshape(2, 784).tolist(), "INT64", [2, 784]),
    "a channel axis": tensor(ROWS.ravel().tolist(), "INT32", [2, 1, 28, 28]),
    "FP32": tensor(ROWS.astype(float).ravel().tolist(), "FP32", [2, 28, 28]),
    "parameters": tensor(ROWS.ravel().tolist(), "UINT8", [2, 28, 28], parameters={"content_type": "np"}),
}


@pytest.mark.parametrize("inputs", TENSORS.values(), ids=TENSORS)
def test_answers_a_tensor_of(ask: Any, endpoint: FakeEndpoint, inputs: dict[str, Any]) -> None:
    status, answer = ask("POST", INFER, json.dumps({"id": "mine", "inputs": [inputs]}), "application/json")
    assert (status, answer.get("error")) == (200, None)
    assert endpoint.instances == [*map(bytes, ROWS.reshape(2, 784))]
    assert (answer["model_name"], answer["model_version"], answer["id"]) == ("digits", "1.0.0+00000000", "mine")
    label, probabilities = answer["outputs"][:2]
    assert label == {"name": "label", "datatype": "INT64", "shape": [2], "data": [each[0] % 10 for each in endpoint.instances]}
    assert (probabilities["name"], probabilities["datatype"], probabilities["shape"]) == ("probabilities", "FP32", [2, 10])
    assert len(probabilities["data"]) == 20
    assert answer["parameters"]["prediction_id"]


@pytest.mark.parametrize("version", ["1.0.0+00000000", "1.0.0%2B00000000"])
def test_answers_of_the_version_that_runs(ask: Any, version: str) -> None:
    model, body = f"/v2/models/digits/versions/{version}", json.dumps({"inputs": [TENSORS["UINT8"]]})
    assert ask("GET", model) == ask("GET", "/v2/models/digits")
    assert ask("GET", f"{model}/ready") == (200, {"name": "digits", "ready": True})
    assert ask("POST", f"{model}/infer", body, "application/json")[1]["model_version"] == "1.0.0+00000000"


@pytest.mark.parametrize(("method", "action"), [("GET", ""), ("GET", "/ready"), ("POST", "/infer")])
def test_has_no_other_version(ask: Any, method: str, action: str) -> None:
    body = json.dumps({"inputs": [TENSORS["UINT8"]]}) if method == "POST" else ""
    status, answer = ask(method, f"/v2/models/digits/versions/1{action}", body, "application/json")
    assert status == 404
    assert answer["error"].startswith("there is no version '1'; 1.0.0+00000000 runs")


def test_answers_pictures_in_bytes(ask: Any, endpoint: FakeEndpoint) -> None:
    inputs = tensor([base64.b64encode(PNG).decode()] * 2, "BYTES", [2])
    assert ask("POST", INFER, json.dumps({"inputs": [inputs]}), "application/json")[0] == 200
    assert endpoint.instances == [SEEN, SEEN]


def send_binary(ask: Any, values: bytes, **fields: Any) -> tuple[int, dict[str, Any]]:
    """Send a tensor as Triton's clients do: its bytes follow the JSON."""
    inputs = {"name": "x", "parameters": {"binary_data_size": len(values)}, **fields}
    text = json.dumps({"inputs": [inputs], "parameters": {"binary_data_output": True}}).encode()
    headers = {"inference-header-content-length": str(len(text))}
    answer: tuple[int, dict[str, Any]] = ask("POST", INFER, text + values, None, headers=headers)
    return answer


@pytest.mark.parametrize(("datatype", "kind"), [("UINT8", "u1"), ("INT32", "<i4"), ("UINT64", "<u8"), ("FP16", "<f2"), ("FP32", "<f4")])
def test_answers_a_tensor_behind_the_json(ask: Any, endpoint: FakeEndpoint, datatype: str, kind: str) -> None:
    status, answer = send_binary(ask, ROWS.astype(kind).tobytes(), shape=[2, 28, 28], datatype=datatype)
    assert (status, answer.get("error")) == (200, None)
    assert endpoint.instances == [*map(bytes, ROWS.reshape(2, 784))]


def test_answers_pictures_behind_the_json(ask: Any, endpoint: FakeEndpoint) -> None:
    assert send_binary(ask, 2 * (len(PNG).to_bytes(4, "little") + PNG), shape=[2], datatype="BYTES")[0] == 200
    assert endpoint.instances == [SEEN, SEEN]


def test_answers_gzip(ask: Any) -> None:
    body = gzip.compress(json.dumps({"inputs": [TENSORS["UINT8"]]}).encode())
    assert ask("POST", INFER, body, "application/json", headers={"content-encoding": "gzip"})[0] == 200


def test_answers_the_outputs_that_are_named_in_their_order(ask: Any) -> None:
    request = {
        "inputs": [TENSORS["UINT8"]],
        "outputs": [{"name": "probabilities"}, {"name": "label", "parameters": {"binary_data": False}}],
    }
    _, answer = ask("POST", INFER, json.dumps(request), "application/json")
    assert [each["name"] for each in answer["outputs"]] == ["probabilities", "label"]


def test_tells_of_the_server_its_health_and_its_model(ask: Any) -> None:
    server = ask("GET", "/v2")[1]
    assert server.keys() == {"name", "version", "extensions"}
    assert ask("GET", "/v2/health/live") == (200, {"live": True})
    assert ask("GET", "/v2/health/ready") == (200, {"ready": True})
    assert ask("GET", "/v2/models/digits/ready") == (200, {"name": "digits", "ready": True})
    status, model = ask("GET", "/v2/models/digits")
    assert (status, model["name"], model["versions"]) == (200, "digits", ["1.0.0+00000000"])
    assert [(each["datatype"], each["shape"]) for each in model["inputs"]] == [("UINT8", [-1, 28, 28])]
    assert [(each["name"], each["datatype"], each["shape"]) for each in model["outputs"]] == [
        ("label", "INT64", [-1]),
        ("probabilities", "FP32", [-1, 10]),
    ]


def test_tells_of_a_model_with_trust() -> None:
    described = describe_model({"version": "1", "output": {"trust": {}}}, load("digits"))
    assert described["outputs"][2:] == [
        {"name": "trust", "datatype": "FP32", "shape": [-1]},
        {"name": "verdict", "datatype": "BYTES", "shape": [-1]},
    ]


def test_answers_how_far_each_can_be_trusted(ask: Any, endpoint: FakeEndpoint) -> None:
    trusted = {"label": 7, "probability": 0.9, "probabilities": [0.1] * 10, "trust": 0.4, "verdict": "unsure"}
    endpoint.answer = json.dumps({"predictions": [trusted] * 2, "model": {"version": "1"}}).encode()
    _, answer = ask("POST", INFER, json.dumps({"inputs": [TENSORS["UINT8"]]}), "application/json")
    assert [each["data"] for each in answer["outputs"][2:]] == [[0.4] * 2, ["unsure"] * 2]


def test_answers_numbers() -> None:
    endpoint = FakeEndpoint(answer=b'{"predictions": [{"value": 1.5}], "model": {"version": "1"}}')
    handler = Handler(Service(load("salary"), endpoint, id_key=ID_KEY))
    request = {"inputs": [tensor([3.1], "FP32", [1, 1])]}
    response = handler(event("POST", "/v2/models/salary/infer", json.dumps(request), "application/json"), FakeContext())
    assert json.loads(response["body"])["outputs"] == [{"name": "value", "datatype": "FP32", "shape": [1], "data": [1.5]}]


ONE = TENSORS["UINT8"]
REFUSED: dict[str, tuple[int, Any, str]] = {
    "no JSON": (400, b"{", "is not JSON"),
    "no inputs": (400, {"instances": ROWS.tolist()}, '"inputs" of tensors'),
    "inputs that are no tensors": (400, {"inputs": ROWS.tolist()}, '"inputs" of tensors'),
    "two tensors": (400, {"inputs": [ONE, ONE]}, "2 input tensors"),
    "another datatype": (415, {"inputs": [{**ONE, "datatype": "COMPLEX"}]}, "datatype is 'COMPLEX'"),
    "another shape": (422, {"inputs": [{**ONE, "shape": [2, 28]}]}, "shape"),
    "an output that is not there": (422, {"inputs": [ONE], "outputs": [{"name": "y"}]}, "no output 'y'; it has label, probabilities"),
    "outputs that are no list": (400, {"inputs": [ONE], "outputs": None}, "outputs is 'None'; expected a list"),
    "outputs that are no objects": (400, {"inputs": [ONE], "outputs": [[None]]}, "expected a list"),
    "an output without a name": (422, {"inputs": [ONE], "outputs": [{}]}, "no output 'None'"),
    "an id that is a number": (400, {"inputs": [ONE], "id": 3}, "id is no string"),
}


@pytest.mark.parametrize(("status", "body", "said"), REFUSED.values(), ids=REFUSED)
def test_refuses_in_the_protocols_words(ask: Any, status: int, body: Any, said: str) -> None:
    actual, answer = ask("POST", INFER, body if isinstance(body, bytes) else json.dumps(body), "application/json")
    assert (actual, answer.keys()) == (status, {"error"})
    assert said in answer["error"]


@pytest.mark.parametrize(
    ("values", "fields", "said"),
    [
        (b"123", {"shape": [2, 28, 28], "datatype": "UINT8"}, "values"),
        (b"1", {"shape": [1], "datatype": "BYTES"}, "longer than"),
        (b"1", {"shape": "x", "datatype": "UINT8"}, "shape is x"),
        (b"1", {"shape": [1], "datatype": 3}, "datatype is '3'"),
        (b"1", {"shape": [1], "datatype": "UINT8", "parameters": {"binary_data_size": 9}}, "binary_data_size is 9; 1 bytes"),
    ],
)
def test_refuses_bytes_behind_the_json_that_do_not_fit(ask: Any, values: bytes, fields: dict[str, Any], said: str) -> None:
    status, answer = send_binary(ask, values, **fields)
    assert 400 <= status < 500
    assert said in answer["error"]


@pytest.mark.parametrize("length", ["x", "-1", "99999"])
def test_refuses_a_length_of_the_json_that_is_none(ask: Any, length: str) -> None:
    status, answer = ask("POST", INFER, b"{}", None, headers={"inference-header-content-length": length})
    assert (status, "Inference-Header-Content-Length" in answer["error"]) == (400, True)


@pytest.mark.parametrize(("method", "path"), [("GET", "/v2/models/x"), ("GET", "/v2/models/x/ready"), ("POST", "/v2/models/x/infer")])
def test_knows_no_other_model(ask: Any, method: str, path: str) -> None:
    assert ask(method, path) == (404, {"error": "there is no model 'x'; expected 'digits'"})


@pytest.mark.parametrize("path", ["/v2/health/ready", "/v2/models/digits", "/v2/models/digits/ready", INFER])
def test_says_when_to_ask_again(handler: Handler, endpoint: FakeEndpoint, path: str) -> None:
    endpoint.failure = errors.EndpointStarting("not yet")
    method = "POST" if path == INFER else "GET"
    response = handler(event(method, path, json.dumps({"inputs": [ONE]}), "application/json"), FakeContext())
    assert (response["statusCode"], response["headers"]["content-type"]) == (503, "application/json")
    assert int(response["headers"]["retry-after"]) >= 1
    assert json.loads(response["body"]).keys() == {"error"}


def test_fails_when_the_endpoint_sends_no_probabilities(ask: Any, endpoint: FakeEndpoint) -> None:
    endpoint.answer = b'{"predictions": [{"label": 1}, {"label": 2}], "model": {}}'
    assert ask("POST", INFER, json.dumps({"inputs": [ONE]}), "application/json")[0] == 502


def test_refuses_another_encoding(ask: Any) -> None:
    assert ask("POST", INFER, b"x", "application/json", headers={"content-encoding": "br"})[0] == 415


def test_is_live_when_the_endpoint_is_not(ask: Any, endpoint: FakeEndpoint) -> None:
    endpoint.failure = errors.EndpointFailed("gone")
    assert (ask("GET", "/v2/health/live")[0], ask("GET", "/v2/health/ready")[0]) == (200, 503)
    assert endpoint.asked


def test_hides_an_unexpected_error(ask: Any, endpoint: FakeEndpoint, capsys: pytest.CaptureFixture[str]) -> None:
    endpoint.failure = ZeroDivisionError("secret")
    status, answer = ask("POST", INFER, json.dumps({"inputs": [ONE]}), "application/json")
    assert (status, answer.keys(), "secret" in answer["error"]) == (500, {"error"}, False)
    assert REQUEST_ID in capsys.readouterr().out
