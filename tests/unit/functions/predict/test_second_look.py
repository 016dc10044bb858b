"""A picture that the model doubts is looked at once more: for several digits that touch, or stand in a column."""

import json
from typing import Any

import pytest

from functions.predict.handler import Handler
from functions.predict.service import Service
from functions.shared.endpoint.interface import EndpointResponse
from recipes.errors import EndpointFailed, InvalidInput
from recipes.recipe import FoundInstance, Picture, Recipe, load
from tests.digits import digit, encoded, on_page
from tests.events import ID_KEY, event
from tests.fakes import FakeContext, FakeEndpoint

DIGITS = load("digits")
SEVEN = encoded(on_page(digit(7)))
LEFT, RIGHT = (FoundInstance(bytes([label]) * 784, (60 * label, 0, 50, 90)) for label in (1, 2))


class Verdicts(FakeEndpoint):
    """Answers each call with the next verdict; a call with None fails."""

    def __init__(self, *verdicts: str | None) -> None:
        super().__init__()
        self.next = iter(verdicts)

    def invoke(self, *args: Any, **kwargs: Any) -> EndpointResponse:
        verdict = next(self.next)
        self.verdict, self.failure = verdict or "", None if verdict else EndpointFailed("it failed")
        return super().invoke(*args, **kwargs)


def showing(*found: FoundInstance) -> Recipe:
    return DIGITS._replace(find_instances=lambda _: Picture(300, 200, list(found)))


def send(endpoint: FakeEndpoint, recipe: Recipe, body: bytes | str = SEVEN, declared: str = "image/png") -> dict[str, Any]:
    response = Handler(Service(recipe, endpoint, id_key=ID_KEY))(event("POST", "/predictions", body, declared), FakeContext())
    assert response["statusCode"] == 200, response["body"]
    return dict(json.loads(response["body"]))


@pytest.mark.parametrize(
    ("whole", "parts", "count"),
    [
        ("unsure", "certain", 2),
        ("not a digit", "certain", 2),
        ("not a digit", "unsure", 2),
        ("unsure", "unsure", 1),
        ("unsure", "not a digit", 1),
    ],
)
def test_counts_digits_of_which_each_has_a_better_verdict_than_all_as_one(whole: str, parts: str, count: int) -> None:
    endpoint = Verdicts(whole, parts)
    answer = send(endpoint, showing(LEFT, RIGHT))
    (prediction,) = answer["predictions"]
    assert (prediction["verdict"], prediction.get("digits_found", 1)) == (whole, count)
    assert [note["code"] for note in answer.get("notes", [])] == ["several-digits"] * (count - 1)
    assert endpoint.instances == [LEFT.instance, RIGHT.instance]


def test_counts_no_single_digit_and_no_empty_page() -> None:
    assert "digits_found" not in send(Verdicts("unsure", "certain"), showing(LEFT))["predictions"][0]
    assert "digits_found" not in send(Verdicts("unsure"), showing())["predictions"][0]


@pytest.mark.parametrize(
    ("verdict", "body", "declared"),
    [("certain", SEVEN, "image/png"), ("unsure", json.dumps({"instances": [[9] * 784]}), "application/json")],
    ids=["a certain picture", "values"],
)
def test_asks_once_of(verdict: str, body: bytes | str, declared: str) -> None:
    assert "digits_found" not in send(Verdicts(verdict), showing(LEFT, RIGHT), body, declared)["predictions"][0]


def test_answers_without_a_count_where_the_second_look_fails() -> None:
    def refuse(_: bytes) -> Picture:
        raise InvalidInput("noise")

    assert "notes" not in send(Verdicts("unsure", None), showing(LEFT, RIGHT))
    assert "notes" not in send(Verdicts("unsure"), DIGITS._replace(find_instances=refuse))
    assert "notes" not in send(Verdicts("unsure"), DIGITS._replace(find_instances=None))


def test_counts_of_a_form_s_files_those_that_the_model_doubts() -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n%b\r\n'
    body = b"".join(part % content for content in (json.dumps([[9] * 784]).encode(), SEVEN)) + b"--x--"
    answer = send(Verdicts("unsure", "certain"), showing(LEFT, RIGHT), body, "multipart/form-data; boundary=x")
    assert [each.get("digits_found", 1) for each in answer["predictions"]] == [1, 2]
