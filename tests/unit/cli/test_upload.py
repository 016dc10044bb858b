"""`inferstack upload`: one job a file whatever happens on the way, the token for the API alone, and an exit code that tells."""

import json
import os
import time
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from httpx import ConnectError, ReadTimeout, Response
from typer.testing import Result

from cli.api.client import Api
from cli.api.sign_in import send_token
from cli.commands.upload import list_links
from cli.jobs.file_upload import FileUpload, Uploader, build_job_name
from cli.jobs.files import expand_paths
from cli.main import app
from cli.parallel import map_in_parallel
from tests.command import CliRunner
from tests.unit.cli.world import URL, Answer, FakeApi, FakeS3, build_finished_job, fake_services, give, open_http

CONTENT = b"\x89PNG any picture"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    file = tmp_path / "scan 1+2 ü.png"
    file.write_bytes(CONTENT)
    return file


def run_upload(api: FakeApi, s3: FakeS3, *arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["upload", *map(str, arguments), "--url", URL, "--token", "secret"], obj=fake_services(api, s3))


def build_xml(code: str, message: str = "", more: str = "") -> bytes:
    return f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>{message}</Message>{more}</Error>'.encode()


def read_keys(api: FakeApi) -> list[str]:
    return [request.headers["idempotency-key"] for request in api.requests if request.method == "POST"]


