"""Logs of the running stack: by AWS's filter patterns, and by `inferstack logs`."""

import json
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from cli.main import app
from local.run_state import RunState
from tests.conftest import state_in
from tests.local.conftest import Client


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("", 2), ("ERROR", 1), ("error", 0), ('{ $.level = "ERROR" }', 1), ('{ $.level = "WARNING" }', 0), ('?ERROR ?"all is"', 2)],
)
def test_filters_as_cloudwatch_does(pattern: str, found: int, client: Client) -> None:
    """Conditions were taken for anything, and capitals for small letters."""
    logs, group = client("logs"), f"filtered-{uuid4().hex}"
    logs.create_log_group(logGroupName=group)
    try:
        logs.create_log_stream(logGroupName=group, logStreamName="one")
        lines = [
            {"timestamp": int(time.time() * 1000), "message": each}
            for each in ('{"level": "ERROR"}', '{"level": "INFO", "a": "all is well"}')
        ]
        logs.put_log_events(logGroupName=group, logStreamName="one", logEvents=lines)
        assert len(logs.filter_log_events(logGroupName=group, filterPattern=pattern)["events"]) == found
        with pytest.raises(ClientError, match="InvalidParameterException"):
            logs.filter_log_events(logGroupName=group, filterPattern="{ $.level }")
    finally:
        logs.delete_log_group(logGroupName=group)


def show(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    with state_in(folder):
        done = CliRunner().invoke(app, ["logs", *arguments, "--json"])
    assert done.exit_code == 0, done.output
    lines: list[dict[str, Any]] = json.loads(done.stdout)
    return lines


def test_finds_a_request_by_its_id_and_takes_it_for_no_problem(stack: RunState, stack_dir: Path) -> None:
    refusal = httpx.post(f"{stack.api_url}/predictions", content=b"{}", headers={"content-type": "application/json"}, timeout=60).json()
    deadline = time.monotonic() + 30
    while not (lines := show(stack_dir, refusal["request_id"])):
        assert time.monotonic() < deadline
    assert {(line["log"], line["line"]["level"]) for line in lines if isinstance(line["line"], dict)} == {("Predict", "INFO")}
    assert show(stack_dir, refusal["request_id"], "--errors") == []
