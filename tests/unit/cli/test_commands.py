"""The command's manners: help with examples, one line for an error, the right exit code, JSON where it is asked for."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from cli.api.client import Api
from cli.calls.late_commands import load_command
from cli.commands.predict import predict_file
from cli.commands.up import ENDING, watch
from cli.failures import CommandFailed
from cli.http.client import UnusableProxy, open_client
from cli.main import COMMANDS, app, main
from deployment.paths import ROOT
from local.run_state import RunState, write_state
from local.stack import _lock
from tests import tiny_model
from tests.command import CliRunner
from tests.moto_aws import Bucket
from tests.moto_s3 import create_s3
from tests.unit.cli.verify.world import build_status
from tests.unit.cli.world import FakeStacks, build_state, fake_services

runner = CliRunner()
LOADED = {name: load_command(f"cli.commands.{where}", name) for name, (where, _) in COMMANDS.items()}
GROUPS = {name: command.commands for name, command in LOADED.items() if hasattr(command, "commands")}
SLOW = {"httpx", "boto3", "botocore", "numpy", "aws_cdk", "PIL", "matplotlib", "webbrowser", "asyncio", "importlib.metadata"}


@pytest.mark.parametrize(
    "command", ["", *sorted(COMMANDS.keys() - GROUPS), *(f"{group} {name}" for group in GROUPS for name in GROUPS[group])]
)
def test_shows_examples_in_every_help_each_on_a_line_of_80_characters(command: str) -> None:
    result = runner.invoke(app, [*command.split(), "--help"], env={"COLUMNS": "80"}, color=False)
    assert result.exit_code == 0
    first, *others = [line.strip() for line in result.output.partition("Examples:")[2].partition("╭")[0].strip().splitlines()]
    assert f"inferstack {command}".strip() in first
    assert [line for line in others if not line.startswith(("inferstack ", "make ", "curl "))] == []


def test_takes_nothing_out_of_the_environment_that_other_threads_go_through(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []
    monkeypatch.setattr("os.unsetenv", taken.append)
    assert runner.invoke(app, ["predict", "--help"]).exit_code == 0
    assert not taken


def test_lists_the_commands_and_imports_none() -> None:
    imported = list_imported("import cli.main; cli.main.main()")
    assert "typer.rich_utils" in imported
    assert not [name for name in imported if name.startswith("cli.commands.") or name in SLOW - {"importlib.metadata"}]


def test_imports_what_is_slow_only_where_it_is_used() -> None:
    modules = [f"cli.commands.{where.partition(':')[0]}" for where, _ in COMMANDS.values()]
    imported = list_imported("\n".join(f"import {module}" for module in [*modules, "cli.status.local"]))
    assert "cli.commands.doctor" in imported
    assert imported & SLOW == set()


def list_imported(program: str) -> set[str]:
    """Return the modules that a program imports in place of `inferstack --help`."""
    program = f"import atexit, sys; sys.argv = ['inferstack', '--help']; atexit.register(lambda: print('', *sys.modules))\n{program}"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("command", COMMANDS)
def test_says_the_same_of_a_command_in_the_list_and_in_its_help(command: str) -> None:
    assert LOADED[command].help.split("\n\n")[0].replace("\n", " ") == COMMANDS[command][1]


def test_the_reference_names_each_command() -> None:
    named = [f"{group} {name}" for group, commands in GROUPS.items() for name in commands]
    reference = (ROOT / "docs/command.md").read_text()
    assert [name for name in (*COMMANDS.keys() - GROUPS, *named) if f"`{name}`" not in reference] == []


def test_prints_its_version() -> None:
    printed = runner.invoke(app, ["--version"])
    assert (printed.exit_code, printed.stdout.split()[:3]) == (0, ["inferstack", f"{version('inferstack')},", "Python"])


def test_offers_completion_for_the_shell() -> None:
    assert {"--install-completion", "--show-completion"} <= set(runner.invoke(app, ["--help"]).stdout.split())


@pytest.mark.parametrize(
    ("opens", "told"), [(True, ""), (False, "there is no browser here"), (OSError("no display"), "there is no browser")]
)
def test_opens_the_page_or_prints_where_it_is(opens: object, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def open_page(url: str) -> object:
        if isinstance(opens, Exception):
            raise opens
        return opens

    monkeypatch.setattr("webbrowser.open", open_page)
    monkeypatch.setattr("cli.commands.status.read_state", build_state)
    opened = runner.invoke(app, ["open"])
    assert opened.stdout == "http://127.0.0.1:2\n"
    assert opened.stderr.startswith(told)
    assert not runner.invoke(app, ["open", "--print"]).stderr


def test_finds_the_page_of_a_deployed_stage() -> None:
    stacks = FakeStacks({"Inferstack-dev-Web": {"PageUrl": "https://page.example"}})
    services = fake_services(connect_aws=lambda _: lambda _: stacks)
    assert json.loads(runner.invoke(app, ["open", "--stage", "dev", "--json"], obj=services).stdout) == {"page_url": "https://page.example"}


def test_asks_a_stack_that_does_not_answer_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack that was stopped takes calls and answers none: each of what is asked waited for its own limit, three minutes together."""
    asked = []

    def hang(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        raise httpx.ReadTimeout("timed out", request=request)

    monkeypatch.setattr("cli.commands.status.read_state", build_state)
    result = runner.invoke(app, ["status"], obj=fake_services(hang))
    assert (result.exit_code, asked) == (1, ["/config.json"])
    assert "error the stack on port 1 does not answer" in result.stderr
    assert "`inferstack down`" in result.stderr


def test_names_each_bucket_the_events_and_how_to_drop_files(results: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    config = {"events": {"url": "http://e/event", "realtimeUrl": "ws://e/realtime", "auth": {"kind": "apiKey", "apiKey": "da2-x"}}}
    uploads, dump = Bucket("uploads"), Bucket("dump")
    uploads.put("elsewhere/a.csv")
    names = {"uploads_bucket": uploads.name, "results_bucket": results.name, "dump_bucket": dump.name}
    monkeypatch.setattr("cli.commands.status.read_state", lambda: build_state(**names))
    paths = {"/config.json": config, "/model": {"version": "1.0"}, "/status": build_status()}
    answers = fake_services(lambda request: httpx.Response(200, json=paths[request.url.path]), local_s3=create_s3())
    known = json.loads(runner.invoke(app, ["status", "--json"], obj=answers).stdout)
    events = {"events_url": "http://e/event", "events_realtime_url": "ws://e/realtime", "events_key": "da2-x"}
    expected = {**names, **events, "inbox": "s3://uploads/inbox/", "endpoint_status": "InService", "model_version": "1.0", "misplaced": 1}
    assert {name: known[name] for name in expected} == expected
    printed = runner.invoke(app, ["status"], obj=answers).stdout
    assert "aws s3 cp FILE s3://uploads/inbox/" in printed
    assert "1 file lies in the wrong place, where nobody reads it; `inferstack inbox` says which" in printed
    dump.put("inbox/b.csv")
    assert "2 files lie in the wrong place, where nobody reads them;" in runner.invoke(app, ["status"], obj=answers).stdout


@pytest.mark.usefixtures("results")
def test_shows_what_runs_where_the_buckets_are_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.commands.status.read_state", build_state)
    services = fake_services(lambda _: httpx.Response(200, json=build_status()), local_s3=create_s3())  # which has no bucket of these names
    shown = runner.invoke(app, ["status"], obj=services)
    assert (shown.exit_code, "endpoint  InService" in shown.stdout, "wrong place" in shown.stdout) == (0, True, False)


@pytest.mark.parametrize("is_active", [True, False])
def test_says_how_a_shell_finds_the_command(is_active: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.commands.up.read_state", build_state)
    monkeypatch.setattr("cli.commands.up.list_facts", lambda *_: {"page": "any"})
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix if is_active else "/another")
    printed = runner.invoke(app, ["up"], obj=fake_services()).stdout
    assert ("  source .venv/bin/activate\n  inferstack open\n" in printed) != is_active
    assert "  inferstack open\n" in printed


@pytest.fixture
def nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFERSTACK_STATE_DIR", str(tmp_path))


@pytest.mark.usefixtures("nothing_runs")
def test_says_that_nothing_runs() -> None:
    result = runner.invoke(app, ["status", "--json"])
    assert (result.exit_code, json.loads(result.stdout)) == (1, {"running": False, "starting": False})
    assert json.loads(runner.invoke(app, ["down", "--json"]).stdout) == {"stopped": False, "kept": None, "forgotten": []}
    assert "make up" in json.loads(runner.invoke(app, ["open", "--json"]).stdout)["advice"]


@pytest.mark.usefixtures("nothing_runs")
def test_says_that_another_up_is_starting_it(tmp_path: Path) -> None:
    with _lock(tmp_path, lambda *_: None):
        assert "not running yet: `up` is starting it" in runner.invoke(app, ["status"]).stdout
    assert "start it with `make up`" in runner.invoke(app, ["status"]).stdout


@pytest.mark.usefixtures("nothing_runs")
def test_says_where_the_log_is_of_a_stack_that_ended_by_itself(tmp_path: Path) -> None:
    assert "ended" not in runner.invoke(app, ["status"]).stdout
    write_state(replace(build_state(), pid=2**22 + 1))  # no process has so high a number
    told = runner.invoke(app, ["status"]).stdout
    assert "start it with `make up`" in told
    assert f"the one before ended without `down`: its log is {tmp_path}/logs/emulator.log" in told
    assert runner.invoke(app, ["down"]).exit_code == 0
    assert "ended" not in runner.invoke(app, ["status"]).stdout


@pytest.mark.usefixtures("nothing_runs")
def test_does_not_say_that_nothing_runs_where_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "run.json").mkdir()  # as unreadable as another user's file, for root too
    result = runner.invoke(app, ["status"])
    assert (result.exit_code, result.stderr) == (1, f"error {tmp_path / 'run.json'}: Is a directory\n")


@pytest.mark.usefixtures("nothing_runs")
def test_names_the_way_out_when_there_is_no_api(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"")
    result = runner.invoke(app, ["predict", str(picture), "--json"])
    assert result.exit_code == 1
    assert "make up" in json.loads(result.stdout)["advice"]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ([], ""),
        (["--port", "1"], ""),
        (["-c", "recipe=digits"], ""),
        (["--port", "5000"], "on port 1, not 5000"),
        (["-c", "auth=jwt"], "started with no -c, not with -c auth=jwt"),
        (["--fresh"], "with its jobs and models, and not --fresh"),
        (["--no-keep"], "with its jobs and models, and not --no-keep"),
    ],
)
def test_leaves_the_stack_that_runs_as_it_is(asked: list[str], told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.commands.up.read_state", lambda: build_state(kept_file="digits.zip"))
    for name in ("up", "down"):
        monkeypatch.setattr(f"local.stack.{name}", lambda *_, **__: pytest.fail("it did not leave it alone"))
    monkeypatch.setattr("cli.commands.up.describe_stack", lambda *_: {"running": True})
    second = runner.invoke(app, ["up", *asked, "--json"])
    if told:
        assert (second.exit_code, json.loads(second.stdout)["error"]) == (1, f"a stack runs here already, {told}")
        assert "INFERSTACK_STATE_DIR=" in json.loads(second.stdout)["advice"]  # how to have both
    else:
        assert (second.exit_code, json.loads(second.stdout)) == (0, {"running": True})
        assert second.stderr == "a stack runs here already; it stays as it is\n"


@pytest.fixture
def handlers() -> Iterator[None]:
    """Signals are handled as before when the test ends."""
    before = {each: signal.getsignal(each) for each in ENDING}
    yield
    for each, handler in before.items():
        signal.signal(each, handler)


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("second", ENDING)
def test_stops_all_that_was_started_though_it_is_interrupted_twice(second: signal.Signals, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = list[bool]()

    def start(*_: object, **__: object) -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        finally:  # on the way out it stops the emulator, which takes seconds
            signal.raise_signal(second)
            stopped.append(True)

    monkeypatch.setattr("cli.commands.up.read_state", lambda: None)
    monkeypatch.setattr("local.stack.up", start)
    assert runner.invoke(app, ["up"]).exit_code == 130
    assert stopped


@pytest.mark.parametrize("command", [["train", "digits"], ["evaluate", "digits"]])
def test_finds_a_folder_that_cannot_be_written_before_the_work(command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    for name in ("training.train", "training.evaluate"):  # torch takes seconds to import
        monkeypatch.setitem(sys.modules, name, SimpleNamespace(train=None, evaluate=None))
    monkeypatch.setattr(f"cli.commands.{command[0]}.load_dataset", lambda *_, **__: pytest.fail("it went on"))
    assert runner.invoke(app, [*command, "--out", str(tmp_path / "file/x")]).stderr.endswith("file/x: Not a directory\n")


@pytest.mark.parametrize(("command", "begun"), [("up", "local.stack.up"), ("synth", "cli.commands.synth.synthesize")])
def test_says_what_is_wrong_with_a_model_before_anything_starts(
    command: str, begun: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.commands.up.read_state", lambda: None)
    monkeypatch.setattr(begun, lambda *_, **__: pytest.fail("it went on"))
    tiny_model.write(tmp_path)
    refused = runner.invoke(app, [command, "-c", "recipe=salary", "-c", f"model_dir={tmp_path}"])
    assert "recipe is 'digits'; the recipe salary has 'salary'" in refused.stderr
    (tmp_path / "model.onnx").unlink()
    refused = runner.invoke(app, [command, "-c", f"model_dir={tmp_path}"])
    assert "has no model.onnx" in refused.stderr


def test_says_what_is_wrong_with_a_model_before_the_data_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "training.evaluate", SimpleNamespace(evaluate=None))
    monkeypatch.setattr("cli.commands.evaluate.load_dataset", lambda *_, **__: pytest.fail("it went on"))
    tiny_model.write(tmp_path)
    refused = runner.invoke(app, ["evaluate", "salary", "--model", str(tmp_path)])
    assert "recipe is 'digits'; the recipe salary has 'salary'" in refused.stderr


@pytest.mark.parametrize("url", ["", " ", "example.com", "ftp://example.com", "https://", "http:///jobs"])
def test_asks_no_stack_in_place_of_what_is_no_address(url: str) -> None:
    refused = runner.invoke(app, ["jobs", "list", "--url", url, "--json"])
    assert (refused.exit_code, json.loads(refused.stdout)["error"]) == (2, f"--url is {url!r}, not an address like https://…")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["train", "digits", "--candidate", "nope"], "cnn, xgboost, xgboost_tuned"),
        (["train", "letters"], "digits"),
        (["up", "-c", "recipe=letters"], "digits"),
        (["ab", "report", "--recipe", "letters"], "digits"),
        (["pipeline", "run", "letters", "--folder", "artifacts"], "digits"),
        (["pipeline", "data", "letters"], "digits"),
        (["pipeline", "list", "letters"], "digits"),
        (["synth", "--stage", "nope"], "local, dev, prod"),
        (["doctor", "--stage", "nope"], "local, dev, prod"),
        (["pipeline", "run", "digits", "--stage", "nope"], "local, dev, prod"),
        (["pipeline", "data", "digits", "--stage", "nope"], "local, dev, prod"),
        (["pipeline", "list", "digits", "--stage", "nope"], "local, dev, prod"),
    ],
)
def test_refuses_a_wrong_call_and_names_what_there_is(arguments: list[str], named: str) -> None:
    result = runner.invoke(app, [*arguments, "--json"])
    assert result.exit_code == 2
    assert named in json.loads(result.stdout)["error"]
    assert "Traceback" not in result.output


