"""What becomes of a batch: failed if no row is answered, its failures counted by reason, its labels compared with the answers."""

import io
import json

import pytest

from functions.process_upload.documents import Body, JobDetails, StagedJob
from functions.process_upload.events import Upload
from functions.process_upload.lines import Failure, Line
from functions.process_upload.results.names import MOST_NAMES, OTHERS
from functions.process_upload.results.predictions import Metadata
from functions.process_upload.results.score import Score
from functions.process_upload.results.tally import Tally
from functions.shared.jobs import Job
from functions.shared.reading.notes import Note
from functions.shared.reading.rows import Row, Rows
from recipes.recipe import FoundInstance, ImageInstance, Picture, load
from tests.moto_aws import Bucket
from tests.rows import open_upload
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
    return Line.of_row(Row(number, b"", label=expected), load("digits")).with_prediction({"label": label, "probability": 0.9}, "1")  # type: ignore[arg-type]


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


def test_scores_a_table_with_a_column_of_labels(world: World) -> None:
    rows = [("7", [7, 200]), ("1", [7, 200]), ("A", [7, 200]), ("", [7, 200]), ("7", [7, 300])]
    table = ",".join(["label", *(f"pixel{number}" for number in range(784))]).encode()
    for label, values in rows:
        table += b"\n" + ",".join([label, *map(str, values + [0] * 782)]).encode()
    world.deliver_upload("inbox/a.csv", table, {"csv": "true"})
    summary = world.read_summary()
    assert (summary["state"], summary["rows"], summary["failed"]) == ("succeeded", 5, 1)
    assert summary["score"] == {
        "labelled": 4,
        "scored": 2,
        "correct": 1,
        "accuracy": 0.5,
        "confusion": {"1": {"7": 1}, "7": {"7": 1}},
        "unknown_labels": {"A": 1},
    }
    assert [line.split(b",")[14] for line in world.read("predictions.csv").splitlines()] == [b"expected", b"7", b"1", b"A", b"", b"7"]


def test_scores_an_npz_with_its_labels(world: World) -> None:
    import numpy as np

    out = io.BytesIO()
    images = np.zeros((3, 28, 28), np.uint8)
    images[:, 0, :2] = 7, 200
    np.savez(out, x_test=images, y_test=np.array([7, 7, 2]))
    world.deliver_upload("inbox/a.npz", out.getvalue())
    score = world.read_summary()["score"]
    assert (score["labelled"], score["correct"], score["confusion"]) == (3, 2, {"2": {"7": 1}, "7": {"7": 2}})


def test_names_labels_that_the_recipe_does_not_have() -> None:
    body = summarize(*(answer(number, label, 7) for number, label in enumerate(["A", "A", "7.5", "10", "", "nan", "7", "0_7", True], 1)))
    score = body["score"]
    assert (score["labelled"], score["scored"], score["accuracy"]) == (8, 1, 1.0)
    assert score["unknown_labels"] == {"A": 2, "7.5": 1, "10": 1, "nan": 1, "0_7": 1, "True": 1}


@pytest.mark.parametrize("label", ["1e999", "-1e999", '"inf"'])
def test_repeats_a_label_as_json_where_json_has_no_such_number(label: str) -> None:
    """Python writes infinity as Infinity, which no other reader of JSON takes."""
    (row,) = open_upload(b'{"instance": [3.1], "label": %s}\n' % label.encode(), load("salary")).rows
    line = Line.of_row(row, load("salary")).with_prediction({"value": 1.0}, "1").encode()
    assert json.loads(line, parse_constant=pytest.fail)["expected"].endswith("inf")


def test_scores_labels_in_quotes() -> None:
    """OpenML's MNIST has the class '7' in quotes."""
    score = summarize(*(answer(number, label, 7) for number, label in enumerate(["'7'", '"7"', "'1'"], 1)))["score"]
    assert (score["scored"], score["confusion"]) == (3, {"1": {"7": 1}, "7": {"7": 2}})


def test_scores_classes_whose_names_have_quotes_or_stand_in_white_space() -> None:
    score = Score(DIGITS._replace(classes=('5"', "rock 'n'", "cat")))
    for label in ('5"', "rock 'n'", "cat\t", "\n'cat'", "cats"):
        score.add(label, {"label": "cat"})
    assert (score.to_json()["scored"], dict(score.unknown)) == (4, {"cats": 1})


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


def test_leaves_out_of_score_and_values_what_float32_cannot_hold() -> None:
    lines = [Line(number, {"expected": "5"}, {"value": value}, "1") for number, value in enumerate([None, 4.0], 1)]
    body = summarize(*lines, recipe_name="salary")
    assert (body["values"], body["score"]["labelled"], body["score"]["scored"]) == ({"min": 4.0, "median": 4.0, "max": 4.0}, 2, 1)
    assert summarize(lines[0], recipe_name="salary")["labels"] == {}


def test_fails_a_row_that_the_model_has_no_finite_answer_to(world: World) -> None:
    none = {"label": 0, "probability": None, "probabilities": [None] * 10}
    predictions = [{"label": 1, "probability": 1.0, "row": 9, "error": "no"}, none, {"label": 3, "probability": 1.0}]
    world.endpoint.answer = json.dumps({"predictions": predictions, "model": {"version": "1"}}).encode()
    world.deliver_upload("inbox/a.csv", b"\n".join(csv([each]) for each in INSTANCES[:3]), {"csv": "true"})
    summary = world.read_summary()
    assert (summary["state"], summary["rows"], summary["failed"], summary["labels"]) == ("succeeded", 3, 1, {"1": 1, "3": 1})
    assert [(each["code"], each["row"]) for each in summary["reasons"]] == [("out-of-range", 2)]
    assert [json.loads(line)["row"] for line in world.read("predictions.jsonl").splitlines()] == [1, 2, 3]


