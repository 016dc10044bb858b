"""A client of the Open Inference Protocol, version 2, written by its specification, on the running stack."""

import base64
import json
from pathlib import Path
from typing import Any

import httpx

from local.run_state import RunState

SEVEN = Path(__file__).resolve().parents[2] / "docs/seven.png"


def test_asks_for_health_metadata_and_predictions_as_the_specification_says(stack: RunState) -> None:
    def get(path: str) -> Any:
        answer = httpx.get(stack.api_url + path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    assert get("/v2")["name"]
    assert (get("/v2/health/live"), get("/v2/health/ready")) == ({"live": True}, {"ready": True})
    assert get("/v2/models/digits/ready")["ready"]
    model = get("/v2/models/digits")
    (taken,), named = model["inputs"], {output["name"] for output in model["outputs"]}
    assert (taken["datatype"], taken["shape"]) == ("UINT8", [-1, 28, 28])
    image = {"name": taken["name"], "shape": [1], "datatype": "BYTES", "data": [base64.b64encode(SEVEN.read_bytes()).decode()]}
    pixels = httpx.post(f"{stack.api_url}/predictions?include=pixels", content=SEVEN.read_bytes()).json()["predictions"][0]["pixels"]
    array = {"name": taken["name"], "shape": [2, 28, 28], "datatype": "UINT8", "data": pixels * 2}
    for number, tensor in enumerate((image, array), 1):
        answer = httpx.post(f"{stack.api_url}/v2/models/digits/infer", json={"id": "42", "inputs": [tensor]})
        assert answer.status_code == 200, answer.text
        document = answer.json()
        outputs = {output["name"]: output for output in document["outputs"]}
        assert (document["id"], document["model_name"], document["model_version"]) == ("42", "digits", model["versions"][0])
        assert outputs.keys() == named
        assert (outputs["label"]["data"], outputs["probabilities"]["shape"]) == ([7] * number, [number, 10])


def test_says_what_is_wrong_as_the_specification_says(stack: RunState) -> None:
    answer = httpx.post(f"{stack.api_url}/v2/models/digits/infer", content=json.dumps({"inputs": []}))
    assert (answer.status_code, answer.json().keys()) == (400, {"error"})
    assert httpx.post(f"{stack.api_url}/v2/models/other/infer", content="{}").status_code == 404