def test_uploads_a_file_under_its_name_and_says_which_job_it_is(picture: Path) -> None:
    api, s3 = FakeApi(), FakeS3()
    done = run_upload(api, s3, picture, "--csv", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == [{"file": str(picture), "job": {"id": "job0", "state": "waiting", "name": picture.name}}]
    assert json.loads(api.requests[0].content) == {
        "name": picture.name,
        "content_type": "image/png",
        "size_bytes": len(CONTENT),
        "csv": True,
    }
    assert (s3.forms[0]["file"], s3.names[0]) == (CONTENT, picture.name)


def test_shows_the_token_to_the_api_and_to_nobody_else(picture: Path) -> None:
    api, s3 = FakeApi(), FakeS3()
    done = run_upload(api, s3, picture)
    assert api.requests[0].headers["authorization"] == "Bearer secret"
    assert "authorization" not in s3.headers[0]
    assert "secret" not in repr(s3.forms) + done.output + repr(Api(URL, open_http(api), send_token(lambda: "secret")))


def test_keeps_the_permission_to_upload_to_itself(picture: Path) -> None:
    done = run_upload(FakeApi(), FakeS3(), picture, "--json")
    assert "x-amz-signature" not in done.output


@pytest.mark.parametrize(
    "failure",
    [
        Response(503),
        Response(500, json={"detail": "a"}),
        Response(429, headers={"retry-after": "7"}),
        ConnectError("refused"),
        ReadTimeout(""),
    ],
)
def test_asks_again_under_the_same_key_when_the_api_stumbles(picture: Path, failure: Answer) -> None:
    api, s3 = FakeApi(failures=[failure, ConnectError("gone")]), FakeS3()
    assert run_upload(api, s3, picture).exit_code == 0
    keys = read_keys(api)
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert len(s3.forms) == 1


def test_waits_as_long_as_it_is_asked_to(picture: Path) -> None:
    services = fake_services(FakeApi(failures=[Response(429, headers={"retry-after": "7"})]))
    assert CliRunner().invoke(app, ["upload", str(picture), "--url", URL], obj=services).exit_code == 0
    assert services.clock() == 1007


@pytest.mark.parametrize(
    "stumble",
    [
        Response(503, content=build_xml("SlowDown")),
        Response(500),
        Response(400, content=build_xml("RequestTimeout")),
        Response(400, content=build_xml("ExpiredToken")),
        Response(403, content=build_xml("AccessDenied", "Invalid according to Policy: Policy expired.")),
    ],
)
def test_sends_the_whole_file_again_for_the_same_job_when_s3_stumbles(picture: Path, stumble: Response) -> None:
    api, s3 = FakeApi(), FakeS3([stumble])
    done = run_upload(api, s3, picture, "--json")
    assert done.exit_code == 0
    assert [form["file"] for form in s3.forms] == [CONTENT, CONTENT]
    assert len(set(read_keys(api))) == len(api.jobs) == 1


def test_gives_each_file_a_key_of_its_own(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.csv").write_text("same")
    api = FakeApi()
    run_upload(api, FakeS3(), tmp_path)
    keys = read_keys(api)
    assert len(set(keys)) == 3
    assert all(len(key) == 36 for key in keys)


def test_gives_up_after_three_more(picture: Path) -> None:
    api, s3 = FakeApi(), FakeS3([Response(503)] * 9)
    done = run_upload(api, s3, picture, "--json")
    assert (done.exit_code, len(s3.forms)) == (1, 4)
    assert json.loads(done.stdout)[0]["problem"]["title"] == "S3: HTTP 503"


@pytest.mark.parametrize(
    ("response", "title", "named"),
    [
        (
            Response(
                400, content=build_xml("EntityTooLarge", "Too big", "<ProposedSize>90</ProposedSize><MaxSizeAllowed>80</MaxSizeAllowed>")
            ),
            "Too large",
            "got 90 bytes, expected at most 80",
        ),
        (Response(403, content=build_xml("AccessDenied", "Access Denied")), "Access denied", "ask the operator"),
        (Response(403, content=build_xml("SignatureDoesNotMatch", "a &amp; b")), "Signature refused", "a & b"),
        (Response(409, content=build_xml("Whatever", "a reason")), "S3: Whatever", "a reason"),
        (Response(403, content=b"<html>"), "S3: HTTP 403", "gave no reason"),
    ],
)
def test_says_what_s3_means_and_does_not_insist(picture: Path, response: Response, title: str, named: str) -> None:
    s3 = FakeS3([response])
    done = run_upload(FakeApi(), s3, picture, "--json")
    problem = json.loads(done.stdout)[0]["problem"]
    assert (done.exit_code, len(s3.forms), problem["title"]) == (1, 1, title)
    assert named in problem["detail"]


def test_goes_on_with_the_others_when_one_cannot_be_uploaded(tmp_path: Path, picture: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.touch()
    done = run_upload(FakeApi(), FakeS3(), empty, picture, "--json")
    first, second = json.loads(done.stdout)
    assert done.exit_code == 1
    assert first["problem"]["title"] == "Empty file"
    assert second["job"]["id"] == "job0"


def test_says_that_an_address_is_no_api(picture: Path) -> None:
    api = FakeApi()
    api.objects[f"{URL}/jobs"] = [Response(200, json=[])]
    problem = json.loads(run_upload(api, FakeS3(), picture, "--json").stdout)[0]["problem"]
    assert "is not answered as by an Inferstack API: it is a list; expected an object" in problem["detail"]


def test_shows_what_a_picture_holds_once_it_is_known(picture: Path) -> None:
    api = FakeApi(looks=[{"state": "waiting"}, {"state": "processing"}, build_finished_job()])
    done = run_upload(api, FakeS3(), picture, "--wait")
    assert done.exit_code == 0
    header, line = done.stdout.splitlines()[:2]
    assert header.split() == ["file", "job", "state", "rows", "failed", "s", "answer"]
    assert line.split()[-9:] == ["ü.png", "job0", "succeeded", "3", "0", "2.5", "4", "0", "7"]


def test_shows_what_stands_between_the_digits_of_a_picture_and_what_was_not_read(picture: Path) -> None:
    marks = [("3", "", 1), ("1", "point", 1), ("4", "", 1), ("5", "slash", 2), ("6", "gap", 2), ("7", "minus", 2), ("8", "", 2)]
    predictions = [{"row": row, "label": label, "after": after, "line": line} for row, (label, after, line) in enumerate(marks, 1)]
    job = build_finished_job(summary={"rows": 7, "failed": 0, "predictions": predictions, "unread_count": 2})
    shown = run_upload(FakeApi(looks=[job]), FakeS3(), picture, "--wait").stdout
    assert "3 1 . 4 | 5 / 6 _ 7 - 8" in shown
    assert "not read 2 marks of the picture" in shown


def test_looks_ever_less_often(picture: Path) -> None:
    services = fake_services(FakeApi(looks=[{"state": "processing"}] * 9 + [build_finished_job()]))
    CliRunner().invoke(app, ["upload", str(picture), "--url", URL, "--wait"], obj=services)
    slept = services.sleep.__self__.slept_s  # type: ignore[attr-defined]
    assert slept == [0.5, 0.75, 1.125, 1.6875, 2.53125, 3.796875, 5, 5, 5, 5]


def test_fails_when_a_job_does(picture: Path) -> None:
    failed = {"state": "failed", "error": {"code": "malformed", "title": "Malformed input", "detail": "the PNG is broken"}}
    done = run_upload(FakeApi(looks=[failed]), FakeS3(), picture, "--wait")
    assert done.exit_code == 1
    assert "failed  0.0  Malformed input" in done.stdout
    assert "problem the PNG is broken" in done.stdout


def test_says_why_no_row_was_answered_and_what_to_do(picture: Path) -> None:
    error = {"code": "wrong-shape", "title": "Wrong shape", "detail": "none of the 3 rows could be read", "advice": "Leave [it] out."}
    reasons = [{"code": "wrong-shape", "count": 3, "row": 1, "detail": "line 1 has 3 values"}]
    job = {"state": "failed", "error": error, "summary": {"rows": 3, "failed": 3, "reasons": reasons}}
    done = run_upload(FakeApi(looks=[job]), FakeS3(), picture, "--wait")
    assert done.exit_code == 1
    assert "advice Leave [it] out." in done.stdout
    assert "not answered wrong-shape ×3 (row 1: line 1 has 3 values)" in done.stdout


CLASSES = {
    "labelled": 41,
    "scored": 40,
    "correct": 39,
    "accuracy": 0.975,
    "confusion": {"4": {"4": 39, "9": 1}},
    "unknown_labels": {"A": 1},
}
SCORES = {
    "score 97.50% of 40 of 41 labelled rows right": CLASSES,
    "confused 4 → 9 ×1": CLASSES,
    "no such label 'A' ×1": CLASSES,
    "score off by 1,250.5 on average, R² 0.9500, 3 labelled rows": {"labelled": 3, "scored": 3, "mae": 1250.5, "r2": 0.95},
    "score 0 of 3 labelled rows could be compared": {"labelled": 3, "scored": 0, "accuracy": None, "confusion": {}},
}


@pytest.mark.parametrize("expected", SCORES)
def test_shows_how_the_answers_compare_with_the_labels(picture: Path, expected: str) -> None:
    job = build_finished_job(summary={"rows": 41, "failed": 0, "labels": {"4": 41}, "score": SCORES[expected]})
    assert expected in run_upload(FakeApi(looks=[job]), FakeS3(), picture, "--wait").stdout


def test_fails_when_a_job_takes_too_long_and_names_it(picture: Path) -> None:
    done = run_upload(FakeApi(looks=[{"state": "processing"}]), FakeS3(), picture, "--wait", "--timeout-s", "30", "--json")
    (document,) = json.loads(done.stdout)
    assert done.exit_code == 1
    assert document["job"]["state"] == "processing"
    assert "inferstack jobs show job0" in document["problem"]["detail"]


def test_bears_with_an_api_that_stumbles_while_it_waits(picture: Path) -> None:
    api = FakeApi(looks=[{"state": "processing"}, build_finished_job()])
    stumbles: list[Answer] = [Response(503), ConnectError("gone")]

    def stumble(request: httpx.Request) -> Response:
        return give(stumbles.pop(0)) if request.method == "GET" and stumbles else api(request)

    done = CliRunner().invoke(app, ["upload", str(picture), "--url", URL, "--wait"], obj=fake_services(stumble))
    assert done.exit_code == 0
    assert "succeeded" in done.stdout


@pytest.mark.parametrize(
    ("status", "said", "advice"),
    [
        (401, "Unauthorized", "A token is missing or has ended: `inferstack token` prints a new one."),
        (403, "Forbidden", "Where the API takes signed requests (auth=iam), name credentials that may invoke it: `--profile`."),
    ],
)
def test_does_not_wait_for_a_job_that_it_may_not_see(picture: Path, status: int, said: str, advice: str) -> None:
    api = FakeApi()
    api.objects[f"{URL}/jobs/job0"] = [Response(status, json={"message": said})]
    done = run_upload(api, FakeS3(), picture, "--wait", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)[0]["problem"] == {"title": f"HTTP {status}", "detail": said, "advice": advice}


def test_does_not_pass_over_a_folder_that_it_may_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: object) -> object:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(PermissionError, match="Permission denied"):
        expand_paths([tmp_path])


def test_takes_folders_apart_in_order_without_what_is_hidden(tmp_path: Path) -> None:
    for name in ("b.png", "a/2.png", "a/1.png", ".DS_Store", ".git/config", "a/.x/y.png"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True, parents=True)
        file.write_text("x")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "around").symlink_to(tmp_path)
    files, skipped = expand_paths([tmp_path / "b.png", tmp_path])
    assert [str(file.relative_to(tmp_path)) for file in files] == ["b.png", "a/1.png", "a/2.png"]
    assert skipped == 4
    assert expand_paths([tmp_path / ".DS_Store"]) == ([tmp_path / ".DS_Store"], 0)


def test_says_how_many_it_skipped_and_that_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / ".hidden").touch()
    (tmp_path / "Thumbs.db").touch()
    done = run_upload(FakeApi(), FakeS3(), tmp_path)
    assert done.exit_code == 1
    assert "skipped 2 hidden or special files" in done.stderr
    assert "there is no file to upload" in done.stderr