def predict(url: str, file: Path) -> dict[str, str]:
    """Return the problem of a file that is sent by the real client."""
    with open_client() as http:
        problem: dict[str, str] = predict_file(Api(url, http), file)["problem"]
    return problem


def test_answers_for_a_file_it_cannot_read_beside_others(tmp_path: Path) -> None:
    problem = predict("http://127.0.0.1:1", tmp_path / "folder.png")
    assert problem["title"] == "Cannot read"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a/b", "example.com", "http://", ""])
def test_sends_nothing_to_what_is_not_a_web_address(tmp_path: Path, url: str) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"")
    problem = predict(url, picture)
    assert problem["title"] == "No answer"
    assert "protocol" in problem["detail"]


def test_names_a_proxy_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "gopher://proxy:70")
    with pytest.raises(UnusableProxy, match="gopher"):
        open_client()


def test_prints_what_others_wrote_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    from cli.console import print_facts, print_failure, print_table

    print_failure("cannot read [/tmp/x]", advice="see [bold]here")
    print_table([{"file": "a[/b].png"}])
    print_facts({"model": "[red]a"})
    printed = capsys.readouterr()
    assert "cannot read [/tmp/x]" in printed.err
    assert "see [bold]here" in printed.err
    assert "a[/b].png" in printed.out
    assert "[red]a" in printed.out


