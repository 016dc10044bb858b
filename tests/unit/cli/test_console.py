"""What others wrote reaches the terminal as text, and never as an order to it."""

import io
import json

import pytest
from rich.markup import escape
from rich.progress import Progress

from cli.console import Output, print_facts, print_json, print_note, print_table

# Sets the window's title; an escape of one character, which UTF-8 has too; turns what follows around; a delete; the begin of a line.
ORDERS = ("\x1b]0;title\x07", "\x9b2J", "\u202egnp.exe", "\x7f", "\r")
NAME = f"in/[bold]é{''.join(ORDERS)}.png"
SHOWN = "in/[bold]é\ufffd]0;title\ufffd2J\ufffdgnp.exe\ufffd.png"  # rich itself leaves the bell and the carriage return out


def test_shows_a_name_that_would_order_the_terminal_about(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([{"file": NAME, "rows": 1}])
    assert capsys.readouterr().out.splitlines()[1].startswith(f"{SHOWN} ")


def test_shows_it_in_a_line_and_keeps_its_own_colours() -> None:
    out = Output(None, file=(shown := io.StringIO()), force_terminal=True, color_system="standard")
    out.print(f"{escape(NAME)} [bold]advice[/]", soft_wrap=True)
    assert shown.getvalue() == f"{SHOWN} \x1b[1madvice\x1b[0m\n"


def test_lets_a_long_name_widen_its_own_line_only(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([{"file": "a" * 1_000, "rows": 1}, {"file": "b", "rows": 2}])
    _, long, short = capsys.readouterr().out.splitlines()
    assert long == f"{'a' * 1_000}  1"
    assert len(short) < 100


def test_lets_a_name_begin_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_note("inbox/a\ninbox/b.png", "failed", "not a picture\ninbox/c.png  succeeded")
    assert capsys.readouterr().out == "inbox/a inbox/b.png  failed not a picture inbox/c.png  succeeded\n"


def test_shows_it_beside_a_bar_that_is_drawn_anew() -> None:
    out = Output(None, file=(shown := io.StringIO()), force_terminal=True)
    with Progress(console=out, auto_refresh=False) as bars:
        bars.add_task(escape(NAME))
        bars.refresh()
    assert "\x1b[?25l" in shown.getvalue()  # the bar's own orders go on: it hides the cursor
    assert not [order for order in ORDERS if order != "\r" and order in shown.getvalue()]


def test_gives_machines_the_name_itself(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"file": NAME})
    written = capsys.readouterr().out
    assert json.loads(written) == {"file": NAME}
    assert "é" in written
    assert written.replace("\n", "").isprintable()


ADDRESS = "http://127.0.0.1:4566/a-long-one-without-a-space"
FACTS = {"page": ADDRESS, "what runs": "two endpoints, a long-lived queue and none of 12 alarms"}


def test_folds_a_fact_between_its_words_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(Output, "is_terminal", True)
    monkeypatch.setattr(Output, "width", 40)
    print_facts(FACTS)
    first, *others = capsys.readouterr().out.splitlines()
    assert first == f"page       {ADDRESS}"
    assert others == ["what runs  two endpoints, a long-lived", "           queue and none of 12 alarms"]


def test_folds_nothing_in_a_pipe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(Output, "width", 40)
    print_facts(FACTS)
    assert capsys.readouterr().out.splitlines() == [f"page       {ADDRESS}", f"what runs  {FACTS['what runs']}"]
