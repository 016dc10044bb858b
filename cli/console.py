"""What the command prints: plain tables for people, JSON for machines, one line for an error."""

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

# Results go to stdout, everything about the run to stderr: `inferstack … --json | jq` always works.
# Into a pipe or a file nothing is folded at 80 columns.
WIDE = 240
out = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
err = Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else WIDE)


def print_json(value: object) -> None:
    """Print a value as indented JSON on stdout."""
    json.dump(value, sys.stdout, indent=2, ensure_ascii=False, default=str)
    sys.stdout.write("\n")


def print_table(rows: Iterable[Mapping[str, Any]]) -> None:
    """Print rows of equal keys as a plain table."""
    rows = list(rows)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in rows[0] if rows else ():
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(escape(str(value)) for value in row.values()))
    out.print(table)


def print_facts(facts: Mapping[str, Any]) -> None:
    """Print names and values, a line each."""
    longest = max(map(len, facts), default=0)
    for name, value in facts.items():
        out.print(f"[bold]{name:<{longest}}[/]  {escape(str(value))}", soft_wrap=True)


def fail(message: str, *, advice: str = "", as_json: bool = False, code: int = 1) -> typer.Exit:
    """Print what went wrong and what to do, and return the exit to raise."""
    if as_json:
        print_json({"error": message, "advice": advice})
    else:
        err.print(f"[bold red]error[/] {escape(message)}", soft_wrap=True)
        if advice:
            err.print(f"      {escape(advice)}", soft_wrap=True)
    return typer.Exit(code)
