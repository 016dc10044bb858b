"""The command's end: an exit code and a line for every error, whatever stdout is."""

import errno
import io
import json
import shutil
import sys
from pathlib import Path

import pytest

import recipes
from cli.console import Output, print_json, print_table
from cli.exit_codes import TRACEBACK, run
from cli.main import main
from cli.stage.aws import AwsFailed
from recipes.errors import InvalidSettings


def raise_(error: BaseException) -> None:
    raise error


class Broken(io.StringIO):
    """A stream that takes nothing."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.code = code

    def write(self, _: str) -> int:
        raise OSError(self.code, "any")  # of code EPIPE, that is a BrokenPipeError

    def flush(self) -> None:
        self.write("")


@pytest.mark.parametrize(
    ("error", "code", "printed"),
    [
        (SystemExit(0), 0, ""),
        (SystemExit(2), 2, ""),
        (AwsFailed("no stack", advice="start one"), 1, "error no stack\n      start one\n"),
        (InvalidSettings("auth is x: write none", advice="write none"), 2, "error auth is x\n      write none\n"),
        (KeyboardInterrupt(), 130, ""),
        (OSError(errno.ENOSPC, "No space left on device", "a/b"), 1, "error a/b: No space left on device\n"),
        (shutil.Error([("a", "b", "[Errno 28] No space left: 'a' -> 'b'")]), 1, "error [Errno 28] No space left: 'a' -> 'b'\n"),
        (shutil.Error([("a", "b", "no space")] * 80), 1, "error no space, and 79 more could not be copied\n"),
        (shutil.Error("`a` and `b` are the same file"), 1, "error `a` and `b` are the same file\n"),
        (OSError("the file has become shorter"), 1, "error the file has become shorter\n"),
        (OverflowError("date value out of range"), 1, "error OverflowError: date value out of range\n"),
    ],
)
def test_ends_with_a_code_and_a_line(error: BaseException, code: int, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(lambda: raise_(error)) == code
    assert capsys.readouterr().err.startswith(printed)


def test_raises_what_nobody_expected_for_who_looks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TRACEBACK, "1")
    with pytest.raises(ZeroDivisionError):
        run(lambda: 1 / 0)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import nothing_of_the_kind", "1: ModuleNotFoundError: No module named 'nothing_of_the_kind'"),
        ("\nx = = 1", "2: SyntaxError: invalid syntax (recipe.py, line 2)"),
        ("\n\nint('a')", "3: ValueError: invalid literal for int() with base 10: 'a'"),
    ],
)
def test_names_the_line_of_a_recipe_that_somebody_writes(code: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = Path(recipes.__path__[0]) / "mine/recipe.py"
    assert run(lambda: exec(compile(code, str(file), "exec"))) == 1
    assert capsys.readouterr().err.startswith(f"error recipes/mine/recipe.py:{said}\n      mend it there")


@pytest.mark.parametrize("write", [lambda: print_json({}), lambda: None])
@pytest.mark.parametrize(("failure", "code"), [(errno.EPIPE, 141), (errno.ENOSPC, 1)])
def test_ends_where_stdout_takes_nothing(write: object, failure: int, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[None] = []
    monkeypatch.setattr(sys, "stdout", Broken(failure))
    monkeypatch.setattr("cli.exit_codes.leave_quietly", lambda: left.append(None))
    assert run(write) == code  # type: ignore[arg-type]
    assert len(left) <= 1


def test_lets_who_reads_a_table_stop_early() -> None:
    output = Output(None, file=Broken(errno.EPIPE))
    assert run(lambda: output.print("any")) in {1, 141}


def test_keeps_each_row_in_a_line_and_each_id_whole(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    id_, detail = "zybqcfr30664p4gzfk7nrfy9d9", "the header names 3 columns of values; expected 784, " * 8
    rows = [(id_, "failed", detail), ("b", "waiting", "é\n字")]
    monkeypatch.setattr("cli.console.out.width", 80)
    print_table([{"job": job, "state": state, "rows": "", "answer": answer} for job, state, answer in rows])
    header, first, second = capsys.readouterr().out.splitlines()
    assert header == f"job{' ' * 25}state    answer"
    assert first == f"{id_}  failed   {detail.rstrip()}"
    assert second.split() == ["b", "waiting", "é", "字"]


def test_prints_nothing_for_a_table_without_rows(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([])
    assert not capsys.readouterr().out


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
@pytest.mark.parametrize("as_json", [False, True])
def test_prints_what_the_locale_s_encoding_lacks(encoding: str, as_json: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["inferstack", "predict", "é…\U0001f600.png", *["--json"] * as_json])
    printed = {name: io.BytesIO() for name in ("stdout", "stderr")}
    for name, stream in printed.items():
        monkeypatch.setattr(sys, name, io.TextIOWrapper(stream, encoding, write_through=True))
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    if as_json:
        assert "é…\U0001f600.png" in json.loads(printed["stdout"].getvalue().decode(encoding))["error"]
    else:
        assert "é…\U0001f600.png".encode(encoding, "backslashreplace") in printed["stderr"].getvalue()
