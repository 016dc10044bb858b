"""A picture of a zip that the model doubts is looked at once more, as one of a request is."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from functions.process_upload.lines import Line
from functions.process_upload.predicting.predictor import LEAST_S
from functions.process_upload.predicting.second_look import LONGEST_S, look_again
from functions.shared.endpoint.interface import EndpointResponse
from recipes.errors import EndpointFailed, Malformed
from recipes.recipe import FoundInstance, ImageInstance, Picture, Recipe, load
from tests.fakes import FakeClock, FakeEndpoint
from tests.moto_aws import Bucket
from tests.unit.functions.process_upload.test_formats import PICTURE, zipped
from tests.uploads import World

DIGITS = load("digits")
FOUND = [FoundInstance(bytes([label]) * 784, (60 * label, 0, 50, 90)) for label in (1, 2)]
TWO = DIGITS._replace(
    read_image=lambda _: ImageInstance(bytes(784), marks=1), find_instances=lambda _: Picture(300, 200, FOUND), reread_image=None
)
ONE = TWO._replace(find_instances=lambda _: Picture(300, 200, []), reread_image=lambda _: bytes([4]) * 784)


class Doubting(FakeEndpoint):
    """Doubts what is all black, and is certain of all else; fails where it is asked about that, while `fails` is set."""

    fails = False
    doubt = "unsure"

    def invoke(self, body: bytes, **kwargs: Any) -> EndpointResponse:
        self.verdict = "certain" if any(body[-784:]) else self.doubt
        self.failure = EndpointFailed("it failed") if self.fails and self.verdict == "certain" else None
        return super().invoke(body, **kwargs)


def upload(results: Bucket, endpoint: FakeEndpoint, recipe: Recipe = TWO) -> World:
    world = World(results, recipe=recipe, endpoint=endpoint)
    world.deliver_upload("inbox/a.zip", zipped({"a.png": PICTURE, "b.png": PICTURE}))
    return world


def test_counts_in_a_zip_what_is_doubted_as_one(results: Bucket) -> None:
    world = upload(results, Doubting())
    lines = [json.loads(line) for line in world.read("predictions.jsonl").splitlines()]
    assert [(line["row"], line["verdict"], line["digits_found"], "marks_found" in line) for line in lines] == [
        (1, "unsure", 2, False),
        (2, "unsure", 2, False),
    ]
    (note,) = world.read_summary()["notes"]
    assert (note["code"], note["detail"]) == ("several-digits", "2 pictures show several digits, which were answered as one")


def test_answers_a_picture_of_a_zip_with_another_reading_that_is_certain(results: Bucket) -> None:
    endpoint = Doubting()
    endpoint.doubt = "not a digit"
    world = upload(results, endpoint, ONE)
    lines = [json.loads(line) for line in world.read("predictions.jsonl").splitlines()]
    assert [(line["name"], line["label"], line["verdict"]) for line in lines] == [("a.png", 4, "certain"), ("b.png", 4, "certain")]
    assert world.read_summary()["verdicts"] == {"certain": 2}


def test_does_not_look_twice_at_what_is_certain(results: Bucket) -> None:
    endpoint = FakeEndpoint()
    world = upload(results, endpoint)
    assert b"digits_found" not in world.read("predictions.jsonl")
    assert len(endpoint.asked) == 1


def test_answers_without_a_count_where_the_second_look_fails(results: Bucket) -> None:
    endpoint = Doubting()
    endpoint.fails = True
    summary = upload(results, endpoint).read_summary()
    assert (summary["succeeded"], summary["verdicts"]) == (2, {"unsure": 2})


def look(count: int, *, step_s: float = 0.0, left_s: float = 300.0, content: bytes | None = PICTURE, recipe: Recipe = TWO) -> list[Line]:
    clock = FakeClock()
    end = clock() + left_s

    def reread(_: int) -> bytes:
        clock.now_s += step_s
        if content is None:
            raise Malformed("it is broken")
        return content

    def predict(rows: list[Any], total: int, *, deadline: float) -> Iterator[Line]:
        assert total == len(rows)
        assert clock() < deadline <= end
        return (Line(row.number, {}, {"label": 1, "verdict": "certain"}) for row in rows)

    lines = (Line(number, {"name": "a"}, {"label": 8, "verdict": "not a digit"}) for number in range(1, count + 1))
    return list(look_again(lines, recipe, reread, predict, clock, deadline=end))


def test_looks_for_a_bounded_time() -> None:
    lines = look(100, step_s=LONGEST_S / 10)
    assert [line.row for line in lines] == [*range(1, 101)]
    assert [line.about.get("digits_found") for line in lines] == [2] * 10 + [None] * 90


def test_takes_none_of_the_time_for_writing_the_results() -> None:
    lines = look(5, step_s=1, left_s=LEAST_S + 2)
    assert [line.about.get("digits_found") for line in lines] == [2, 2, None, None, None]


def test_leaves_a_line_as_it_is_where_its_picture_cannot_be_read_again() -> None:
    assert [line.about for line in look(1, content=None)] == [{"name": "a"}]


def test_logs_a_defect_of_its_own_and_gives_the_line_on(capsys: pytest.CaptureFixture[str]) -> None:
    broken = TWO._replace(find_instances=lambda _: Picture(*[]))  # raises TypeError
    assert [line.about for line in look(1, recipe=broken)] == [{"name": "a"}]
    logged = json.loads(capsys.readouterr().out)
    assert (logged["level"], logged["error"], logged["row"]) == ("ERROR", "TypeError", 1)
    look(1, content=None)
    assert capsys.readouterr().out == ""  # what the sender can mend is said in the answer alone
