"""Logs of the running stack, by AWS's filter patterns."""

import time
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

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
