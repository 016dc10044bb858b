"""`inferstack jobs`: pages put together, results that are there whole or not at all, and every refusal as one line."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from httpx import ConnectError, Response
from typer.testing import Result

from cli.http.bounded import MOST_BYTES
from cli.http.client import CallFailed
from cli.http.presigned_s3 import download_file
from cli.main import app
from tests.command import CliRunner
from tests.unit.cli.world import URL, Broken, FakeApi, build_finished_job, fake_services, open_http

RESULT = "https://s3.example/predictions.jsonl?X-Amz-Signature=abc"
RESULTS = [{"name": "predictions.jsonl", "url": RESULT, "size_bytes": 6}]


def jobs(api: FakeApi, *arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["jobs", *map(str, arguments), "--url", URL, "--token", "secret"], obj=fake_services(api))


def page(*ids: str, after: str | None = None) -> dict[str, object]:
    return {"jobs": [{"id": each, "state": "waiting", "name": "a.png", "created_at": "2026-11-21"} for each in ids], "next": after}


@pytest.mark.parametrize("command", ["list", "show", "redrive", "dead"])
def test_shows_examples_in_every_help(command: str) -> None:
    shown = CliRunner().invoke(app, ["jobs", command, "--help"])
    assert shown.exit_code == 0
    assert f"inferstack jobs {command}" in shown.output.partition("Examples:")[2]


def test_lists_as_many_as_are_wanted_and_says_that_there_are_more() -> None:
    api = FakeApi(pages=[page("a", "b", after="b")])
    listed = jobs(api, "list", "--limit", "2")
    assert [line.split()[0] for line in listed.stdout.splitlines()] == ["job", "a", "b"]
    assert "--all" in listed.stderr
    assert str(api.requests[0].url) == f"{URL}/jobs?limit=2"


def test_keeps_a_row_whole_at_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.console.out.width", 80)
    job = {"id": "zybqcfr30664p4gzfk7nrfy9d9", "state": "succeeded", "name": "digits-photo.jpg", "rows": 15, "failed": 0}
    created = (datetime.now(UTC) - timedelta(hours=3)).isoformat()
    listed = jobs(FakeApi(pages=[{"jobs": [{**job, "created_at": created}], "next": None}]), "list").stdout.splitlines()
    assert listed[1] == "zybqcfr30664p4gzfk7nrfy9d9  succeeded  15    0       3 h  digits-photo.jpg"
    assert len(listed[1]) <= 80


def test_lists_all_page_by_page() -> None:
    api = FakeApi(pages=[page("a", "b", after="b/+"), page("c")])
    listed = jobs(api, "list", "--all", "--json")
    assert [job["id"] for job in json.loads(listed.stdout)] == ["a", "b", "c"]
    assert [str(request.url) for request in api.requests] == [f"{URL}/jobs?limit=100", f"{URL}/jobs?limit=100&cursor=b%2F%2B"]


def test_says_how_to_make_the_first_job() -> None:
    assert "inferstack upload" in jobs(FakeApi(pages=[page()]), "list").stdout


def test_shows_what_a_job_found() -> None:
    shown = jobs(FakeApi(looks=[build_finished_job(name="scan.png", results=RESULTS)]), "show", "job0")
    assert shown.exit_code == 0
    facts = dict(line.split(maxsplit=1) for line in shown.stdout.splitlines())
    assert facts["answer"] == "4 0 7"
    assert facts["predictions.jsonl"] == "6 bytes"


def test_shows_why_a_job_failed_and_which_rows_did() -> None:
    error = {"code": "malformed", "title": "Malformed input", "detail": "it breaks off", "advice": "Upload it whole."}
    job = {"state": "failed", "error": error, "summary": {"rows": 2, "failures": [{"row": 2, "detail": "out of [range]"}]}}
    shown = jobs(FakeApi(looks=[job]), "show", "job0").stdout
    assert "Malformed input: it breaks off\n" in shown
    assert [line.split(maxsplit=1)[1] for line in shown.splitlines() if line.startswith("advice")] == ["Upload it whole."]
    assert "out of [range]" in shown


def test_tells_a_row_that_failed_once() -> None:
    summary = {"rows": 3, "failures": [{"row": 1, "detail": "has 2 values"}, {"row": 2, "detail": "has 3 values"}]}
    summary["reasons"] = [{"code": "wrong-shape", "count": 2, "row": 1, "detail": "has 2 values"}]
    shown = jobs(FakeApi(looks=[{"state": "succeeded", "summary": summary}]), "show", "0fq3")
    assert (shown.stdout.count("has 2 values"), shown.stdout.count("has 3 values")) == (1, 1)


def test_asks_for_a_job_by_its_id_whatever_that_is() -> None:
    api = FakeApi()
    jobs(api, "show", "../model?x")
    assert str(api.requests[0].url) == f"{URL}/jobs/..%2Fmodel%3Fx"


def test_says_in_one_line_that_there_is_no_such_job() -> None:
    api = FakeApi(failures=[Response(404, json={"detail": "there is no such job"})])
    refusal = jobs(api, "show", "job0", "--json")
    assert refusal.exit_code == 1
    assert json.loads(refusal.stdout)["error"] == "HTTP 404: there is no such job"


@pytest.mark.parametrize("status", [200, 400])
def test_says_in_one_line_that_an_answer_is_nested_too_deeply_to_read(status: int) -> None:
    refusal = jobs(FakeApi(failures=[Response(status, content=b"[" * 200_000)]), "show", "job0")
    assert (refusal.exit_code, "No answer" in refusal.stderr or "HTTP 400" in refusal.stderr) == (1, True)
    assert "defect" not in refusal.stderr


def test_downloads_results_without_the_token(tmp_path: Path) -> None:
    api = FakeApi(looks=[build_finished_job(results=RESULTS)], objects={RESULT: [Response(200, content=b"{}\n{}\n")]})
    shown = jobs(api, "show", "job0", "--download", tmp_path / "new")
    assert shown.exit_code == 0, shown.output
    assert (tmp_path / "new/predictions.jsonl").read_bytes() == b"{}\n{}\n"
    assert "authorization" not in api.requests[-1].headers
    assert api.requests[0].headers["authorization"] == "Bearer secret"


def test_leaves_no_half_result_behind(tmp_path: Path) -> None:
    (tmp_path / "predictions.jsonl").write_text("before")
    api = FakeApi(objects={RESULT: [Response(200, stream=Broken())]})
    with pytest.raises(CallFailed, match="received 2 bytes, expected 6") as failure:
        download_file(open_http(api), RESULT, tmp_path / "predictions.jsonl", lambda _: None, size_bytes=6)
    assert failure.value.is_transient
    assert "Signature" not in str(failure.value)
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {"predictions.jsonl": "before"}


def test_downloads_again_what_broke_off(tmp_path: Path) -> None:
    answers = [Response(200, stream=Broken()), ConnectError("gone"), Response(200, content=b"{}\n{}\n")]
    done = jobs(FakeApi(looks=[build_finished_job(results=RESULTS)], objects={RESULT: answers}), "show", "job0", "--download", tmp_path)
    assert done.exit_code == 0
    assert (tmp_path / "predictions.jsonl").read_bytes() == b"{}\n{}\n"


def test_says_what_s3_means_by_its_refusal(tmp_path: Path) -> None:
    gone = Response(404, content=b"<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>")
    api = FakeApi(looks=[build_finished_job(results=RESULTS)], objects={RESULT: [gone]})
    shown = jobs(api, "show", "job0", "--download", tmp_path)
    assert shown.exit_code == 1
    assert "results are removed after a while" in shown.stderr


NAMES = [
    "../a",
    "/etc/a",
    "..",
    "",
    "a/b",
    "a\\b",
    ".bashrc",
    "a\0b",
    "a\x1b[2J",
    "a:b",
    "-rf",
    "NUL",
    "com1.jsonl",
    "a" * 101,
]


@pytest.mark.parametrize("name", NAMES)
def test_writes_nothing_outside_the_folder_nor_what_is_no_plain_file(tmp_path: Path, name: object) -> None:
    api = FakeApi(
        looks=[build_finished_job(results=[{"name": name, "url": RESULT, "size_bytes": 1}])],
        objects={RESULT: [Response(200, content=b"x")]},
    )
    shown = jobs(api, "show", "job0", "--download", tmp_path / "in")
    assert shown.exit_code == 1
    assert "expected a file's name" in shown.stderr
    assert [str(file) for file in tmp_path.rglob("*")] == [str(tmp_path / "in")]


@pytest.mark.parametrize("status", [307, 403])
def test_reads_a_bounded_part_of_a_refusal_and_goes_nowhere_else(tmp_path: Path, status: int) -> None:
    """Whoever answers in place of S3 may send a body without an end, also beside the address of another."""
    given: list[int] = []

    def repeat() -> Iterator[bytes]:
        while sum(given) < 4 * MOST_BYTES:
            given.append(1 << 20)
            yield bytes(1 << 20)

    refusal = Response(status, headers={"location": "https://s3.example/other"}, content=repeat())
    api = FakeApi(objects={RESULT: [refusal]})
    with pytest.raises(CallFailed, match="more than"):
        download_file(open_http(api), RESULT, tmp_path / "predictions.jsonl", lambda _: None, size_bytes=6)
    assert (len(api.requests), list(tmp_path.iterdir())) == (1, [])
    assert sum(given) <= MOST_BYTES + (2 << 20)


@pytest.mark.parametrize("size_bytes", [5, 0, None, "6"])
def test_writes_no_more_than_the_result_is_to_have(tmp_path: Path, size_bytes: object) -> None:
    result = {**RESULTS[0], "size_bytes": size_bytes}
    api = FakeApi(looks=[build_finished_job(results=[result])], objects={RESULT: [Response(200, content=b"{}\n{}\n")]})
    shown = jobs(api, "show", "job0", "--download", tmp_path)
    assert (shown.exit_code, list(tmp_path.iterdir())) == (1, [])
    assert "size" in shown.stderr or "more than" in shown.stderr


def test_writes_through_no_link(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("before")
    (tmp_path / "predictions.jsonl.part").symlink_to(tmp_path / "other")
    (tmp_path / "predictions.jsonl").symlink_to(tmp_path / "other")
    api = FakeApi(looks=[build_finished_job(results=RESULTS)], objects={RESULT: [Response(200, content=b"{}\n{}\n")]})
    assert jobs(api, "show", "job0", "--download", tmp_path).exit_code == 0
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {"other": "before", "predictions.jsonl": "{}\n{}\n"}


def test_has_nothing_to_download_of_a_job_that_waits(tmp_path: Path) -> None:
    shown = jobs(FakeApi(looks=[{"state": "waiting"}]), "show", "job0", "--download", tmp_path)
    assert shown.exit_code == 1
    assert "the job is waiting, expected succeeded" in shown.stderr
