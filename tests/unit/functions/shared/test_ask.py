"""A recipe may ask the model while it looks for instances in a picture."""

import json
from dataclasses import replace
from typing import Any

import pytest

from functions.shared.endpoint.ask import let_ask
from functions.shared.endpoint.interface import EndpointResponse
from recipes import npy
from recipes.recipe import Ask, Picture, load

DIGITS = load("digits")


class Judge:
    """An endpoint that answers with these predictions, and keeps what it was asked."""

    def __init__(self, *predictions: dict[str, Any]) -> None:
        self.predictions, self.asked = predictions, b""

    def invoke(self, body: bytes, **options: Any) -> EndpointResponse:
        self.asked, self.remaining_s = body, options["remaining_s"]
        return EndpointResponse(json.dumps({"predictions": self.predictions, "model": {}}).encode(), "main")


def ask_about(endpoint: Judge, *instances: bytes) -> list[float]:
    answers: list[float] = []

    def find(_: bytes, *, ask: Ask) -> Picture:
        answers.extend(ask(instances))
        return Picture(1, 1, [])

    recipe = let_ask(endpoint, replace(DIGITS, find_instances=find), lambda: 7.5)
    assert recipe.find_instances
    recipe.find_instances(b"a picture")
    return answers


def test_the_answer_is_how_far_each_can_be_trusted() -> None:
    endpoint = Judge({"label": 8, "probability": 0.9, "trust": 0.2}, {"label": 5, "probability": 0.7})
    assert ask_about(endpoint, bytes(784), bytes([9]) * 784) == [0.2, 0.7]
    assert endpoint.asked == npy.write(bytes(784) + bytes([9]) * 784, (2, 28, 28), "uint8")
    assert endpoint.remaining_s == 7.5


@pytest.mark.parametrize(("said", "expected"), [(None, 1.0), ("high", 1.0), (7, 1.0), (-1, 0.0)])
def test_trusts_a_model_that_does_not_say(said: object, expected: float) -> None:
    assert ask_about(Judge({"label": 8, "trust": said}), bytes(784)) == [expected]


def test_a_recipe_of_one_instance_a_picture_asks_nothing() -> None:
    recipe = replace(DIGITS, find_instances=None)
    assert let_ask(Judge(), recipe, lambda: 1.0) is recipe
