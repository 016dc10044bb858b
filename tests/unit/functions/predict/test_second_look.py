"""A picture that the model doubts is looked at once more: for several digits, and for other readings of the one."""

import json
from typing import Any

import pytest

from functions.predict.handler import Handler
from functions.predict.service import Service
from functions.shared.endpoint.interface import EndpointResponse
from recipes.errors import BlankImage, EndpointFailed, InvalidInput
from recipes.recipe import FoundInstance, ImageInstance, Picture, Recipe, load
from tests.digits import digit, encoded, on_page
from tests.events import ID_KEY, event
from tests.fakes import FakeContext, FakeEndpoint

DIGITS = load("digits")._replace(read_image=lambda _: ImageInstance(bytes(784)))
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


def showing(*found: FoundInstance, reading: int | None = None) -> Recipe:
    """Return a recipe that finds these in any picture, and reads it again as a digit of this label; with None there is no such reading."""

    def reread(_: bytes) -> bytes:
        if reading is None:
            raise BlankImage("nothing")
        return bytes([reading]) * 784

    return DIGITS._replace(find_instances=lambda _: Picture(300, 200, list(found)), reread_image=reread)


def send(
    endpoint: FakeEndpoint, recipe: Recipe, body: bytes | str = SEVEN, declared: str = "image/png", query: dict[str, str] | None = None
) -> dict[str, Any]:
    asked = event("POST", "/predictions", body, declared, query=query)
    response = Handler(Service(recipe, endpoint, id_key=ID_KEY))(asked, FakeContext())
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


@pytest.mark.parametrize(("reading", "verdict", "label"), [(4, "certain", 4), (4, "unsure", 0), (None, "certain", 0)])
def test_answers_with_another_reading_that_is_certain(reading: int | None, verdict: str, label: int) -> None:
    endpoint = Verdicts("not a digit", verdict)
    (prediction,) = send(endpoint, showing(LEFT, reading=reading), query={"include": "pixels"})["predictions"]
    assert (prediction["label"], prediction["verdict"]) == (label, "certain" if label else "not a digit")
    assert (prediction["pixels"] == [4] * 784) == bool(label)  # what is shown is what was answered
    assert len(endpoint.asked) == 2  # all is asked in one call


def test_counts_several_digits_before_it_reads_one_in_another_way() -> None:
    (prediction,) = send(Verdicts("not a digit", "certain"), showing(LEFT, RIGHT, reading=4))["predictions"]
    assert (prediction["label"], prediction["digits_found"]) == (0, 2)


def test_leaves_what_is_unsure_as_it_is() -> None:
    endpoint = Verdicts("unsure", "certain")
    assert send(endpoint, showing(LEFT, reading=4))["predictions"][0]["label"] == 0
    assert endpoint.instances == [LEFT.instance]


def test_answers_with_no_reading_of_one_where_several_were_counted_at_once() -> None:
    recipe = showing(LEFT, reading=4)._replace(read_image=lambda _: ImageInstance(bytes(784), 2))
    (prediction,) = send(Verdicts("not a digit", "certain"), recipe)["predictions"]
    assert (prediction["label"], prediction["digits_found"]) == (0, 2)


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
    assert "notes" not in send(Verdicts("unsure"), showing()._replace(find_instances=refuse))
    assert "notes" not in send(Verdicts("unsure"), showing()._replace(find_instances=None))


def test_counts_of_a_form_s_files_those_that_the_model_doubts() -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n%b\r\n'
    body = b"".join(part % content for content in (json.dumps([[9] * 784]).encode(), SEVEN)) + b"--x--"
    answer = send(Verdicts("unsure", "certain"), showing(LEFT, RIGHT), body, "multipart/form-data; boundary=x")
    assert [each.get("digits_found", 1) for each in answer["predictions"]] == [1, 2]
