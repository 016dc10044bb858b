"""`inferstack upload`: one job a file whatever happens on the way, the token for the API alone, and an exit code that tells."""

import json
import os
import time
from pathlib import Path
from urllib.error import URLError

import pytest
from typer.testing import CliRunner, Result

from cli.api import Api
from cli.commands.upload import answer, expand
from cli.main import app
from cli.parallel import in_parallel
from cli.s3 import Response
from cli.sending import Sender, api_name
from tests.unit.cli.world import URL, Answer, FakeApi, FakeS3, finished, outside, refused

CONTENT = b"\x89PNG any picture"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    file = tmp_path / "scan 1+2 ü.png"
    file.write_bytes(CONTENT)
    return file


def upload(api: FakeApi, s3: FakeS3, *arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["upload", *map(str, arguments), "--url", URL, "--token", "secret"], obj=outside(api, s3))


def xml(code: str, message: str = "", more: str = "") -> bytes:
    return f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>{message}</Message>{more}</Error>'.encode()


def sent_keys(api: FakeApi) -> list[str]:
    return [request.headers["Idempotency-key"] for request in api.asked if request.method == "POST"]


def test_uploads_a_file_under_its_name_and_says_which_job_it_is(picture: Path) -> None:
    api, s3 = FakeApi(), FakeS3()
    done = upload(api, s3, picture, "--csv", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == [{"file": str(picture), "job": {"id": "job0", "state": "waiting", "name": picture.name}}]
    assert json.loads(api.asked[0].data) == {"name": picture.name, "content_type": "image/png", "size_bytes": len(CONTENT), "csv": True}  # type: ignore[arg-type]
    assert (s3.forms[0]["file"], s3.names[0]) == (CONTENT, picture.name)


def test_shows_the_token_to_the_api_and_to_nobody_else(picture: Path) -> None:
    api, s3 = FakeApi(), FakeS3()
    done = upload(api, s3, picture)
    assert api.asked[0].headers["Authorization"] == "Bearer secret"
    assert "authorization" not in {name.lower() for name in s3.headers[0]}
    assert "secret" not in repr(s3.forms) + done.output + repr(Api(URL, "secret"))


def test_keeps_the_permission_to_upload_to_itself(picture: Path) -> None:
    done = upload(FakeApi(), FakeS3(), picture, "--json")
    assert "x-amz-signature" not in done.output


@pytest.mark.parametrize(
    "failure",
    [refused(503), refused(500, b'{"detail": "a"}'), refused(429, retry_after="7"), URLError(ConnectionRefusedError()), TimeoutError()],
)
def test_asks_again_under_the_same_key_when_the_api_stumbles(picture: Path, failure: Exception) -> None:
    api, s3 = FakeApi(failures=[failure, URLError("gone")]), FakeS3()
    assert upload(api, s3, picture).exit_code == 0
    keys = sent_keys(api)
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert len(s3.forms) == 1


def test_waits_as_long_as_it_is_asked_to(picture: Path) -> None:
    world = outside(FakeApi(failures=[refused(429, retry_after="7")]))
    assert CliRunner().invoke(app, ["upload", str(picture), "--url", URL], obj=world).exit_code == 0
    assert world.clock() == 1007


@pytest.mark.parametrize(
    "stumble",
    [
        Response(503, xml("SlowDown")),
        Response(500),
        Response(400, xml("RequestTimeout")),
        Response(400, xml("ExpiredToken")),
        Response(403, xml("AccessDenied", "Invalid according to Policy: Policy expired.")),
    ],
)
def test_sends_the_whole_file_again_for_the_same_job_when_s3_stumbles(picture: Path, stumble: Response) -> None:
    api, s3 = FakeApi(), FakeS3([stumble])
    done = upload(api, s3, picture, "--json")
    assert done.exit_code == 0
    assert [form["file"] for form in s3.forms] == [CONTENT, CONTENT]
    assert len(set(sent_keys(api))) == len(api.jobs) == 1


def test_gives_each_file_a_key_of_its_own(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.csv").write_text("same")
    api = FakeApi()
    upload(api, FakeS3(), tmp_path)
    keys = sent_keys(api)
    assert len(set(keys)) == 3
    assert all(len(key) == 36 for key in keys)


def test_gives_up_after_three_more(picture: Path) -> None:
    api, s3 = FakeApi(), FakeS3([Response(503)] * 9)
    done = upload(api, s3, picture, "--json")
    assert (done.exit_code, len(s3.forms)) == (1, 4)
    assert json.loads(done.stdout)[0]["problem"]["title"] == "S3: HTTP 503"


@pytest.mark.parametrize(
    ("response", "title", "named"),
    [
        (
            Response(400, xml("EntityTooLarge", "Too big", "<ProposedSize>90</ProposedSize><MaxSizeAllowed>80</MaxSizeAllowed>")),
            "Too large",
            "got 90 bytes, expected at most 80",
        ),
        (Response(403, xml("AccessDenied", "Access Denied")), "Access denied", "ask the operator"),
        (Response(403, xml("SignatureDoesNotMatch", "a &amp; b")), "Signature refused", "a & b"),
        (Response(409, xml("Whatever", "a reason")), "S3: Whatever", "a reason"),
        (Response(403, b"<html>"), "S3: HTTP 403", "gave no reason"),
    ],
)
def test_says_what_s3_means_and_does_not_insist(picture: Path, response: Response, title: str, named: str) -> None:
    s3 = FakeS3([response])
    done = upload(FakeApi(), s3, picture, "--json")
    problem = json.loads(done.stdout)[0]["problem"]
    assert (done.exit_code, len(s3.forms), problem["title"]) == (1, 1, title)
    assert named in problem["detail"]


def test_goes_on_with_the_others_when_one_cannot_be_uploaded(tmp_path: Path, picture: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.touch()
    done = upload(FakeApi(), FakeS3(), empty, picture, "--json")
    first, second = json.loads(done.stdout)
    assert done.exit_code == 1
    assert first["problem"]["title"] == "Empty file"
    assert second["job"]["id"] == "job0"


def test_says_that_an_address_is_no_api(picture: Path) -> None:
    api = FakeApi()
    api.objects[f"{URL}/jobs"] = Answer(b"[]")
    problem = json.loads(upload(api, FakeS3(), picture, "--json").stdout)[0]["problem"]
    assert "is no Inferstack API" in problem["detail"]


def test_shows_what_a_picture_holds_once_it_is_known(picture: Path) -> None:
    api = FakeApi(looks=[{"state": "waiting"}, {"state": "processing"}, finished()])
    done = upload(api, FakeS3(), picture, "--wait")
    assert done.exit_code == 0
    header, line = done.stdout.splitlines()[:2]
    assert header.split() == ["file", "job", "state", "rows", "failed", "answer", "seconds"]
    assert line.split()[-9:] == ["ü.png", "job0", "succeeded", "3", "0", "4", "0", "7", "2.5"]


def test_looks_ever_less_often(picture: Path) -> None:
    world = outside(FakeApi(looks=[{"state": "processing"}] * 9 + [finished()]))
    CliRunner().invoke(app, ["upload", str(picture), "--url", URL, "--wait"], obj=world)
    slept = world.sleep.__self__.slept_s  # type: ignore[attr-defined]
    assert slept == [0.5, 0.75, 1.125, 1.6875, 2.53125, 3.796875, 5, 5, 5, 5]


def test_fails_when_a_job_does(picture: Path) -> None:
    failed = {"state": "failed", "error": {"code": "malformed", "title": "Malformed input", "detail": "the PNG is broken"}}
    done = upload(FakeApi(looks=[failed]), FakeS3(), picture, "--wait")
    assert done.exit_code == 1
    assert "Malformed input: the PNG is broken" in done.stdout


def test_fails_when_a_job_takes_too_long_and_names_it(picture: Path) -> None:
    done = upload(FakeApi(looks=[{"state": "processing"}]), FakeS3(), picture, "--wait", "--timeout-s", "30", "--json")
    (told,) = json.loads(done.stdout)
    assert done.exit_code == 1
    assert told["job"]["state"] == "processing"
    assert "inferstack jobs show job0" in told["problem"]["detail"]


def test_bears_with_an_api_that_stumbles_while_it_waits(picture: Path) -> None:
    api = FakeApi(looks=[{"state": "processing"}, finished()])
    answer_, stumbles = api.__call__, iter([refused(503), URLError("gone")])

    def stumbling(request, timeout):  # type: ignore[no-untyped-def]
        if request.method == "GET" and (failure := next(stumbles, None)):
            raise failure
        return answer_(request, timeout)

    done = CliRunner().invoke(app, ["upload", str(picture), "--url", URL, "--wait"], obj=outside(stumbling))  # type: ignore[arg-type]
    assert done.exit_code == 0
    assert "succeeded" in done.stdout


def test_does_not_wait_for_a_job_that_it_may_not_see(picture: Path) -> None:
    api = FakeApi()
    api.objects[f"{URL}/jobs/job0"] = refused(401, b'{"message": "Unauthorized"}')
    done = upload(api, FakeS3(), picture, "--wait", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)[0]["problem"] == {"title": "HTTP 401", "detail": "Unauthorized"}


def test_takes_folders_apart_in_order_without_what_is_hidden(tmp_path: Path) -> None:
    for name in ("b.png", "a/2.png", "a/1.png", ".DS_Store", ".git/config", "a/.x/y.png"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True, parents=True)
        file.write_text("x")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "around").symlink_to(tmp_path)
    files, skipped = expand([tmp_path / "b.png", tmp_path])
    assert [str(file.relative_to(tmp_path)) for file in files] == ["b.png", "a/1.png", "a/2.png"]
    assert skipped == 4
    assert expand([tmp_path / ".DS_Store"]) == ([tmp_path / ".DS_Store"], 0)


def test_says_how_many_it_skipped_and_that_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / ".hidden").touch()
    done = upload(FakeApi(), FakeS3(), tmp_path)
    assert done.exit_code == 1
    assert "skipped 1 hidden or special file" in done.stderr
    assert "there is no file to upload" in done.stderr


@pytest.mark.parametrize(
    ("name", "sent"),
    [("zwölf +1.png", "zwölf +1.png"), ("a\\b\n.png", "a_b_.png"), ("x" * 230 + ".png", "x" * 196 + ".png"), ("\udcff.png", "_.png")],
)
def test_calls_a_file_as_the_api_can_take_it(name: str, sent: str) -> None:
    assert api_name(Path(name)) == sent


def test_uploads_a_file_whose_name_is_no_text(tmp_path: Path) -> None:
    file = os.fsencode(tmp_path) + b"/\xff.png"
    Path(os.fsdecode(file)).write_bytes(CONTENT)
    done = upload(FakeApi(), FakeS3(), tmp_path)
    assert done.exit_code == 0
    assert "job0" in done.stdout


def test_sends_a_large_file_in_small_pieces(tmp_path: Path) -> None:
    file = tmp_path / "sparse.npy"
    with file.open("wb") as sparse:
        sparse.truncate(64 << 20)
    largest, told = [0], []

    def post(url: str, headers: object, body: object) -> Response:
        largest[0] = max(map(len, body))  # type: ignore[arg-type, call-overload]
        return Response(204)

    assert not Sender(Api(URL, open=FakeApi()), post=post).send(file, told.append).failed
    assert largest[0] == 256 << 10
    assert (told[0], told[-1]) == (0, 64 << 20)


def test_shows_the_commonest_labels_of_a_batch() -> None:
    assert answer({"labels": {"0": 980, "1": 1135, "7": 1028, "3": 1}}) == "1 ×1135, 7 ×1028, 0 ×980, … 1 more"
    assert answer({"labels": {}}) == ""


def test_ends_at_once_when_it_is_interrupted(picture: Path) -> None:
    def interrupted(request: object, timeout: float) -> object:
        raise KeyboardInterrupt

    done = CliRunner().invoke(app, ["upload", str(picture), "--url", URL], obj=outside(interrupted))  # type: ignore[arg-type]
    assert done.exit_code == 130
    assert "Traceback" not in done.output


def test_starts_nothing_more_after_a_failure() -> None:
    begun = []

    def work(number: int) -> None:
        begun.append(number)
        time.sleep(0.02)
        raise ValueError(number)

    with pytest.raises(ValueError, match=r"[0-3]"):
        in_parallel(work, range(1000), 4)
    time.sleep(0.1)
    assert len(begun) < 50


def test_returns_results_in_the_order_of_what_was_given() -> None:
    assert in_parallel(lambda number: (time.sleep(0.001 * (5 - number)), number)[1], range(5), 3) == [0, 1, 2, 3, 4]
