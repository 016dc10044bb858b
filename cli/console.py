"""What the command prints: plain tables for people, JSON for machines, one line for an error."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from textwrap import wrap
from typing import Any, TextIO

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.segment import Segment
from rich.text import Text

# Results go to stdout, everything about the run to stderr: `inferstack … --json | jq` always works.
# Into a pipe or a file nothing is folded at 80 columns.
WIDE = 240
WIDEST_CELL = 80  # a longer one, like a key of S3 with 1,024 bytes, shifts what follows in its own line, and not in every line

# Names and texts that others wrote are shown, never obeyed: a control character could move the cursor, clear the screen or set the window's
# title, and one of those that turn the direction of writing could hide what a file ends in.
_ORDERS = [*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]  # all but tab and line feed
_SHOWN = dict.fromkeys(_ORDERS, "\ufffd")
_IN_JSON = {order: f"\\u{order:04x}" for order in _ORDERS}


class Output(Console):
    """A stream of this process. Whoever reads it may stop early, like `head`: that is the reader's right, and no failure of ours."""

    def __init__(self, stream: TextIO | None, **more: Any) -> None:
        is_terminal = stream is not None and stream.isatty()  # there is no stream after `>&-`
        super().__init__(highlight=False, width=None if is_terminal else WIDE, **more)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """Give what is to be shown, piece by piece; only rich's own pieces order the terminal about."""
        for piece in super().render(renderable, options):
            yield piece if piece.control else piece._replace(text=piece.text.translate(_SHOWN))

    def on_broken_pipe(self) -> None:
        """Let `main` end the program."""
        raise BrokenPipeError


out = Output(sys.stdout)
err = Output(sys.stderr, stderr=True)


def print_json(value: object) -> None:
    """Print a value as indented JSON on stdout, in ASCII where the locale has another encoding than UTF-8."""
    is_utf8 = (getattr(sys.stdout, "encoding", None) or "").lower() == "utf-8"
    try:
        print(json.dumps(value, indent=2, ensure_ascii=not is_utf8, default=str).translate(_IN_JSON))  # noqa: T201 - it writes nothing where stdout is closed
    except BrokenPipeError:
        out.on_broken_pipe()


def print_csv(text: str) -> None:
    """Print a table of CSV on stdout; a character that the locale's encoding does not have is a question mark."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        print(text.translate(_SHOWN).encode(encoding, "replace").decode(encoding), end="")  # noqa: T201 - as above
    except BrokenPipeError:
        out.on_broken_pipe()


def print_table(rows: Iterable[Mapping[str, Any]]) -> None:
    """Print rows of equal keys as a plain table, each row a line that is never folded: an id can be copied, and `grep` finds it whole.

    Where a line is longer than the terminal, the terminal wraps it; so what may be long is the last column. A column that is empty in
    every row is left out, and so is a table without rows.
    """
    rows = [{name: str(value) for name, value in row.items()} for row in rows]
    columns = [name for name in (rows[0] if rows else ()) if any(row[name] for row in rows)]
    widths = {name: min(WIDEST_CELL, max(cell_len(name), *(cell_len(row[name]) for row in rows))) for name in columns}
    if columns:
        out.print(Text(_join_cells(dict(zip(columns, columns, strict=True)), widths), style="bold"), soft_wrap=True)
    for row in rows:
        out.print(Text(_join_cells(row, widths)), soft_wrap=True)


def print_facts(facts: Mapping[str, Any]) -> None:
    """Print names and values, a line each; on a terminal, what has no room in its line goes on below, beside the names."""
    longest = max(map(len, facts), default=0)
    for name, value in facts.items():
        out.print(f"[bold]{name:<{longest}}[/]  {escape(_hang(str(value), longest + 2))}", soft_wrap=True)


def print_sentence(text: str, *, indent: int) -> None:
    """Print a sentence behind spaces; on a terminal it is folded between its words."""
    out.print(" " * indent + _hang(text, indent), soft_wrap=True, markup=False)


def print_note(about: str, name: str, text: str) -> None:
    """Print a line about a file, which begins with the file's name: `grep` finds it. A line feed in either begins no line of its own."""
    out.print(f"{escape(about)}  [bold]{name}[/] {escape(text)}".replace("\n", " "), soft_wrap=True)


def print_failure(message: str, *, advice: str = "", as_json: bool = False) -> None:
    """Print what went wrong and what to do, each once."""
    if advice:
        message = message.removesuffix(f": {advice}")  # errors of settings have it in both, for the logs of a synthesis
    if as_json:
        print_json({"error": message, "advice": advice})
    else:
        err.print(f"[bold red]error[/] {escape(message)}", soft_wrap=True)
        if advice:
            err.print(f"      {escape(advice)}", soft_wrap=True)


ASKING_AWS = "asking AWS"  # what is shown meanwhile: without a network it takes half a minute until that is known


@contextmanager
def explain_interrupt(explain: Callable[[], str]) -> Iterator[None]:
    """Where Ctrl-C ends the block, say what goes on without this command, and how to look at it or end it."""
    try:
        yield
    except KeyboardInterrupt:
        err.print(f"\ninterrupted: {escape(explain())}", soft_wrap=True)
        raise


def leave_quietly() -> None:
    """Let nothing more be written on stdout, so that Python does not fail when it flushes at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _hang(text: str, indent: int) -> str:
    """Return a text that begins behind so many columns; on a terminal it goes on below them, and a word, an address too, stays whole."""
    room = out.width - indent
    if not out.is_terminal or cell_len(text) <= room:
        return text
    return ("\n" + " " * indent).join(wrap(text, max(room, 1), break_long_words=False, break_on_hyphens=False))


def _join_cells(row: Mapping[str, str], widths: Mapping[str, int]) -> str:
    return "  ".join(row[name].replace("\n", " ") + " " * (width - cell_len(row[name])) for name, width in widths.items()).rstrip()
