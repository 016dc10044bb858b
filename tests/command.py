"""The command as a shell calls it: an error is a line, or JSON, and an exit code."""

import sys
from collections.abc import Sequence
from functools import cache, partial
from typing import Any

import pytest
import typer.testing
from typer.main import get_command

from cli.calls import late_commands
from cli.exit_codes import run
from cli.main import call_app

build = cache(get_command)  # once, not once a call: that takes 15 ms, and a call changes nothing in it
late_commands.load_command = cache(late_commands.load_command)


class _AsCalled:
    """A command that ends as `cli.main.main` lets it end."""

    def __init__(self, app: typer.Typer) -> None:
        command = build(app)
        self._main, self.name = command.main, command.name

    def main(self, args: Sequence[str], prog_name: str, **more: Any) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", [prog_name, *args])
            code = run(partial(call_app, partial(self._main, args, prog_name, **more)))
        sys.exit(code)


class CliRunner(typer.testing.CliRunner):
    """typer's, which shows errors of its own only, and those in its own way."""

    def invoke(self, *args: Any, **more: Any) -> typer.testing.Result:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(typer.testing, "_get_command", _AsCalled)  # typer has no public way
            return super().invoke(*args, **more)
