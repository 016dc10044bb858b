"""Labels for predictions: kept once and counted once, whatever is repeated, contradicted or cut short."""

import base64
import json
from typing import Any

import pytest

from functions.feedback.allowance import Allowance
from functions.feedback.handler import Handler
from functions.feedback.service import OPEN_S, Service
from functions.shared.object_store import Store
from functions.shared.predictions import SCHEMA, Prediction, outcomes_of, parse_outcome
from functions.shared.signature import MAC_LENGTH
from recipes.instances import MAX_INSTANCES
from recipes.recipe import load
from tests.events import REQUEST_ID, event
from tests.fakes import FakeContext
from tests.moto_aws import Bucket

NOW_S = 1_795_251_600
LAST_KEY, KEYS, OLDER_KEY = "the key before", ("any key", "the key before"), "the key before the last"
USER, OTHER = "11111111-aaaa", "22222222-bbbb"
ONE = Prediction("r1", "champion", "1.0.0+0e985eab", NOW_S - 60, (7,))
PER_HOUR = 3
THREE = ONE._replace(request_id="r3", predicted=(7, 0, 2))


class World:
    def __init__(self, results: Bucket) -> None:
        self.results, self.now_s, self.recipe = results, float(NOW_S), load("digits")

    def give(self, prediction: Prediction | str, body: Any, user: str = USER) -> tuple[int, dict[str, Any]]:
        response = self.send(prediction, body, user)
        return response["statusCode"], json.loads(response["body"])

    def send(self, prediction: Prediction | str, body: Any, user: str = USER) -> dict[str, Any]:
        id_ = prediction if isinstance(prediction, str) else prediction.to_id(USER, KEYS[0])
        store = Store(self.results.client, self.results.name, sleep=lambda _: None)
        allowance = Allowance(store, PER_HOUR, now=lambda: self.now_s, sleep=lambda _: None)
        handler = Handler(Service(store, self.recipe, KEYS, allowance, now=lambda: self.now_s))
        text = body if isinstance(body, str) else json.dumps(body)
        return handler(event("POST", f"/predictions/{id_}/feedback", text, "application/json", user=user), FakeContext())

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
            "request_id": "r1",
            "instance": 0,
            "predicted": 7,
            "label": label,
            "variant": "champion",
            "version": "1.0.0+0e985eab",
            "at": "2026-11-21T08:59:00.000Z",
            "given_at": "2026-11-21T09:00:00.000Z",
            "given_by": USER,
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
    assert {count for key, count in world.results.count_writes().items() if key.startswith("feedback/")} == {1}


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
    assert world.give(ONE._replace(predicted=(None,)), {"label": 7})[1]["wrong"] == 1
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
    assert world.give(ONE._replace(at_s=NOW_S - age_s), {"label": 7})[0] == 200


def sign(prediction: Prediction, key: str = KEYS[0], owner: str = USER) -> str:
    return prediction.to_id(owner, key)


def forge(prediction: Prediction, schema: int = SCHEMA) -> str:
    """An id as a stranger would write it: all that an id says is in it, but no stranger has a key."""
    packed = [schema, prediction.request_id, prediction.variant, prediction.version, prediction.at_s, list(prediction.predicted)]
    return base64.urlsafe_b64encode(json.dumps(packed, separators=(",", ":")).encode()).decode().rstrip("=")


IDS = {
    "that is not one": "abc",
    "that is too old": sign(ONE._replace(at_s=NOW_S - OPEN_S - 1)),
    "from the future": sign(ONE._replace(at_s=NOW_S + 3600)),
    "of another recipe": sign(ONE._replace(predicted=(10,))),
    "of more instances than an answer has": sign(ONE._replace(predicted=(7,) * (MAX_INSTANCES + 1))),
    "of the form that was not signed": forge(ONE, 1),
    "with another's signature": forge(ONE._replace(version="2")) + sign(ONE)[-MAC_LENGTH:],
    "that is signed with an invented key": sign(ONE, "invented"),
    "that is signed with a key replaced twice": sign(ONE, OLDER_KEY),
    "that is another user's": sign(ONE, owner=OTHER),
    "of somebody who had not signed in": sign(ONE, owner="anyone"),
    "that says the same in another way": sign(ONE) + "=",
}


@pytest.mark.parametrize("id_", IDS.values(), ids=IDS)
def test_knows_no_prediction_by_an_id(world: World, id_: str) -> None:
    status, problem = world.give(id_, {"label": 7})
    assert (status, problem["type"]) == (404, "urn:inferstack:problem:not-found")
    assert world.results.list_keys() == []


def test_tells_nobody_that_an_id_is_anothers(world: World) -> None:
    answers = [world.give(id_, {"label": 7}, user) for id_, user in ((sign(ONE), OTHER), ("abc", OTHER))]
    assert answers[0] == answers[1]


def test_takes_what_the_key_before_signed(world: World) -> None:
    assert world.give(sign(ONE, LAST_KEY), {"label": 7})[0] == 200


def test_three_thousand_forged_votes_write_nothing(world: World) -> None:
    digits = tuple(number % 10 for number in range(2_981))
    one_id_with_many_votes = forge(Prediction("x", "champion", "9", NOW_S, digits))
    assert world.give(one_id_with_many_votes, {"labels": list(digits)})[0] == 404
    assert {world.give(forge(ONE._replace(request_id=str(number))), {"label": 3})[0] for number in range(50)} == {404}
    assert world.results.list_keys() == []


def test_a_replay_from_anywhere_counts_once(world: World) -> None:
    assert [world.give(ONE, {"label": 7}, user)[0] for user in (USER, OTHER, USER, OTHER)] == [200, 404, 200, 404]
    assert world.counted() == [("champion", ONE.version, True)]


def test_lets_a_caller_give_so_many_labels_an_hour_and_another_go_on(world: World) -> None:
    assert world.give(THREE, {"labels": [7, 0, None]})[0] == 200
    refused = world.send(ONE, {"label": 7})
    assert refused["statusCode"] == 200
    refused = world.send(ONE._replace(request_id="one too many"), {"label": 7})
    assert (refused["statusCode"], refused["headers"]["retry-after"]) == (429, "3600")
    assert json.loads(refused["body"])["type"] == "urn:inferstack:problem:too-many-requests"
    assert len(world.documents()) == 3
    assert world.give(sign(ONE, owner=OTHER), {"label": 7}, OTHER)[0] == 200
    world.now_s += 3600
    assert world.give(ONE._replace(request_id="in the next hour"), {"label": 7})[0] == 200


def test_takes_no_allowance_for_what_it_refuses_or_what_says_nothing(world: World) -> None:
    for body in ({"labels": [7, 7]}, {"label": 10}, {"labels": [None]}):
        world.give(ONE, body)
    assert world.results.list_keys() == []


def test_takes_none_where_a_recipe_answers_no_labels(world: World) -> None:
    world.recipe = world.recipe._replace(classes=())
    status, problem = world.give(ONE._replace(predicted=(None,)), {"label": 7})
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
