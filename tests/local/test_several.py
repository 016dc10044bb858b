"""A stack of two recipes, brought up in the foreground by one word of context: numbers in and values out, photos in and kinds out.

Both are asked, by request and by upload; the photos' model is trained, approved and served. The last test ends the stack.
"""

import io
import json
import os
import shlex
import subprocess
import tarfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import boto3
import pytest
from typer.testing import CliRunner

from cli.main import app
from emulator.front.ports import Ports
from local.process import is_group_alive, is_listening
from local.run_state import RunState, read_state
from recipes.natural_images.generate import draw_files
from recipes.recipe import load
from tests.conftest import state_in
from tests.local.foreground import ROOT, Foreground, run_in_foreground
from tests.local.test_pipeline import Run
from tests.local.test_uploads import LIMIT_S, post_form

RECIPES, PHOTOS = "recipes=salary,natural_images", "/models/natural_images"
PHOTO = ROOT / "recipes/natural_images/golden/photo.jpg"
KINDS = load("natural_images").labels


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Foreground]:
    with run_in_foreground(tmp_path_factory.mktemp("several"), f"{ROOT}/.venv/bin/inferstack", "up", "-c", RECIPES) as up:
        up.wait_for("Ctrl-C stops it")
        yield up


@pytest.fixture(scope="module")
def salary(up: Foreground) -> RunState:
    with state_in(up.state_dir):
        state = read_state()
    assert state
    return state


def ask(state: RunState, method: str, path: str, body: bytes | None = None, content_type: str = "application/json") -> dict[str, Any]:
    with urlopen(Request(state.api_url + path, data=body, method=method, headers={"content-type": content_type})) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def upload(state: RunState, content: bytes, **job: Any) -> dict[str, Any]:
    """Return the job of a file when it has ended."""
    made = ask(state, "POST", "/jobs", json.dumps(job).encode())
    assert post_form(made["upload"], content) == 204
    deadline = time.monotonic() + LIMIT_S
    while (done := ask(state, "GET", f"/jobs/{made['id']}"))["state"] not in {"succeeded", "failed"}:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return done


def zip_photos(path: Path, photos: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in photos.items():
            archive.writestr(name, content)
    return path


def test_answers_csv_as_json(salary: RunState) -> None:
    by_json = ask(salary, "POST", "/predictions", b'{"instances": [[3.1], [10]]}')
    by_csv = ask(salary, "POST", "/predictions", b"3.1\n10\n", "text/csv")
    assert by_json["predictions"] == by_csv["predictions"]
    low, high = (prediction["value"] for prediction in by_json["predictions"])
    assert low == pytest.approx(53_500, rel=0.05)
    assert high == pytest.approx(117_000, rel=0.05)
    assert by_json["model"]["name"] == "linear"


def test_answers_the_command_that_up_prints(up: Foreground) -> None:
    command = up.wait_for(r"(?m)^\s*(curl .+)$").group(1)
    done = subprocess.run(shlex.split(command), capture_output=True, timeout=LIMIT_S, check=True)
    (prediction,) = json.loads(done.stdout)["predictions"]
    assert prediction["value"] > 0


def test_shows_the_running_stack_to_a_second_up_and_leaves_it_running(up: Foreground, salary: RunState) -> None:
    def run_up(*options: str) -> "subprocess.CompletedProcess[str]":
        environment = {**os.environ, "INFERSTACK_STATE_DIR": str(up.state_dir)}
        command = [".venv/bin/inferstack", "up", "--json", *options]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LIMIT_S, check=False)

    second, other_settings, other_port = run_up("-c", RECIPES), run_up("-c", "recipe=digits"), run_up("--port", "5000")
    assert (second.returncode, json.loads(second.stdout)["port"]) == (0, up.port)
    assert "runs here already" in second.stderr
    for refused, words in (
        (other_settings, f"started with -c {RECIPES}, not with -c recipe=digits"),
        (other_port, f"on port {up.port}, not 5000"),
    ):
        assert refused.returncode == 1
        assert words in json.loads(refused.stdout)["error"]
    assert is_group_alive(salary.pid)


def test_shows_a_value_with_its_unit_in_the_command(salary: RunState, tmp_path: Path) -> None:
    (tmp_path / "years.csv").write_text("3.1\n10\n")
    shown = CliRunner().invoke(app, ["predict", str(tmp_path / "years.csv"), "--url", salary.api_url])
    assert shown.exit_code == 0, shown.output
    header, first, _ = shown.stdout.splitlines()
    assert header.split() == ["file", "answer", "model", "ms"]
    assert "US$ a year" in first


def test_says_what_it_takes(salary: RunState) -> None:
    manifest = ask(salary, "GET", "/model")
    assert (manifest["recipe"], manifest["output"]["target"]) == ("salary", "salary")
    assert manifest["input"]["features"] == [{"name": "experience", "unit": "years", "least": 0, "range": [1.5, 10.5]}]


def test_answers_an_upload_with_a_value_a_row(salary: RunState) -> None:
    done = upload(salary, b"YearsExperience,Salary\n1.1,39343\n5.1,66029\nmany,0\n", name="years.csv", csv=True)
    summary = done["summary"]
    assert (done["recipe"], done["state"], summary["rows"], summary["failed"]) == ("salary", "succeeded", 3, 1)
    assert summary["values"]["min"] < summary["values"]["max"] == pytest.approx(72_000, rel=0.05)
    with urlopen(done["results"][1]["url"]) as table:
        assert table.readline() == b"row,name,id,value,outside_range,model,expected,error\r\n"


