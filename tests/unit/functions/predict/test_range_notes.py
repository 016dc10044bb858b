"""Notes on numbers unlike those a model was trained on."""

import json
from array import array

from functions.predict.handler import Handler
from functions.predict.service import Service
from functions.shared.endpoint.interface import EndpointResponse
from functions.shared.reading.ranges import list_range_notes
from recipes.recipe import load
from tests.events import ID_KEY, event
from tests.fakes import FakeContext

FEATURES = [{"name": "experience", "unit": "years", "range": [1.1, 10.5]}]
SAID = "the model was trained on experience of 1.1 to 10.5 years; "


def list_details(features: list[dict[str, object]], *values: float) -> list[str]:
    return [note.detail for note in list_range_notes(features, array("f", values).tobytes())]


def test_tells_what_lies_outside() -> None:
    assert list_details(FEATURES, 40.5) == [SAID + "here it is 40.5 years"]
    assert list_details(FEATURES, 3, -2, 1e9) == [SAID + "in 2 of the 3 instances it is other, first -2 years"]
    both = [*FEATURES, {"name": "age", "unit": "", "range": [18, 65]}]
    assert list_details(both, 3, 17, 4, 30) == ["the model was trained on age of 18 to 65; in 1 of the 2 instances it is other, first 17"]


def test_tells_nothing_of_the_ends_and_of_features_without_a_range() -> None:
    assert list_details(FEATURES, 1.1, 10.5, 3) == []
    assert list_details([{"name": "experience"}], 1e30) == []
    assert list_details([]) == []


class NumbersEndpoint:
    """Answers with a value for each row, and with a manifest of one version."""

    def __init__(self, manifest_version: str) -> None:
        self.asked: list[str] = []
        self._manifest = {"version": manifest_version, "input": {"features": FEATURES}}

    def invoke(self, body: bytes, *, content_type: str, accept: str, remaining_s: float, variant: str | None = None) -> EndpointResponse:
        del body, content_type, remaining_s, variant
        self.asked.append(accept)
        if accept.endswith("manifest+json"):
            return EndpointResponse(json.dumps(self._manifest).encode(), "main")
        answer = {"predictions": [{"value": 1.5}], "model": {"name": "any", "version": "1.0.0"}}
        return EndpointResponse(json.dumps(answer).encode(), "main")


def ask(endpoint: NumbersEndpoint, *years: float) -> list[list[str]]:
    handler = Handler(Service(load("salary"), endpoint, id_key=ID_KEY))
    answers = [
        handler(event("POST", "/predictions", json.dumps({"instances": [[each]]}), "application/json"), FakeContext()) for each in years
    ]
    return [[note["code"] for note in json.loads(each["body"]).get("notes", [])] for each in answers]


def test_an_answer_carries_it_and_asks_for_the_range_once() -> None:
    endpoint = NumbersEndpoint("1.0.0")
    assert ask(endpoint, 40.5, 3, 50) == [["outside-range"], [], ["outside-range"]]
    assert len(endpoint.asked) == 4


def test_an_answer_is_silent_about_a_version_whose_range_nobody_told() -> None:
    assert ask(NumbersEndpoint("2.0.0"), 40.5) == [[]]