@pytest.mark.parametrize(
    ("name", "sent"),
    [("zwölf +1.png", "zwölf +1.png"), ("a\\b\n.png", "a_b_.png"), ("x" * 230 + ".png", "x" * 196 + ".png"), ("\udcff.png", "_.png")],
)
def test_calls_a_file_as_the_api_can_take_it(name: str, sent: str) -> None:
    assert build_job_name(Path(name)) == sent


def test_uploads_a_file_whose_name_is_no_text(tmp_path: Path) -> None:
    file = os.fsencode(tmp_path) + b"/\xff.png"
    Path(os.fsdecode(file)).write_bytes(CONTENT)
    done = run_upload(FakeApi(), FakeS3(), tmp_path)
    assert done.exit_code == 0
    assert "job0" in done.stdout


def test_sends_a_large_file_in_small_pieces(tmp_path: Path) -> None:
    file = tmp_path / "sparse.npy"
    with file.open("wb") as sparse:
        sparse.truncate(64 << 20)
    pieces: list[int] = []
    reports: list[int] = []

    class Transport(httpx.BaseTransport):  # MockTransport reads a request whole
        def handle_request(self, request: httpx.Request) -> Response:
            if request.url.host == "api.example":
                return FakeApi()(httpx.Request("POST", request.url, headers=request.headers, content=request.read()))
            pieces.extend(map(len, request.stream))  # type: ignore[arg-type]
            return Response(204)

    with httpx.Client(transport=Transport()) as http:
        assert not Uploader(Api(URL, http)).upload(file, reports.append).has_failed
    assert sum(pieces) > 64 << 20
    assert max(pieces) <= 1 << 20
    assert (reports[0], reports[-1]) == (0, 64 << 20)


