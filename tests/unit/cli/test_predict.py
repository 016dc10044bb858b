"""`inferstack predict`: a table for a model of labels, and one for a model of numbers."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import httpx
from typer.testing import Result

from cli.commands.predict import build_rows
from cli.jobs.summary import summarize_answers
from cli.main import app
from tests.command import CliRunner
from tests.unit.cli.world import URL, fake_services

MODEL = {"name": "linear", "version": "1.0.0"}


def build_answer(*predictions: dict[str, Any]) -> dict[str, Any]:
    return {"file": "a.csv", "latency_ms": 4.2, "predictions": list(predictions), "model": MODEL}


def test_shows_a_value_with_its_unit_and_no_probability() -> None:
    first, second = build_rows([build_answer({"value": 53512.25}, {"value": -1})], "US$ a year")
    empty = {"probability": "", "verdict": ""}
    assert first == {"file": "a.csv", "answer": "53,512.25 US$ a year", **empty, "model": "linear 1.0.0", "ms": 4.2}
    assert (second["file"], second["answer"]) == ("", "-1 US$ a year")


def test_shows_a_label_with_its_probability() -> None:
    (row,) = build_rows([build_answer({"label": 7, "probability": 0.9987})])
    assert (row["answer"], row["probability"], row["verdict"]) == (7, "99.9%", "")


def test_shows_how_far_each_answer_can_be_trusted() -> None:
    rows = build_rows([build_answer({"label": 4, "probability": 0.94, "trust": 0.02, "verdict": "not a digit"})])
    assert (rows[0]["verdict"], list(rows[0])) == ("not a digit", ["file", "answer", "probability", "verdict", "model", "ms"])
    summary = {"labels": {"4": 3}, "verdicts": {"certain": 1, "not a digit": 2}}
    assert summarize_answers(summary) == "4 ×3, 2 not a digit"
    digits = [{"label": 4, "verdict": "certain"}, {"label": 7, "verdict": "unsure"}, {"label": 1}]
    assert summarize_answers({"predictions": digits}) == "4 7? 1"


def test_shows_digits_line_by_line_with_what_stands_between() -> None:
    def digit(label: int, line: int, after: str = "", *, picture: int = 1, trust: float = 0.9, verdict: str = "certain") -> dict[str, Any]:
        place = {"picture": picture, "line": line, "after": after}
        return {"label": label, "probability": 0.99, "trust": trust, "verdict": verdict, **place}

    predictions = [digit(3, 1, "point"), digit(1, 1, trust=0.4, verdict="unsure"), digit(4, 1, "gap"), digit(2, 1, "minus"), digit(8, 1)]
    rows = build_rows([build_answer(*predictions, digit(5, 2, "slash"), digit(6, 2), digit(7, 2, picture=2))])
    assert [row["answer"] for row in rows] == ["3 . 1? 4 _ 2 - 8", "5 / 6", "7"]
    assert build_rows([build_answer({**digit(7, 1, "mark"), "before": "minus"})])[0]["answer"] == "- 7 …"
    assert [row["verdict"] for row in rows] == ["unsure", "certain", "certain"]


def test_shows_a_problem_beside_answers_of_either_kind() -> None:
    problem = {"file": "b.md", "problem": {"title": "Unsupported file", "detail": "got .md"}}
    for prediction in ({"value": 1.5}, {"label": 7, "probability": 1.0}):
        table = build_rows([problem, build_answer(prediction)])
        assert len({tuple(row) for row in table}) == 1
        assert table[0]["answer"] == "Unsupported file"


SEVERAL = [{"code": "several-digits", "detail": "2 digits stand beside each other", "advice": "Send it to ?digits=all"}]


def run_predict(tmp_path: Path, answer: httpx.Response, *options: str) -> Result:
    picture = tmp_path / "two 4.png"
    picture.write_bytes(b"any")
    services = fake_services(lambda _: answer)
    return CliRunner().invoke(app, ["predict", str(picture), "--url", URL, *options], obj=services, catch_exceptions=False)


def test_does_not_answer_several_digits_as_one(tmp_path: Path) -> None:
    several = {**build_answer({"label": 4, "probability": 0.9, "digits_found": 2}), "notes": SEVERAL}
    refused = run_predict(tmp_path, httpx.Response(200, json=several))
    assert refused.exit_code == 1
    assert "Several digits" in refused.stdout
    assert f"inferstack predict '{tmp_path}/two 4.png' --all`" in refused.stdout
    (document,) = json.loads(run_predict(tmp_path, httpx.Response(200, json=several), "--json").stdout)
    assert (document["problem"]["title"], document["predictions"][0]["label"]) == ("Several digits", 4)
    assert run_predict(tmp_path, httpx.Response(200, json=several), "--all").exit_code == 0


def test_keeps_what_is_wrong_apart_from_what_to_do(tmp_path: Path) -> None:
    """And begins with the API's own title, as `upload` does: it said HTTP 422 of what an upload calls a wrong shape."""
    problem = {"title": "Wrong shape", "detail": "the header names 3 columns; expected 784", "advice": "Send a PNG."}
    shown = run_predict(tmp_path, httpx.Response(422, json=problem)).stdout.splitlines()
    assert [line.split("two 4.png  ")[-1] for line in shown[1:]] == ["Wrong shape", f"problem {problem['detail']}", "advice Send a PNG."]


