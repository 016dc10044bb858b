"""Labels for predictions: kept once and counted once, whatever is repeated, contradicted or cut short."""

import json
from dataclasses import replace
from typing import Any

import pytest

from functions.feedback.handler import Handler
from functions.feedback.service import OPEN_S, Service
from functions.shared.object_store import Store
from functions.shared.predictions import Prediction, outcomes_of, parse_outcome
from recipes.recipe import load
from tests.events import REQUEST_ID, event
from tests.fakes import FakeContext
from tests.moto_aws import Bucket

NOW_S = 1_795_251_600
ONE = Prediction("r1", "champion", "1.0.0+0e985eab", NOW_S - 60, (7,))
THREE = replace(ONE, request_id="r3", predicted=(7, 0, 2))


class World:
    def __init__(self, results: Bucket) -> None:
        self.results, self.now_s, self.recipe = results, float(NOW_S), load("digits")

    def give(self, prediction: Prediction | str, body: Any) -> tuple[int, dict[str, Any]]:
        id_ = prediction if isinstance(prediction, str) else prediction.id
        handler = Handler(Service(Store(self.results.client, self.results.name), self.recipe, now=lambda: self.now_s))
        text = body if isinstance(body, str) else json.dumps(body)
        response = handler(event("POST", f"/predictions/{id_}/feedback", text, "application/json"), FakeContext())
        return response["statusCode"], json.loads(response["body"])

    def counted(self) -> list[tuple[str, str, bool]]:
        outcomes = [parse_outcome(key) for key in self.results.list_keys(outcomes_of("digits"))]
        return [(each.variant, each.version, each.right) for each in outcomes]

    def documents(self) -> list[dict[str, Any]]:
        documents = [json.loads(self.results.read(key)) for key in self.results.list_keys("feedback/given/")]
        return sorted(documents, key=lambda each: int(each["instance"]))


@pytest.fixture
def world(results: Bucket) -> World:
    return World(results)


@pytest.mark.parametrize(("label", "right"), [(7, 1), (3, 0)])
def test_keeps_a_label_and_counts_its_outcome(world: World, label: int, right: int) -> None:
    status, answer = world.give(ONE, {"label": label})
    assert (status, answer) == (200, {"right": right, "wrong": 1 - right, "request_id": REQUEST_ID})
    assert world.counted() == [("champion", "1.0.0+0e985eab", bool(right))]
    assert world.documents() == [
        {
            "id": ONE.id,
            "instance": 0,
            "predicted": 7,
            "label": label,
            "variant": "champion",
            "version": "1.0.0+0e985eab",
            "at": "2026-11-21T08:59:00.000Z",
            "given_at": "2026-11-21T09:00:00.000Z",
        }
    ]


def test_keeps_a_label_an_instance_and_no_opinion_for_null(world: World) -> None:
    assert world.give(THREE, {"labels": [7, None, 3]})[1] == {"right": 1, "wrong": 1, "request_id": REQUEST_ID}
    assert [(each["instance"], each["predicted"], each["label"]) for each in world.documents()] == [(0, 7, 7), (2, 2, 3)]
    assert sorted(right for *_, right in world.counted()) == [False, True]


def test_answers_a_repeat_as_before_and_counts_it_once(world: World) -> None:
    first = world.give(THREE, {"labels": [7, 7, None]})
    world.now_s += 3600
    assert world.give(THREE, {"labels": [7, 7, None]}) == first
    assert len(world.counted()) == 2
    assert set(world.results.count_writes().values()) == {1}


def test_lets_the_first_label_stay_and_keeps_the_others(world: World) -> None:
    world.give(THREE, {"labels": [7, None, None]})
    status, problem = world.give(THREE, {"labels": [1, 0, None]})
    assert (status, problem["type"]) == (409, "urn:inferstack:problem:conflict")
    assert "instance 0" in problem["detail"]
    assert [(each["instance"], each["label"]) for each in world.documents()] == [(0, 7), (1, 0)]
    assert [right for *_, right in world.counted()] == [True, True]


def test_counts_at_the_next_attempt_a_label_whose_outcome_was_not_written(world: World) -> None:
    world.give(ONE, {"label": 3})
    world.results.delete(ONE.outcome_key("digits", 0, right=False))
    assert world.counted() == []
    assert world.give(ONE, {"label": 3})[0] == 200
    assert world.counted() == [("champion", "1.0.0+0e985eab", False)]


def test_counts_a_label_the_recipe_does_not_know_as_wrong(world: World) -> None:
    assert world.give(replace(ONE, predicted=(None,)), {"label": 7})[1]["wrong"] == 1
    assert world.documents()[0]["predicted"] is None


BODIES = {
    "no JSON": ("{", 400),
    "nothing": ({}, 400),
    "a list": ([7], 400),
    "no label": ({"label": None}, 400),
    "both": ({"label": 7, "labels": [7]}, 400),
    "one label for all": ({"labels": 7}, 400),
    "a label that the recipe does not have": ({"label": 10}, 422),
    "a label as text": ({"label": "7"}, 422),
    "a boolean": ({"label": True}, 422),
    "a float": ({"label": 7.0}, 422),
    "a list for a label": ({"label": [7]}, 422),
    "too many labels": ({"labels": [7, 7]}, 422),
    "too few labels": ({"labels": []}, 422),
    "a body over the limit": ('{"label":' + " " * 100_000 + "7}", 413),
}


@pytest.mark.parametrize(("body", "status"), BODIES.values(), ids=BODIES)
def test_refuses_and_keeps_nothing_for(world: World, body: Any, status: int) -> None:
    assert world.give(ONE, body)[0] == status
    assert world.results.list_keys() == []


@pytest.mark.parametrize("age_s", [OPEN_S - 1, -200])
def test_takes_feedback_for_thirty_days(world: World, age_s: int) -> None:
    assert world.give(replace(ONE, at_s=NOW_S - age_s), {"label": 7})[0] == 200


IDS = {
    "that is not one": "abc",
    "that is too old": replace(ONE, at_s=NOW_S - OPEN_S - 1).id,
    "from the future": replace(ONE, at_s=NOW_S + 3600).id,
    "of another recipe": replace(ONE, predicted=(10,)).id,
}


@pytest.mark.parametrize("id_", IDS.values(), ids=IDS)
def test_knows_no_prediction_by_an_id(world: World, id_: str) -> None:
    status, problem = world.give(id_, {"label": 7})
    assert (status, problem["type"]) == (404, "urn:inferstack:problem:not-found")
    assert world.results.list_keys() == []


def test_takes_none_where_a_recipe_answers_no_labels(world: World) -> None:
    world.recipe = replace(world.recipe, labels=())
    status, problem = world.give(replace(ONE, predicted=(None,)), {"label": 7})
    assert (status, problem["type"]) == (422, "urn:inferstack:problem:invalid-input")


def test_logs_which_model_was_judged_but_no_label(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.give(ONE, {"label": 3})
    line = json.loads(capsys.readouterr().out)
    assert line.pop("duration_ms") > 0
    assert line == {
        "level": "INFO",
        "status": 200,
        "request_id": REQUEST_ID,
        "method": "POST",
        "path": "/predictions/{id}/feedback",
        "variant": "champion",
        "model": "1.0.0+0e985eab",
        "right": 0,
        "wrong": 1,
    }
