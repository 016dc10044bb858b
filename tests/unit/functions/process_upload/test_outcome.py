"""What becomes of a batch: failed if no row is answered, its failures counted by reason, its labels compared with the answers."""

import json

import pytest

from functions.process_upload.documents import Body
from functions.process_upload.lines import Failure, Line
from functions.process_upload.results import Metadata
from functions.process_upload.score import Score
from functions.process_upload.tally import Tally
from functions.shared.reading.rows import Row
from recipes.recipe import load
from tests.moto_aws import Bucket
from tests.unit.functions.process_upload.test_formats import INSTANCES, csv, zipped
from tests.uploads import World

DIGITS, SALARY = load("digits"), load("salary")
BAD = {
    "csv": b"\n".join(csv([each]).replace(b",0", b",300", 1) for each in INSTANCES[:3]),
    "jsonl": b"[1]\n[2]\n[3]",
    "zip": zipped({"a.png": b"\x89PNG\r\n\x1a\n", "b.png": b"\x89PNG\r\n\x1a\n", "c.jpg": b"\xff\xd8\xff"}),
}


@pytest.fixture
def world(results: Bucket) -> World:
    return World(results)


@pytest.mark.parametrize("format_", BAD)
def test_fails_a_batch_of_which_no_row_is_answered_with_the_reason_once(world: World, format_: str) -> None:
    world.deliver_upload("inbox/a", BAD[format_], {"csv": "true"})
    summary = world.read_summary()
    assert [summary[name] for name in ("state", "rows", "succeeded", "failed")] == ["failed", 3, 0, 3]
    (reason,) = summary["reasons"]
    assert (reason["count"], reason["row"], summary["error"]["code"]) == (3, 1, reason["code"])
    assert summary["error"]["detail"] == f"none of the 3 rows could be read ({reason['code']} ×3); row 1: {reason['detail']}"
    assert summary["error"]["title"]
    assert len(world.read("predictions.jsonl").splitlines()) == len(world.read("predictions.csv").splitlines()) - 1 == 3


def test_says_of_one_row_that_is_not_answered_why(world: World) -> None:
    world.deliver_upload("inbox/a.jsonl", b"[1]")
    summary = world.read_summary()
    assert (summary["state"], summary["error"]["detail"]) == ("failed", summary["failures"][0]["detail"])


def test_counts_what_is_not_answered_by_reason(world: World) -> None:
    lines = [csv(INSTANCES[:1]), b"1,2", csv(INSTANCES[1:2]).replace(b",0", b",x", 1), b"3", csv(INSTANCES[2:3])]
    world.deliver_upload("inbox/a.csv", b"\n".join(lines))
    summary = world.read_summary()
    assert [summary[name] for name in ("state", "rows", "failed")] == ["succeeded", 5, 3]
    assert [(each["code"], each["count"], each["row"]) for each in summary["reasons"]] == [("wrong-shape", 2, 2), ("not-a-number", 1, 3)]


def summarize(*lines: Line, recipe_name: str = "digits") -> Body:
    tally = Tally(load(recipe_name))
    for line in lines:
        tally.add(Line.from_json(json.loads(line.encode())))  # as they are read again from predictions.jsonl
    return tally.summarize(Metadata("csv"))


def answer(number: int, expected: object, label: object) -> Line:
    return Line.of_row(Row(number, b"", label=expected)).with_prediction({"label": label, "probability": 0.9}, "1")  # type: ignore[arg-type]


def test_compares_the_answers_with_the_labels_of_the_upload() -> None:
    failed = Line(5, {"expected": "3"}, error=Failure("wrong-shape", detail="short"))
    body = summarize(answer(1, "7", 7), answer(2, 7, 1), answer(3, "1.0", 1), answer(4, " 7 ", 7), failed, answer(6, None, 2))
    assert body["score"] == {
        "labelled": 5,
        "scored": 4,
        "correct": 3,
        "accuracy": 0.75,
        "confusion": {"1": {"1": 1}, "7": {"1": 1, "7": 2}},
    }


def test_names_labels_that_the_recipe_does_not_have() -> None:
    body = summarize(*(answer(number, label, 7) for number, label in enumerate(["A", "A", "7.5", "10", "", "nan", "7", "0_7", True], 1)))
    score = body["score"]
    assert (score["labelled"], score["scored"], score["accuracy"]) == (8, 1, 1.0)
    assert score["unknown_labels"] == {"A": 2, "7.5": 1, "10": 1, "nan": 1, "0_7": 1, "True": 1}


def test_keeps_few_of_many_unknown_labels() -> None:
    score = Score(DIGITS)
    for number in range(3000):
        score.add("x" * 100 + str(number), {"label": 7})
        score.add(f"{number}x", {"label": 7})
    assert len(score.unknown) <= 1000
    assert len(score.to_json()["unknown_labels"]) == 10


def test_measures_the_answers_of_a_regression() -> None:
    rows = [(1.0, 2.0), (3.0, 3.0), ("5", 4.0), ("dear", 1.0)]
    lines = [Line(number, {"expected": expected}, {"value": value}, "1") for number, (expected, value) in enumerate(rows, 1)]
    score = summarize(*lines, recipe_name="salary")["score"]
    assert score == {"labelled": 4, "scored": 3, "mae": pytest.approx(2 / 3), "r2": pytest.approx(1 - 2 / 8), "unknown_labels": {"dear": 1}}


@pytest.mark.parametrize("expected", [[5], [5, 5], [1e308, -1e308]])
def test_leaves_out_what_cannot_be_computed(expected: list[float]) -> None:
    score = Score(SALARY)
    for each in expected:
        score.add(each, {"value": 1e308})
    assert json.loads(json.dumps(score.to_json(), allow_nan=False))["r2"] is None


def test_has_no_score_without_labels() -> None:
    assert "score" not in summarize(answer(1, None, 7))
