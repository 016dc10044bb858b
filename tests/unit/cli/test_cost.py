"""`inferstack cost`: what it prints, and what it refuses."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from deployment.quotas import CODES
from recipes.errors import InvalidSettings

runner = CliRunner()
ROOT = Path(__file__).resolve().parents[3]


def ask(*arguments: str) -> dict[str, Any]:
    result = runner.invoke(app, ["cost", *arguments, "--json"])
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def test_prints_five_ways_their_bills_the_break_evens_and_what_breaks_first() -> None:
    result = runner.invoke(app, ["cost", "--requests", "1e5/s", "--images", "1e9/day"])
    assert result.exit_code == 0, result.output
    rows = {line.split()[0] for line in result.stdout.splitlines() if line.strip()}
    assert {"serverless", "cpu", "gpu", "zero", "tutorial", "API", "Lambda", "SageMaker", "S3", "break-even"} <= rows
    assert "costs less than serverless from" in result.stdout
    assert "-c serverless_concurrency=200" in result.stdout
    assert all(code in result.stdout for name, code in CODES.items() if "job" not in name)
    assert "from memory, to be checked: ml.c7i.large" in result.stdout


def test_a_load_that_nothing_breaks_is_said_to_hold() -> None:
    result = runner.invoke(app, ["cost", "--requests", "1/s"])
    assert "nothing; next at" in result.stdout


def test_json_has_the_same_for_machines() -> None:
    said = ask("--requests", "5M/month", "--stage", "dev", "-c", "tracing=false")
    assert (said["stage"], said["recipe"], said["region"]) == ("dev", "digits", "us-east-1")
    ways = {way["way"]: way for way in said["ways"]}
    assert ways["serverless"]["usd_month"] == pytest.approx(sum(line["usd"] for line in ways["serverless"]["lines"]), abs=0.01)
    assert ways["serverless"]["usd_month"] < ways["tutorial"]["usd_month"]
    assert "X-Ray" not in ways["serverless"]["by_service"]
    assert ways["tutorial"]["instance"] == "ml.m4.xlarge"


def test_takes_the_recipe_and_the_settings_that_are_given() -> None:
    said = ask("--requests", "100/s", "--recipe", "natural_images", "-c", "endpoint_kind=cpu", "-c", "instance_type=ml.m5.large")
    cpu = next(way for way in said["ways"] if way["way"] == "cpu")
    assert (said["recipe"], cpu["instance"]) == ("natural_images", "ml.m5.large")


def test_no_load_is_a_wrong_call() -> None:
    result = runner.invoke(app, ["cost"])
    assert result.exit_code == 2
    assert "--requests 100/s" in result.output


def test_a_rate_without_its_time_is_refused() -> None:
    with pytest.raises(InvalidSettings, match="names no number a time"):
        runner.invoke(app, ["cost", "--requests", "100"], catch_exceptions=False)


@pytest.mark.parametrize("page", ["README.md", "docs/scale.md"])
def test_the_documents_commands_run(page: str) -> None:
    commands = re.findall(r"^inferstack (cost .*)$", (ROOT / page).read_text(), re.MULTILINE)
    assert commands
    assert [runner.invoke(app, command.split()).exit_code for command in commands] == [0] * len(commands)
