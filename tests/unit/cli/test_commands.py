"""The command's manners: help with examples, one line for an error, the right exit code, JSON where it is asked for."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.commands.predict import ask
from cli.main import app

runner = CliRunner()
COMMANDS = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]


@pytest.mark.parametrize("command", COMMANDS)
def test_shows_examples_in_every_help(command: str) -> None:
    shown = runner.invoke(app, [command, "--help"])
    assert shown.exit_code == 0
    assert "Examples:" in shown.output
    assert f"inferstack {command}" in shown.output.replace("\n", " ") or "make" in shown.output


@pytest.fixture
def nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFERSTACK_STATE_DIR", str(tmp_path))


@pytest.mark.usefixtures("nothing_runs")
def test_says_that_nothing_runs() -> None:
    asked = runner.invoke(app, ["status", "--json"])
    assert (asked.exit_code, json.loads(asked.stdout)) == (1, {"running": False})
    assert json.loads(runner.invoke(app, ["down", "--json"]).stdout) == {"stopped": False}


@pytest.mark.usefixtures("nothing_runs")
def test_names_the_way_out_when_there_is_no_api(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"")
    asked = runner.invoke(app, ["predict", str(picture), "--json"])
    assert asked.exit_code == 1
    assert "make up" in json.loads(asked.stdout)["advice"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["train", "digits", "--candidate", "nope"], "cnn, xgboost, xgboost_tuned"),
        (["train", "letters"], "digits"),
        (["synth", "--stage", "nope"], "local, dev, prod"),
    ],
)
def test_refuses_a_wrong_call_and_names_what_there_is(arguments: list[str], named: str) -> None:
    refused = runner.invoke(app, [*arguments, "--json"])
    assert refused.exit_code == 2
    assert named in json.loads(refused.stdout)["error"]
    assert "Traceback" not in refused.output


def test_answers_for_a_file_it_cannot_send_beside_others(tmp_path: Path) -> None:
    note = tmp_path / "note.md"
    note.write_text("a 7")
    problem = ask("http://127.0.0.1:1", note)["problem"]
    assert problem["title"] == "Unsupported file"
    assert ".png" in problem["detail"]


def test_sends_nothing_to_what_is_no_web_address(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"")
    assert "expected http or https" in ask("file:///etc/passwd", picture)["problem"]["detail"]


@pytest.mark.parametrize("url", ["example.com", "http://[x", ""])
def test_answers_for_an_address_that_is_none(tmp_path: Path, url: str) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"")
    assert ask(url, picture)["problem"]["title"] == "No answer"


def test_prints_what_others_wrote_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    from cli.output import fail, print_facts, print_table

    fail("cannot read [/tmp/x]", advice="see [bold]here")
    print_table([{"file": "a[/b].png"}])
    print_facts({"model": "[red]a"})
    said = capsys.readouterr()
    assert "cannot read [/tmp/x]" in said.err
    assert "see [bold]here" in said.err
    assert "a[/b].png" in said.out
    assert "[red]a" in said.out


@pytest.mark.parametrize("port", ["70000", "65533", "80", "abc", "-1"])
def test_refuses_a_port_that_cannot_be(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    from local.errors import LocalStackError
    from local.free_ports import choose_ports

    monkeypatch.setenv("INFERSTACK_PORT", port)
    with pytest.raises(LocalStackError, match="expected a number from 1024 to 65532"):
        choose_ports(None)


@pytest.mark.usefixtures("nothing_runs")
def test_names_a_setting_without_a_value() -> None:
    refused = runner.invoke(app, ["up", "-c", "recipe", "--json"])
    assert refused.exit_code == 2
    assert "got -c recipe; expected KEY=VALUE" in refused.output
