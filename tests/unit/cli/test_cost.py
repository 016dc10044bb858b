"""`inferstack cost`: what it prints, and what it refuses."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cli.console import Output
from cli.main import app
from deployment.quotas import CODES
from deployment.stages import read_context
from scale.bill import add_up, list_lines
from scale.load import Load
from scale.ways import SUMMARIES, find_way
from tests.command import CliRunner

runner = CliRunner()
ROOT = Path(__file__).resolve().parents[3]


@cache
def show(*arguments: str) -> str:
    result = runner.invoke(app, ["cost", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def ask(*arguments: str) -> dict[str, Any]:
    return dict(json.loads(show(*arguments, "--json")))


def test_prints_five_ways_their_bills_the_break_evens_and_what_breaks_first() -> None:
    shown = show("--requests", "1e5/s", "--images", "1e9/day")
    rows = {line.split()[0] for line in shown.splitlines() if line.strip()}
    assert {"serverless", "cpu", "gpu", "zero", "tutorial", "API", "Lambda", "SageMaker", "S3", "break-even"} <= rows
    assert re.search(r"^cpu \(.*\) +serverless +[\d.]+/s +.* million a month$", shown, re.MULTILINE)
    assert "-c serverless_concurrency=200" in shown
    assert all(code in shown for name, code in CODES.items() if "job" not in name)
    assert "prices from memory, not looked up: ml.c7i.large" in shown


def test_a_load_that_nothing_breaks_is_said_to_hold() -> None:
    shown = show("--requests", "1/s")
    assert re.search(r"^  nothing at this load; next at 166/s of requests: serverless_concurrency=5$", shown, re.MULTILINE)


def test_says_what_each_way_is_before_it_tells_what_it_costs() -> None:
    """`zero` and `tutorial` are no settings of the stack, so nobody knows the names."""
    shown = show("--requests", "1/s")
    for kind, about in SUMMARIES.items():
        line = re.search(f"^{kind} +{re.escape(about)}$", shown, re.MULTILINE)
        assert line, kind
        assert line.start() < shown.index("$ a month")
        assert len(line[0]) <= 80


def test_says_what_starts_when_the_load_doubles() -> None:
    shown = show("--requests", "100/s", "--images", "1e6/day")
    assert re.search(r"^serverless  the first waits 20 s      13 more containers, some wait up to 20 s$", shown, re.MULTILINE)
    shown = show("--requests", "1e4/s")
    assert re.search(r"^zero        the first fail for 5 min  1 more instance after 8 min$", shown, re.MULTILINE)


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


def test_files_need_machines_too() -> None:
    """Five thousand million rows a day are more than one container, or the tutorial's one machine, can take."""
    shown = show("--images", "5e9/day")
    assert re.search("^serverless .* 3 × 2 GB ", shown, re.MULTILINE)
    assert re.search("^cpu .* 4 × ml.c7i.large ", shown, re.MULTILINE)
    assert re.search("^tutorial .* 1 × ml.m4.xlarge, too few ", shown, re.MULTILINE)


def test_files_of_batch_transform_are_nothing_to_the_endpoint() -> None:
    shown = show("--images", "1e9/day", "--images-per-file", "1000000")
    assert re.search("^serverless .* 1 × 2 GB ", shown, re.MULTILINE)
    assert re.search("^cpu .* 2 × ml.c7i.large ", shown, re.MULTILINE)
    assert "too few" not in shown


def test_a_stage_of_several_recipes_pays_for_the_endpoints_that_nobody_asks() -> None:
    one, two = (
        {way["way"]: way["by_service"]["SageMaker"] for way in ask("--requests", "1/s", "-c", f"recipes={recipes}")["ways"]}
        for recipes in ("digits", "digits,salary")
    )
    assert two["cpu"] == pytest.approx(2 * one["cpu"], rel=0.01)
    assert (two["serverless"], two["zero"]) == (one["serverless"], one["zero"])
    shown = show("--requests", "1/s", "-c", "recipes=digits,salary")
    assert "beside it  salary, which nobody asks\n" in shown


def test_fits_a_terminal_of_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """But for what a sudden doubling does, the last column: at a large load it is several things."""
    monkeypatch.setattr(Output, "is_terminal", True)
    monkeypatch.setattr(Output, "width", 80)
    lines = runner.invoke(app, ["cost", "--requests", "1e5/s", "--images", "1e9/day"]).stdout.splitlines()
    assert len(lines) > 40
    assert [line for line in lines if len(line) > 80 and "refused" not in line] == []


def test_no_load_is_a_wrong_call() -> None:
    result = runner.invoke(app, ["cost"])
    assert result.exit_code == 2
    assert "--requests 100/s" in result.output


def test_a_rate_without_its_time_is_refused() -> None:
    result = runner.invoke(app, ["cost", "--requests", "100"])
    assert result.exit_code == 2
    assert "names no number a time" in result.stderr


def test_the_table_of_recipes_says_what_the_command_reckons() -> None:
    """At 1, 100 and 1,000 requests a second what a month costs in each way, and at the second what its endpoint does."""
    rows = re.findall(r"^\| `(\w+)`.*?\| [\d.]+ k?M?B \|(.*)$", (ROOT / "docs/scale.md").read_text(), re.MULTILINE)
    assert [recipe for recipe, _ in rows] == ["house_price", "stop_search", "digits", "natural_images"]
    for recipe, cells in rows:
        settings = read_context("prod", {"recipe": recipe})
        for kind, cell in zip(("serverless", "cpu", "gpu"), cells.split("|"), strict=False):
            lines = [list_lines(find_way(settings, kind), Load(rate_s), settings) for rate_s in (1, 100, 1000)]
            first, second, third = (f"{add_up(each):,.0f}" for each in lines)
            endpoint = sum(line.usd for line in lines[1] if line.service == "SageMaker")
            assert cell.strip() == f"{first}, {second} ({endpoint:,.0f}), {third}"


@pytest.mark.parametrize("page", ["README.md", "docs/scale.md"])
def test_the_documents_commands_run(page: str) -> None:
    commands = re.findall(r"^inferstack cost (.*)$", (ROOT / page).read_text(), re.MULTILINE)
    assert commands
    assert all(show(*command.split()) for command in commands)
