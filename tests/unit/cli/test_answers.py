"""What an API answers that is none of ours, or of another version: whatever is wrong in it, the command says what, and is no defect."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.api.answers import EACH, JOBS, LABEL, find_mistake
from cli.main import app
from tests.command import CliRunner
from tests.unit.cli.verify.world import build_status
from tests.unit.cli.world import FIELDS, S3_URL, URL, FakeStacks, fake_services

NOTE = {"code": "scaled", "detail": "the values were multiplied by 255"}
DIGIT = {"label": 7, "probability": 0.9, "trust": 0.9, "verdict": "certain", "digits_found": 1, "line": 1, "picture": 1, "after": "gap"}
MODEL = {"name": "cnn", "version": "1.0.0"}
SUMMARY = {
    **{"format": "csv", "rows": 3, "succeeded": 2, "failed": 1, "labels": {"7": 2}, "verdicts": {"unsure": 1}, "notes": [NOTE]},
    "score": {"labelled": 3, "scored": 2, "accuracy": 0.5, "confusion": {"7": {"7": 1, "1": 1}}, "unknown_labels": {"x": 1}},
    "reasons": [{"code": "wrong-shape", "count": 1, "row": 2, "detail": "no"}],
    "failures": [{"row": 3, "code": "wrong-shape", "detail": "no"}],
    "unread_count": 2,
}
JOB = {
    **{
        "id": "a",
        "state": "succeeded",
        "name": "a.csv",
        "created_at": "2026-11-21T07:30:00.000Z",
        "finished_at": "2026-11-21T07:30:02.500Z",
    },
    "summary": SUMMARY,
    "results": [{"name": "predictions.jsonl", "url": f"{URL}/file", "size_bytes": 2}],
}
NUMBERS = {
    "format": "csv",
    "rows": 3,
    "values": {"min": 1, "median": 2.5, "max": 4},
    "score": {"labelled": 1, "scored": 1, "mae": 1.5, "r2": 0.5},
}
DIGITS = {"format": "image", "rows": 1, "predictions": [{"row": 1, **DIGIT}, {"row": 2, "error": {"code": "a", "detail": "b"}}]}
ANSWERS: dict[str, tuple[list[str], dict[str, Any]]] = {
    "predict": (["predict", "FILE"], {"POST /predictions": {"predictions": [DIGIT], "model": MODEL, "notes": [NOTE]}}),
    "predict --all": (["predict", "FILE", "--all"], {"POST /predictions?digits=all": {"predictions": [DIGIT, DIGIT], "model": MODEL}}),
    "predict a number": (
        ["predict", "FILE"],
        {"POST /predictions": {"predictions": [{"value": 1.5}], "model": MODEL}, "GET /model": {"output": {"unit": "years"}}},
    ),
    "predict of a recipe": (
        ["predict", "FILE", "--recipe", "digits"],
        {"GET /models": {"models": [{"recipe": "digits"}]}, "POST /models/digits/predictions": {"predictions": [DIGIT], "model": MODEL}},
    ),
    "upload": (
        ["upload", "FILE", "--wait"],
        {"POST /jobs": {"id": "a", "state": "waiting", "upload": {"url": S3_URL, "fields": FIELDS}}, "GET /jobs/a": JOB},
    ),
    "upload of numbers": (
        ["upload", "FILE", "--wait"],
        {
            "POST /jobs": {"id": "a", "state": "waiting", "upload": {"url": S3_URL, "fields": FIELDS}},
            "GET /jobs/a": {"id": "a", "state": "succeeded", "summary": NUMBERS},
        },
    ),
    "upload of a picture": (
        ["upload", "FILE", "--wait"],
        {
            "POST /jobs": {"id": "a", "state": "waiting", "upload": {"url": S3_URL, "fields": FIELDS}},
            "GET /jobs/a": {"id": "a", "state": "succeeded", "summary": DIGITS},
        },
    ),
    "jobs list": (["jobs", "list"], {"GET /jobs?limit=20": {"jobs": [{**JOB, "rows": 3, "failed": 1}], "next": None}}),
    "jobs show": (["jobs", "show", "a", "--download", "FOLDER"], {"GET /jobs/a": JOB}),
    "a failed job": (
        ["jobs", "show", "a"],
        {"GET /jobs/a": {**JOB, "state": "failed", "error": {"title": "A", "detail": "b", "advice": "c"}}},
    ),
    "status": (["status", "--stage", "dev"], {"GET /status": build_status()}),
}
WRONG: tuple[Any, ...] = (None, 7, [None])


@pytest.mark.parametrize(
    ("answer", "shape", "said"),
    [
        ({"jobs": [{"id": "a", "state": "b"}], "next": None, "more": 1}, JOBS, ""),
        ({"jobs": [{"id": "a", "state": "b"}, {"id": 7, "state": "b"}]}, JOBS, "jobs[1].id is 7; expected a text"),
        ({"jobs": [{"id": "a"}]}, JOBS, "it has no jobs[0].state"),
        ({"jobs": [], "next": []}, JOBS, "next is a list; expected a text or null"),
        ([], JOBS, "it is a list; expected an object"),
        ({"jobs": {}}, JOBS, "jobs is an object; expected a list"),
        (True, LABEL, "it is true; expected a text or a whole number"),
        ("x" * 100, int, f'it is "{"x" * 39}; expected a whole number'),
        ({"7": 1, "8": 1.5}, {EACH: int}, "8 is 1.5; expected a whole number"),
    ],
)
def test_says_where_an_answer_is_wrong_and_what_is_expected(answer: Any, shape: Any, said: str) -> None:
    assert find_mistake(answer, shape) == said


def change(value: Any) -> Iterator[Any]:
    """Give a document once for each of its places and each wrong value there."""
    yield from WRONG
    places: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for at, held in places:
        if isinstance(value, dict):
            yield {name: of for name, of in value.items() if name != at}
        for changed in change(held):
            copy = deepcopy(value)
            copy[at] = changed
            yield copy


@pytest.mark.parametrize(("call", "answers"), ANSWERS.values(), ids=ANSWERS)
def test_takes_no_wrong_answer_for_a_defect_of_its_own(tmp_path: Path, call: list[str], answers: dict[str, Any]) -> None:
    (tmp_path / "a.csv").write_text("1")
    words = [{"FILE": str(tmp_path / "a.csv"), "FOLDER": str(tmp_path / "results")}.get(word, word) for word in call]
    defects = []
    for path, answer in answers.items():
        for changed in change(answer):
            told = {**answers, path: changed}

            def reply(request: httpx.Request, told: dict[str, Any] = told) -> httpx.Response:
                wanted = f"{request.method} {str(request.url).removeprefix(URL)}"
                return httpx.Response(200, json=told[wanted]) if wanted in told else httpx.Response(200, content=b"{}")

            stacks = FakeStacks(
                {
                    f"Inferstack-dev-{part}": {"ApiUrl": URL, "Auth": "none"}
                    for part in ("Storage", "Registry", "Inference", "Web", "Training")
                }
            )
            services = fake_services(reply, connect_aws=lambda _, stacks=stacks: lambda _: stacks)
            named = [] if call[0] == "status" else ["--url", URL]
            done = CliRunner().invoke(app, [*words, *named], obj=services)
            if "defect of inferstack" in done.output:
                defects.append(f"{path} answered {json.dumps(changed)}: {done.output.splitlines()[-2]}")
    assert not defects, "\n".join(defects[:5])
