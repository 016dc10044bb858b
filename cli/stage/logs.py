"""Lines of a stage's logs: its functions', its model servers', and its API's, which has a line for each request."""

import heapq
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cli.stage.aws import AwsFailed, translate_aws_errors

API, ENDPOINT = "/aws/vendedlogs/", "/aws/sagemaker/Endpoints/"  # what the names of such groups begin with
# Lambda's own words are no JSON: of a function that it stopped, and of one that could not start or raised.
LAMBDAS = ("Task timed out", "Runtime exited", "[ERROR]")
LEVELS = ("WARNING", "ERROR", "CRITICAL")
PROBLEMS = " ".join(f'?"{words}"' for words in (*LEVELS, *LAMBDAS))
_FUNCTION = re.compile(r"-(\w+)Logs[0-9A-F]{8}-\w+$")


@dataclass(frozen=True, slots=True, order=True)
class LogLine:
    """A line of a log.

    Args:    at_ms: when it was written, in milliseconds since 1970.
             log: whose it is, in short.
             group: the log group's name.
    """

    at_ms: int
    log: str
    group: str
    text: str


def find_log_groups(stage: str, logs: Any, *, only_functions: bool = False) -> list[str]:
    """Return the names of a stage's log groups, those that a deleted stack left behind too; raise AwsFailed if there is none."""
    others = () if only_functions else (f"{API}Inferstack-{stage}-", f"{ENDPOINT}inferstack-{stage}-")
    prefixes = (f"Inferstack-{stage}-", *others)
    with translate_aws_errors():
        pages = [page for prefix in prefixes for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix)]
    groups = [str(group["logGroupName"]) for page in pages for group in page["logGroups"]]
    if not groups:
        raise AwsFailed(f"there is no log of the stage {stage} in this account and region", advice="look at the region, or deploy it")
    return groups


def read_newest(
    logs: Any, groups: Sequence[str], *, texts: Sequence[str], only_problems: bool, since_ms: int, most: int
) -> tuple[list[LogLine], int]:
    """Return the newest lines of log groups, the oldest first, and how many there are.

    Args:    texts: what a line must hold, each of them.
             only_problems: whether only lines are wanted that say of something that went wrong.
    """
    newest: list[LogLine] = []
    count = 0
    for group in groups:
        pattern = " ".join(map(_quote, texts)) or (_find_problems(group) if only_problems else "")
        for line in _read(logs, group, pattern, since_ms):
            if only_problems and not is_problem(line.text):
                continue
            count += 1
            (heapq.heappush if len(newest) < most else heapq.heappushpop)(newest, line)
    return sorted(newest), count


def parse_line(text: str) -> Any:
    """Return what a line of JSON says; of any other the text itself, as a container of somebody's own may write."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def is_problem(text: str) -> bool:
    """Return whether a line says of something that went wrong: by its level, by a request's status, or in Lambda's words."""
    line = parse_line(text)
    if not isinstance(line, dict):
        return any(words in text for words in LAMBDAS)
    return line.get("level") in LEVELS or str(line.get("status", "")).startswith("5")


def name_log(group: str) -> str:
    """Return in short whose log a group is, like Predict, api, or digits for that recipe's model server."""
    if group.startswith(API):
        return "api"
    if group.startswith(ENDPOINT):
        return group.rpartition("/")[2].split("-", 2)[2]
    found = _FUNCTION.search(group)
    return found[1] if found else group


def _read(logs: Any, group: str, pattern: str, since_ms: int) -> Iterator[LogLine]:
    wanted = {"filterPattern": pattern} if pattern else {}
    with translate_aws_errors():
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since_ms, **wanted):
            for event in page["events"]:
                yield LogLine(int(event["timestamp"]), name_log(group), group, str(event["message"]).strip())


def _find_problems(group: str) -> str:
    return '{ $.status = "5*" }' if group.startswith(API) else PROBLEMS


def _quote(text: str) -> str:
    """Return a text as a term of a filter pattern."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
