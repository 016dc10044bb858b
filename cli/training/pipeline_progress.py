"""An execution of a pipeline as people follow it, and its result."""

import json
from collections.abc import Callable
from pathlib import Path

import typer
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from cli.console import err, out, print_facts, print_failure, print_json, print_table
from cli.stage.aws import AwsFailed
from cli.training.pipeline_executions import Execution, ExecutionStatus

MARKS = {"Succeeded": "[green]✓[/]", "Failed": "[red]✗[/]", "Stopped": "[yellow]■[/]", "Executing": "…", "Starting": "…"}
MESSAGE_WIDTH = 70
CONDITION_COLUMNS = ("holds", "measured", "at least", "parameter", "condition")  # the longest is the last: no row is folded
CACHED = "known from before"


def follow_execution(execution: Execution, pause: Callable[[], object], *, as_json: bool) -> ExecutionStatus:
    """Show an execution until it ends, and return its last status; Ctrl-C ends the execution."""
    err.print(f"execution {execution.id}")  # at once, since it goes on if the command is killed
    try:
        if as_json or not err.is_terminal:
            return _print_changes(execution, pause, quiet=as_json)
        with Live(console=err, refresh_per_second=4) as live:
            while True:
                status = execution.describe()
                live.update(_build_table(status))
                if status.has_ended:
                    return status
                pause()
    except KeyboardInterrupt:
        _stop(execution)
        raise
    except AwsFailed:
        err.print(_say_that_it_goes_on(execution, ""), soft_wrap=True)
        raise


def _stop(execution: Execution) -> None:
    """End an execution after Ctrl-C, and say what becomes of it; a second Ctrl-C leaves it alone."""
    err.print("\nstopping the execution; Ctrl-C again leaves it running")
    try:
        execution.stop()
    except (AwsFailed, KeyboardInterrupt) as error:
        reason = f": {error}" if str(error) else ""
        err.print(_say_that_it_goes_on(execution, escape(reason)), soft_wrap=True)
    else:
        again = "what is done is not done anew" if execution.keeps_results else "and it begins anew"
        err.print(f"execution {execution.id} is stopped; run it again, {again}", soft_wrap=True)


def _say_that_it_goes_on(execution: Execution, reason: str) -> str:
    return f"execution {execution.id} goes on{reason}; `inferstack pipeline list RECIPE` shows it"


def print_result(id_: str, status: ExecutionStatus, report: Path | None, approve_command: str, *, as_json: bool) -> None:
    """Print how an execution ended and what to do next; raise typer.Exit unless it succeeded."""
    facts = {"execution": id_, "status": status.status}
    facts |= {"package": status.package} if status.package else {}
    facts |= {"report": str(report)} if report else {}
    conditions = _read_conditions(report)
    if as_json:
        steps = [{"name": step.name, "status": step.status, "seconds": round(step.seconds, 1)} for step in status.steps]
        print_json({**facts, "reason": status.reason, "conditions": conditions, "steps": steps})
    else:
        print_facts(facts)
        if conditions:
            out.print()
            print_table({name: each[name] for name in CONDITION_COLUMNS} for each in conditions)
            out.print()
        if status.package and approve_command:
            out.print(f"approve it with: {approve_command}")
    if status.status != "Succeeded":
        if not as_json:
            print_failure(status.reason or f"the execution is {status.status}")
        raise typer.Exit(1)


def _read_conditions(report: Path | None) -> list[dict[str, str]]:
    """Return what the evaluation beside a report says of each condition; nothing of one that an earlier version wrote."""
    evaluation = report.with_name("evaluation.json") if report else None
    return json.loads(evaluation.read_text()).get("conditions", []) if evaluation and evaluation.exists() else []


def _print_changes(execution: Execution, pause: Callable[[], object], *, quiet: bool) -> ExecutionStatus:
    printed: dict[str, str] = {}
    while True:
        status = execution.describe()
        for step in status.steps:
            if printed.get(step.name) != step.status and not quiet:
                err.print(f"{step.name}: {step.status}{f', {CACHED}' if step.from_cache else ''}")
            printed[step.name] = step.status
        if status.has_ended:
            return status
        pause()


def _build_table(status: ExecutionStatus) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("", "step", "s", "message"):
        table.add_column(column, justify="right" if column == "s" else "left", no_wrap=True)
    for step in status.steps:
        message = CACHED if step.from_cache else step.message
        table.add_row(MARKS.get(step.status, step.status), step.name, f"{step.seconds:.0f}", escape(message[-MESSAGE_WIDTH:]))
    return table
