"""Feedback to answers of several recipes: the id says whose labels count."""

import json
from typing import Any

import pytest

from functions.feedback.allowance import Allowance
from functions.feedback.handler import Handler
from functions.feedback.service import Service
from functions.shared.object_store import Store
from functions.shared.predictions import Prediction, outcomes_of
from recipes.recipe import load
from tests.events import event
from tests.fakes import FakeContext
from tests.moto_aws import Bucket

USER, KEY, NOW_S = "11111111-aaaa", "any key", 1_795_251_600
STOPS = load("stop_search")


def give(results: Bucket, recipe: str, place: int, label: Any) -> int:
    store = Store(results.client, results.name)
    service = Service(store, load("digits"), [KEY], Allowance(store, 10), others=["stop_search"], now=lambda: NOW_S)
    id_ = Prediction("r1", "main", "1.0.0", NOW_S, (place,), recipe).to_id(USER, KEY)
    request = event("POST", f"/predictions/{id_}/feedback", json.dumps({"label": label}), "application/json", user=USER)
    return int(Handler(service)(request, FakeContext())["statusCode"])


@pytest.mark.parametrize(
    ("recipe", "label", "status"),
    [
        ("stop_search", STOPS.labels[0], 200),
        ("stop_search", 7, 422),
        ("digits", 7, 200),
        ("", 7, 200),  # signed while the deployment had one recipe
        ("digits", STOPS.labels[0], 422),
        ("salary", 7, 404),  # which the deployment has no more
    ],
)
def test_judges_a_label_by_the_recipe_that_answered(results: Bucket, recipe: str, label: Any, status: int) -> None:
    assert give(results, recipe, 0, label) == status
    kept = {name: len(results.list_keys(outcomes_of(name))) for name in ("digits", "stop_search")}
    assert kept == {name: int(status == 200 and (recipe or "digits") == name) for name in kept}


def test_refuses_an_answer_with_a_label_that_its_recipe_does_not_have(results: Bucket) -> None:
    assert give(results, "stop_search", len(STOPS.labels), STOPS.labels[0]) == 404
