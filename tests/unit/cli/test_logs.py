"""`inferstack logs`: which lines of which logs it shows."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from cli.commands.logs import parse_span
from cli.main import app
from cli.stage.logs import find_log_groups, is_problem, name_log, read_newest
from tests.command import CliRunner
from tests.moto_aws import create_client, empty_account
from tests.unit.cli.world import fake_services

PREDICT = "Inferstack-dev-Web-PredictLogs1A2B3C4D-x0Yz"
API = "/aws/vendedlogs/Inferstack-dev-Web-0a1b2c3d"
ENDPOINT = "/aws/sagemaker/Endpoints/inferstack-dev-stop-search"
NOW_MS = int(time.time() * 1000)
OTHERS = ("Inferstack-prod-Web-PredictLogs1A2B3C4D-x0Yz", "/aws/lambda/another", "Inferstack-devel-Web-PredictLogs1A2B3C4D-x0Yz")


@pytest.fixture
def logs() -> Iterator[Any]:
    """An account's logs, with an old line in each of the stage's and of others."""
    with empty_account():
        client = create_client("logs")
        for group in (PREDICT, API, ENDPOINT, *OTHERS):
            client.create_log_group(logGroupName=group)
            write(client, group, (NOW_MS - 7_200_000, f"of {group}"))
        yield client


def write(client: Any, group: str, *lines: tuple[int, str]) -> None:
    stream = f"stream-{len(client.describe_log_streams(logGroupName=group)['logStreams'])}"
    client.create_log_stream(logGroupName=group, logStreamName=stream)
    events = [{"timestamp": at_ms, "message": f"{text}\n"} for at_ms, text in lines]
    client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


def test_finds_the_groups_of_the_stage_and_of_no_other(logs: Any) -> None:
    assert set(find_log_groups("dev", logs)) == {PREDICT, API, ENDPOINT}
    assert find_log_groups("dev", logs, only_functions=True) == [PREDICT]


@pytest.mark.parametrize(
    ("group", "name"),
    [
        (PREDICT, "Predict"),
        ("Inferstack-prod-stop-search-Registry-RegistryRolloutLogs0A1B2C3D-Zz9", "RegistryRollout"),
        (API, "api"),
        (ENDPOINT, "stop-search"),
        ("another", "another"),
    ],
)
def test_names_a_log_in_short(group: str, name: str) -> None:
    assert name_log(group) == name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"level": "INFO", "status": 200, "detail": "ERROR"}', False),
        ('{"level": "WARNING"}', True),
        ('{"level": "ERROR"}', True),
        ('{"status": "502"}', True),
        ('{"status": "404"}', False),
        ("2026-11-30T17:00:00Z 8c1e Task timed out after 29.00 seconds", True),
        ("RequestId: 8c1e Error: Runtime exited with error: signal: killed", True),
        ("[ERROR] Runtime.ImportModuleError: Unable to import module 'function': No module named 'a'", True),
        ("REPORT RequestId: 8c1e Duration: 12 ms", False),
        ("[]", False),
        ("[" * 200_000, False),
    ],
)
def test_knows_a_line_of_something_that_went_wrong(text: str, expected: bool) -> None:
    assert is_problem(text) == expected


def test_reads_the_newest_lines_of_all_logs_and_counts_all(logs: Any) -> None:
    write(logs, PREDICT, (NOW_MS - 3_000, "third"), (NOW_MS - 1_000, "fifth"))
    write(logs, API, (NOW_MS - 4_000, "second"), (NOW_MS - 2_000, "fourth"))
    lines, count = read_newest(logs, [PREDICT, API], texts=[], only_problems=False, since_ms=NOW_MS - 5_000, most=3)
    assert [(line.log, line.text) for line in lines] == [("Predict", "third"), ("api", "fourth"), ("Predict", "fifth")]
    assert count == 4


@pytest.mark.parametrize(("text", "seconds"), [("30min", 1800), ("2h", 7200), ("7d", 604_800), ("90 s", 90)])
def test_reads_a_span(text: str, seconds: int) -> None:
    assert parse_span(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "0h", "1 week", "-1h", "9999d", "999999999d", "١h"])
def test_refuses_what_is_no_span(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="30min"):
        parse_span(text)


def test_says_that_a_stage_has_no_log(logs: Any) -> None:
    logs.delete_log_group(logGroupName=OTHERS[0])
    run = CliRunner().invoke(app, ["logs", "--stage", "prod", "--json"], obj=fake_services(connect_aws=lambda _: lambda _: logs))
    assert run.exit_code == 1
    assert "no log of the stage prod" in json.loads(run.stdout)["error"]


def test_says_that_no_line_is_so_new(logs: Any) -> None:
    run = CliRunner().invoke(app, ["logs", "--stage", "dev"], obj=fake_services(connect_aws=lambda _: lambda _: logs))
    assert (run.exit_code, run.stdout.strip()) == (0, "no such line; look further back with --since 7d")
