"""`inferstack logs`: lines of a stage's logs, for operators."""

import re
import time
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from cli.ages import UNITS
from cli.console import err, out, print_json, print_table
from cli.options import Json, Stage
from cli.services import get_services
from cli.stage.logs import LogLine, find_log_groups, parse_line, read_newest

LONGEST_DAYS = 3_653  # that CloudWatch keeps a line


def parse_span(text: str) -> int:
    """Return the seconds of a span like 30min, 2h or 7d, which an option takes."""
    found = re.fullmatch(r"([0-9]{1,9}) ?(s|min|h|d)", text)
    seconds = int(found[1]) * dict(UNITS)[found[2]] if found else 0
    if not 0 < seconds <= LONGEST_DAYS * 86_400:
        raise typer.BadParameter(f"{text!r} is no span of time; write it like 30min, 2h or 7d")
    return seconds


def logs(  # noqa: PLR0917 - typer makes options of arguments
    context: typer.Context,
    text: Annotated[str, typer.Argument(metavar="[TEXT]", help="What a line must hold, in its own capitals.", show_default=False)] = "",
    stage: Stage = "local",
    job: Annotated[str, typer.Option("--job", metavar="ID", help="Only lines of a job.")] = "",
    only_errors: Annotated[bool, typer.Option("--errors", help="Only what went wrong: warnings, errors, answers 5XX.")] = False,
    since_s: Annotated[int, typer.Option("--since", metavar="SPAN", help="How far back, like 30min, 2h or 7d.", parser=parse_span)] = "1h",  # type: ignore[assignment]  # typer parses it
    limit: Annotated[int, typer.Option(help="How many lines to show, the newest.", min=1, max=10_000)] = 100,
    as_json: Json = False,
) -> None:
    """Show lines of a stage's logs: its functions', its model servers' and its API's, the newest last.

    Examples:
    inferstack logs --errors
    inferstack logs --stage prod --job 06b6g3k2v8x4q7r9t1w5y0z2a3 --since 7d
    inferstack logs endpoint-timeout --stage dev --json
    """
    client = get_services(context).connect_aws(stage)("logs")
    with err.status("reading the logs"):
        groups = find_log_groups(stage, client, only_functions=bool(job))  # no other knows of jobs
        since_ms = int((time.time() - since_s) * 1000)
        texts = [each for each in (text, job) if each]
        lines, count = read_newest(client, groups, texts=texts, only_problems=only_errors, since_ms=since_ms, most=limit)
    if as_json:
        print_json([_describe(line) for line in lines])
        return
    print_table({"time": _format_time(line), "log": line.log, "line": line.text} for line in lines)
    if not lines:
        out.print("no such line; look further back with --since 7d")
    elif count > len(lines):
        err.print(f"the newest {len(lines)} of {count:,}; --limit shows more")


def _describe(line: LogLine) -> dict[str, Any]:
    return {"time": _format_time(line), "log": line.log, "group": line.group, "line": parse_line(line.text)}


def _format_time(line: LogLine) -> str:
    return datetime.fromtimestamp(line.at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