def test_ends_at_once_when_it_is_interrupted(picture: Path) -> None:
    def interrupt(request: httpx.Request) -> Response:
        raise KeyboardInterrupt

    done = CliRunner().invoke(app, ["upload", str(picture), "--url", URL], obj=fake_services(interrupt))
    assert done.exit_code == 130
    assert "Traceback" not in done.output


def test_starts_nothing_more_after_a_failure() -> None:
    started = []

    def work(number: int) -> None:
        started.append(number)
        time.sleep(0.02)
        raise ValueError(number)

    with pytest.raises(ValueError, match=r"[0-3]"):
        map_in_parallel(work, range(1000), 4)
    time.sleep(0.1)
    assert len(started) < 50


def test_returns_results_in_the_order_of_what_was_given() -> None:
    assert map_in_parallel(lambda number: (time.sleep(0.001 * (5 - number)), number)[1], range(5), 3) == [0, 1, 2, 3, 4]


class Interrupted(FakeS3):
    """Takes the first form, and then the person presses Ctrl-C."""

    def __call__(self, request: httpx.Request) -> Response:
        if self.forms:
            raise KeyboardInterrupt
        return super().__call__(request)


def test_says_which_jobs_go_on_after_ctrl_c(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.commands.upload.UPLOADS_AT_ONCE", 1)
    for name in ("a.png", "b.png", "c.png"):
        (tmp_path / name).write_bytes(b"any")
    stopped = run_upload(FakeApi(), Interrupted(), tmp_path)
    assert stopped.exit_code == 130
    assert "this job goes on; 2 of 3 files were not uploaded; look with `inferstack jobs show ID`:\n  job0" in stopped.stderr


def test_says_which_job_goes_on_when_nobody_waits_for_it_any_more(picture: Path) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    services = replace(fake_services(FakeApi(looks=[{"state": "processing"}])), sleep=interrupt)
    stopped = CliRunner().invoke(app, ["upload", str(picture), "--url", URL, "--wait"], obj=services)
    assert stopped.exit_code == 130
    assert "this job goes on; look with `inferstack jobs show ID`:\n  job0" in stopped.stderr


def test_says_where_to_see_the_jobs_on_the_page() -> None:
    one, other = (FileUpload(Path("any"), job={"id": id_}) for id_ in ("a", "b"))
    refused = FileUpload(Path("any"), problem={"title": "any"})
    assert list_links("http://127.0.0.1:4568", [one, refused]) == ["on the page: http://127.0.0.1:4568/#job=a"]
    assert list_links("http://127.0.0.1:4568", [one, other]) == ["on the page: http://127.0.0.1:4568/#uploads"]
    of_stops = FileUpload(Path("any"), job={"id": "a", "recipe": "stop_search"})
    assert list_links("http://127.0.0.1:4568", [of_stops]) == ["on the page: http://127.0.0.1:4568/?recipe=stop_search#job=a"]
    assert list_links("", [one]) == list_links("http://127.0.0.1:4568", [refused]) == []


def test_asks_for_columns_that_the_results_repeat(picture: Path) -> None:
    api = FakeApi()
    assert run_upload(api, FakeS3(), picture, "--key", "customer_id", "--key", "order").exit_code == 0
    run_upload(api, FakeS3(), picture)
    first, second = (json.loads(request.content) for request in api.requests if request.method == "POST")
    assert (first["keys"], "keys" in second) == (["customer_id", "order"], False)