def test_says_what_kept_a_function_of_this_machine_from_starting(tmp_path: Path) -> None:
    failed = httpx.Response(502, json={"errorMessage": "[Errno 28] No space left on device", "errorType": "OSError"})
    assert "problem [Errno 28] No space left on device" in run_predict(tmp_path, failed).stdout


def test_shows_the_values_of_a_numbers_job_and_the_rows_that_failed() -> None:
    assert (
        summarize_answers({"predictions": [{"row": 1, "value": 53512.25}, {"row": 2, "error": {"title": "Not a number"}}]}) == "53,512.25 –"
    )


def test_shows_the_commonest_labels_of_a_batch() -> None:
    assert summarize_answers({"labels": {"0": 980, "1": 1135, "7": 1028, "3": 1}}) == "1 ×1135, 7 ×1028, 0 ×980, … 1 more"
    assert summarize_answers({"labels": {}}) == ""


def test_prints_one_table_of_csv_of_all_files(tmp_path: Path) -> None:
    for name in ("=a.png", "b,1.png", "c.txt"):
        (tmp_path / name).write_bytes(name.encode())
    asked: list[httpx.Request] = []

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if request.content == b"c.txt":
            return httpx.Response(415, json={"title": "Unsupported type", "detail": "the bytes do not tell what it is"})
        notes = {"x-notes": "faint"} if request.content == b"=a.png" else {}
        head = "row,name,label,digits_found\r\n"
        two = ",,4,2" if request.content == b"b,1.png" else ',"two\r\nlines",7,'
        return httpx.Response(200, text=f"{head}1{two}\r\n", headers={"content-type": "text/csv; charset=utf-8", **notes})

    files = [str(tmp_path / name) for name in ("=a.png", "b,1.png", "c.txt")]
    done = CliRunner().invoke(app, ["predict", *files, "--url", URL, "--csv"], obj=fake_services(reply), catch_exceptions=False)
    first, second, third = csv.DictReader(io.StringIO(done.stdout))
    assert {request.headers["accept"] for request in asked} == {"text/csv"}
    assert list(first) == ["file", "row", "name", "label", "digits_found", "notes", "error"]
    assert (first["file"], first["label"], first["notes"], first["error"]) == (files[0], "7", "faint", "")
    assert (second["file"], second["label"], second["error"].split(":")[0]) == (files[1], "4", "Several digits")
    assert third["error"] == "Unsupported type: the bytes do not tell what it is"
    assert done.exit_code == 1


def test_says_of_a_stage_that_answers_no_csv_what_to_do(tmp_path: Path) -> None:
    done = run_predict(tmp_path, httpx.Response(200, json=build_answer({"label": 4})), "--csv")
    assert (done.exit_code, "answers application/json; expected text/csv" in done.stdout) == (1, True)


def test_says_of_csv_that_cannot_be_read_that_it_cannot(tmp_path: Path) -> None:
    """Python's reader takes cells of 131,072 characters; an address may be another service's."""
    done = run_predict(tmp_path, httpx.Response(200, text=f"label\n{'x' * 200_000}\n", headers={"content-type": "text/csv"}), "--csv")
    assert (done.exit_code, "field larger than field limit" in done.stdout) == (1, True)


def test_prints_either_csv_or_json(tmp_path: Path) -> None:
    done = run_predict(tmp_path, httpx.Response(200, json={}), "--csv", "--json")
    assert (done.exit_code, "expected one of them" in done.output) == (2, True)


def test_takes_ink_beside_a_digit_for_no_second_one(tmp_path: Path) -> None:
    marked = build_answer({"label": 4, "probability": 0.9, "marks_found": 3})
    assert run_predict(tmp_path, httpx.Response(200, json=marked)).exit_code == 0