def test_counts_few_of_as_many_names_as_there_are_rows() -> None:
    """A container of somebody's own may answer anything."""
    tally = Tally(DIGITS)
    for number in range(MOST_NAMES + 3):
        tally.add(answer(number, "7", f"label {number}").with_prediction({"label": f"label {number}"}, f"version {number}"))
    body = tally.summarize(Metadata("csv"))
    for counts in (body["labels"], body["models"], body["score"]["confusion"]["7"]):
        assert (len(counts), counts[OTHERS]) == (MOST_NAMES + 1, 3)


TWO = DIGITS._replace(read_image=lambda _: ImageInstance(bytes(784), 2), find_instances=lambda _: PAGE)
BOXES = [(number, 2000, 3000, 4000) for number in range(50)]
PAGE = Picture(5000, 7000, [FoundInstance(INSTANCES[1], (1, 2, 3, 4), 2, "point"), FoundInstance(INSTANCES[2], None)], BOXES)
PICTURE = b"\x89PNG\r\n\x1a\n"


def test_says_where_a_pictures_digits_stand_and_which_ink_is_none(results: Bucket) -> None:
    world = World(results, recipe=TWO)
    world.deliver_upload("inbox/page.png", PICTURE, {"csv": "true"})
    first, second = (json.loads(line) for line in world.read("predictions.jsonl").splitlines())
    assert [first[name] for name in ("box", "line", "after")] == [[1, 2, 3, 4], 2, "point"]
    assert ("box" in second, second["line"], second["after"]) == (False, 1, "")
    summary = world.read_summary()
    assert (summary["unread"], summary["unread_count"]) == ([list(box) for box in BOXES[:30]], 50)
    assert b",1 2 3 4,2,point," in world.read("predictions.csv")


def test_shows_the_model_each_way_to_cut_what_touches_in_one_call(results: Bucket) -> None:
    whole, left, right = (FoundInstance(bytes([label]) * 784, (10 * label, 0, 10, 10)) for label in (8, 1, 3))
    page = Picture(300, 200, [whole], BOXES, [left.instance, right.instance], lambda _: Picture(300, 200, [left, right], BOXES[:1]))
    world = World(results, recipe=DIGITS._replace(find_instances=lambda _: page))
    world.deliver_upload("inbox/page.png", PICTURE)
    lines = [json.loads(line) for line in world.read("predictions.jsonl").splitlines()]
    assert [(line["row"], line["label"], line["box"][0]) for line in lines] == [(1, 1, 10), (2, 3, 30)]
    summary = world.read_summary()
    assert (len(world.endpoint.asked), summary["rows"], summary["unread_count"]) == (1, 2, 1)


def test_says_that_only_marks_are_on_a_picture(results: Bucket) -> None:
    world = World(results, recipe=TWO._replace(find_instances=lambda _: PAGE._replace(found=[])))
    world.deliver_upload("inbox/page.png", PICTURE)
    error = world.read_summary()["error"]
    assert (error["code"], error["detail"]) == ("blank-image", "no digit was found; 50 marks could not be read")


def test_says_which_pictures_of_a_zip_show_several_digits(results: Bucket) -> None:
    world = World(results, recipe=TWO)
    world.deliver_upload("inbox/a.zip", zipped({"a.png": PICTURE, "b.png": PICTURE}))
    assert [json.loads(line)["digits_found"] for line in world.read("predictions.jsonl").splitlines()] == [2, 2]
    (note,) = world.read_summary()["notes"]
    assert (note["code"], note["detail"]) == ("several-digits", "2 pictures show several digits, which were answered as one")


def test_says_which_pictures_of_a_zip_show_ink_beside_the_digit(results: Bucket) -> None:
    pictures = iter((ImageInstance(bytes(784), marks=2), ImageInstance(bytes(784))))
    world = World(results, recipe=DIGITS._replace(read_image=lambda _: next(pictures)))
    world.deliver_upload("inbox/a.zip", zipped({"a.png": PICTURE, "b.png": PICTURE}))
    assert [json.loads(line).get("marks_found") for line in world.read("predictions.jsonl").splitlines()] == [2, None]
    (note,) = world.read_summary()["notes"]
    assert (note["code"], note["detail"].split(",")[0]) == ("unread-marks", "1 picture shows ink beside the digit")


NOTES = [Note("a-code", "x" * 300 + "é", "y"), Note("b", "z"), Note("c", "w" * 900), Note("d", "never")]


def test_keeps_what_a_crash_would_lose_in_what_s3_takes() -> None:
    picture = Picture(50_000, 50_000, [], [(30_000, 30_000, 30_000, 30_000)] * 99)
    rows = Rows("image", iter(()), notes=tuple(NOTES), picture=picture)
    metadata = Metadata.of_rows(rows, csv=True)
    headers = metadata.to_headers()
    assert Metadata.from_headers(headers) == metadata
    assert (metadata.notes, metadata.unread_count) == (tuple(NOTES[:2]), 99)
    assert sum(len(name) + len(value.encode("ascii")) for name, value in headers.items()) < 2048


def test_keeps_notes_while_batch_transform_predicts() -> None:
    details = JobDetails.of_record(Job.of_owner("me", "0" * 26), Upload("k", "v", "", 1, "t"), {}, "t")
    staged = StagedJob(details, "csv", 3, tuple(NOTES))
    assert StagedJob.from_json(json.loads(json.dumps(staged.to_json()))).notes == tuple(NOTES)


def test_has_no_score_without_labels() -> None:
    assert "score" not in summarize(answer(1, None, 7))
