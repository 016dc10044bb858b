"""Whether logs say that something happened, and nothing of what people sent."""

import json
from collections.abc import Iterator
from typing import Any

from cli.stage.aws import translate_aws_errors
from cli.verify.check import Check, CheckFailed, require
from cli.verify.deployment import Deployment
from recipes.media_types import JSON

ARRIVAL_LIMIT_S = 120  # until a line can be found
CLOCK_SKEW_S = 60


def list_checks() -> list[Check]:
    """Return the checks; they read what the others have left."""
    return [
        Check(
            "logs",
            "no payload and no token",
            check_logs,
            "a function logs what it was sent: look at the line, and at functions/shared/logs.py",
        )
    ]


def check_logs(deployment: Deployment) -> str:
    """Ask once more, wait until that request is in a log, and look for the marker and the token in all logs."""
    body = json.dumps({"instances": [[deployment.marker]]}).encode()
    problem = deployment.api.send("POST", "/predictions", body=body, headers={"content-type": JSON}).json()
    id_ = str(problem.get("request_id", ""))
    require(id_, f"the answer names no request: {str(problem)[:200]}")
    groups = deployment.list_resources("AWS::Logs::LogGroup")
    found = deployment.wait_until(lambda: _find_line(deployment, groups, id_), ARRIVAL_LIMIT_S, pause_s=2)
    if not found:
        raise CheckFailed(f"no log has a line of request {id_} after {ARRIVAL_LIMIT_S} s", "the function may not write to its log group")
    secrets = {"what was sent": deployment.marker}
    if deployment.token:
        secrets["the caller's token"] = deployment.token().rpartition(".")[2]  # its signature
    for name, text in secrets.items():
        if line := _find_line(deployment, groups, text):
            raise CheckFailed(f"{line[0]} holds {name}: {line[1][:200]}")
    return f"{len(groups)} log groups; the request is there, and not what was sent"


def _find_line(deployment: Deployment, groups: list[str], text: str) -> tuple[str, str] | None:
    """Return a log group and its first line with a text, or None."""
    return next(((group, str(event["message"])) for group in groups for event in _search(deployment, group, text)), None)


def _search(deployment: Deployment, group: str, text: str) -> Iterator[dict[str, Any]]:
    since_ms = int((deployment.begin_s - CLOCK_SKEW_S) * 1000)
    with translate_aws_errors():
        pages = deployment.clients("logs").get_paginator("filter_log_events")
        for page in pages.paginate(logGroupName=group, startTime=since_ms, filterPattern=f'"{text}"'):
            yield from page["events"]