@pytest.mark.parametrize("port", ["70000", "65533", "80", "abc", "-1"])
def test_refuses_a_port_that_cannot_be(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    from local.errors import NoPorts
    from local.free_ports import reserve_ports

    monkeypatch.setenv("INFERSTACK_PORT", port)
    with pytest.raises(NoPorts, match="expected a number from 1024 to 65532"), reserve_ports(None):
        pass


@pytest.mark.usefixtures("nothing_runs")
def test_advises_nothing_about_what_is_kept_where_a_port_is_the_reason() -> None:
    result = runner.invoke(app, ["up", "--port", "80"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "error the port is '80'; expected a number from 1024 to 65532, the first of four\n"


@pytest.mark.usefixtures("nothing_runs")
def test_names_the_log_of_an_emulator_that_ended(tmp_path: Path) -> None:
    texts = dict.fromkeys(("api_url", "page_url", "s3_endpoint", "dump_bucket", "uploads_bucket", "results_bucket", "events_url"), "any")
    with subprocess.Popen(["true"]) as ended:
        state = RunState(pid=ended.pid, port=1, **texts, endpoint="any", auth="none", recipe="digits", started_at=0)
    write_state(state)
    with pytest.raises(CommandFailed) as ended_by_itself:
        watch(state)
    assert ended_by_itself.value.advice == f"its log is {tmp_path / 'logs/emulator.log'}"


@pytest.mark.usefixtures("nothing_runs")
def test_names_a_setting_without_a_value() -> None:
    result = runner.invoke(app, ["up", "-c", "recipe", "--json"])
    assert result.exit_code == 2
    assert "got -c recipe; expected KEY=VALUE" in result.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("predict", "nope.png"), "'nope.png' does not exist"),
        (("upload",), "Missing argument"),
        (("jobs", "nope"), "nope"),
        (("train", "salary", "--seed", "-1"), "--seed is -1, not a whole number from 0 to 4294967295"),
        (("jobs", "list", "--limit", "1.5"), "--limit is '1.5', not a whole number of at least 1"),
        (("models", "approve", "x"), "VERSION is 'x', not a whole number of at least 1"),
        (("up", "--port", "x"), "--port (env var: INFERSTACK_PORT) is 'x', not a whole number"),
        (("cost", "--peak", "5000"), "--peak is 5000.0, not a number from 1 to 1000"),
        (("cost", "--active-hours", "nan"), "--active-hours is nan, not a number from 0.1 to 24"),
        (("upload", "README.md", "--timeout-s", "nan"), "--timeout-s is nan, not a number of at least 1"),
        (("cost", "--requests"), "--requests"),
        (("models", "list", "--moon"), "--moon"),
        (("verify", "--stage", "moon"), "stage is 'moon', not one of"),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_a_wrong_call_is_told_as_every_error_and_as_json_where_that_is_asked_for(
    words: tuple[str, ...], told: str, as_json: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["inferstack", *words, *["--json"] * as_json])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    printed = capsys.readouterr()
    said = json.loads(printed.out)["error"] if as_json else printed.err.removeprefix("error ").splitlines()[0]
    assert told in said


@pytest.mark.parametrize("words", [(), ("jobs",)])
def test_shows_the_help_of_what_is_called_alone(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["inferstack", *words])
    with pytest.raises(SystemExit) as end:
        main()
    printed = capsys.readouterr()
    assert (end.value.code, printed.err) == (2, "")
    assert "Commands" in printed.out