def test_lists_its_models_and_asks_each_by_its_name(salary: RunState) -> None:
    assert [model["recipe"] for model in ask(salary, "GET", "/models")["models"]] == ["salary", "natural_images"]
    assert ask(salary, "GET", PHOTOS)["labels"] == list(KINDS)
    (prediction,) = ask(salary, "POST", f"{PHOTOS}/predictions", PHOTO.read_bytes(), "image/jpeg")["predictions"]
    assert prediction["label"] in KINDS
    with pytest.raises(HTTPError) as error:
        ask(salary, "POST", "/predictions", PHOTO.read_bytes(), "image/jpeg")
    with error.value:
        assert error.value.code == 415  # the default takes rows


def test_every_recipe_is_proved_to_work(up: Foreground, salary: RunState) -> None:
    with state_in(up.state_dir):
        found = CliRunner().invoke(app, ["verify", "--json"])
    checks = json.loads(found.stdout)["checks"]
    assert [each for each in checks if each["status"] == "failed"] == []
    assert {"API", "API of natural_images", "uploads of natural_images", "serving of natural_images"} <= {each["group"] for each in checks}
    assert found.exit_code == 0


def test_photos_become_a_version_that_serves_and_answers_a_batch(up: Foreground, salary: RunState, tmp_path: Path) -> None:
    """From a zip with a broken file to the answers of the new model: data, train, approve, predict, batch."""
    drawn = dict(draw_files(8))
    broken = "natural_images/cat/torn.jpg"
    photos = zip_photos(tmp_path / "photos.zip", {**drawn, broken: b"\xff\xd8\xff\xe0 no picture"})
    sagemaker, s3 = (boto3.client(service, **salary.client_options()) for service in ("sagemaker", "s3"))
    before = ask(salary, "GET", PHOTOS)["version"]

    def run(*arguments: str) -> None:
        with state_in(up.state_dir):
            done = CliRunner().invoke(app, [*arguments, "--json"])
        assert done.exit_code == 0, done.output

    run("pipeline", "data", "natural_images", "--data", str(photos))
    trained = Run(sagemaker, "inferstack-local-natural-images", 240, Limit="0", Candidates="densenet_small", Threshold="0")
    assert trained.ended() == "Succeeded", trained.about
    package = sagemaker.describe_model_package(ModelPackageName=trained.steps["Register"]["Metadata"]["RegisterModel"]["Arn"])
    execution = trained.arn.rpartition("/")[2]

    def read(key: str) -> Any:
        return s3.get_object(Bucket=salary.dump_bucket, Key=key)["Body"]

    about = json.load(read(f"datasets/natural_images/{execution}/dataset.json"))
    assert sum(about["instances"].values()) == len(drawn)
    assert list(about["left_out"]) == [broken]
    url = package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    with tarfile.open(fileobj=read(url.partition(f"{salary.dump_bucket}/")[2]), mode="r|gz") as archive:
        (manifest,) = [json.load(archive.extractfile(each) or io.BytesIO()) for each in archive if each.name == "manifest.json"]
    assert manifest["input"]["shape"] == [224, 224, 3]
    assert set(manifest["metrics"]["robustness"]) >= {"clean", "grey", "turned"}
    grid = f"models/natural_images/{execution}/evaluation/densenet_small/evaluation-predictions.png"
    assert len(read(grid).read()) > 10_000

    run("models", "approve", str(package["ModelPackageVersion"]), "--recipe", "natural_images", "--wait")
    serving = ask(salary, "GET", PHOTOS)
    assert serving["version"] == manifest["version"] != before
    answer = ask(salary, "POST", f"{PHOTOS}/predictions", next(iter(drawn.values())), "image/jpeg")
    assert answer["model"]["version"] == manifest["version"]
    assert answer["predictions"][0]["label"] in KINDS

    few = zip_photos(tmp_path / "few.zip", {"a.jpg": drawn["natural_images/car/car_0001.jpg"], "torn.jpg": b"no picture"})
    done = upload(salary, few.read_bytes(), name="few.zip", content_type="application/zip", recipe="natural_images")
    assert (done["recipe"], done["state"], done["summary"]["rows"], done["summary"]["failed"]) == ("natural_images", "succeeded", 2, 1)
    with urlopen(next(result["url"] for result in done["results"] if result["name"] == "predictions.jsonl")) as lines:
        rows = {row["name"]: row for row in map(json.loads, lines)}
    assert rows["a.jpg"]["label"] in KINDS
    assert rows["torn.jpg"]["error"]


def test_ends_with_all_it_started_when_down_is_called_elsewhere(up: Foreground, salary: RunState) -> None:
    environment = {**os.environ, "INFERSTACK_STATE_DIR": str(up.state_dir)}

    def make_down() -> str:
        return subprocess.run(["make", "down"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True).stdout

    assert "stopped" in make_down()
    assert up.process.wait(30) == 0
    assert "ended by itself" not in up.log.read_text()
    assert not is_group_alive(salary.pid)
    assert not [port for port in Ports.starting_at(up.port) if is_listening(port)]
    assert "nothing was running" in make_down()
