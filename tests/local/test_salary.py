"""A stack of another recipe, brought up in the foreground by one word of context: numbers in, values out, by request and by upload.

The last test ends it.
"""

import json
import os
import shlex
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from typer.testing import CliRunner

from cli.main import app
from emulator.ports import Ports
from local.process import is_group_alive, is_listening
from local.run_state import RunState, read_state
from tests.conftest import state_in
from tests.local.foreground import ROOT, Foreground, run_in_foreground
from tests.local.test_uploads import LIMIT_S, post_form


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Foreground]:
    with run_in_foreground(tmp_path_factory.mktemp("salary"), f"{ROOT}/.venv/bin/inferstack", "up", "-c", "recipe=salary") as up:
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

    second, other_settings, other_port = run_up("-c", "recipe=salary"), run_up("-c", "recipe=digits"), run_up("--port", "5000")
    assert (second.returncode, json.loads(second.stdout)["port"]) == (0, up.port)
    assert "runs here already" in second.stderr
    for refused, words in (
        (other_settings, "started with -c recipe=salary, not with -c recipe=digits"),
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
    job = ask(salary, "POST", "/jobs", b'{"name": "years.csv", "csv": true}')
    assert post_form(job["upload"], b"YearsExperience,Salary\n1.1,39343\n5.1,66029\nmany,0\n") == 204
    deadline = time.monotonic() + LIMIT_S
    while (done := ask(salary, "GET", f"/jobs/{job['id']}"))["state"] not in {"succeeded", "failed"}:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    summary = done["summary"]
    assert (done["state"], summary["rows"], summary["failed"]) == ("succeeded", 3, 1)
    assert summary["values"]["min"] < summary["values"]["max"] == pytest.approx(72_000, rel=0.05)
    with urlopen(done["results"][1]["url"]) as table:
        assert table.readline() == b"row,name,id,value,outside_range,model,expected,error\r\n"


def test_is_proved_to_work(up: Foreground, salary: RunState) -> None:
    with state_in(up.state_dir):
        found = CliRunner().invoke(app, ["verify", "--json"])
    assert [each for each in json.loads(found.stdout)["checks"] if each["status"] == "failed"] == []
    assert found.exit_code == 0


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
