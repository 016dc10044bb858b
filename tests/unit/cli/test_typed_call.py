"""The call that a report shows: every argument and option of the one that made it, as a shell takes it."""

from pathlib import Path
from typing import Annotated

import pytest
import typer

from cli.calls.typed_call import rebuild_call
from tests.command import CliRunner


def build_app(found: list[str]) -> typer.Typer:
    app, group = typer.Typer(), typer.Typer()

    @group.command()
    def make(  # noqa: PLR0917 - typer makes options of arguments
        context: typer.Context,
        first: Annotated[Path, typer.Argument()],
        second: Annotated[str, typer.Argument()] = "x",
        start: Annotated[Path | None, typer.Option()] = None,
        value: Annotated[list[str] | None, typer.Option("--set", "-s")] = None,
        fresh: Annotated[bool, typer.Option("--fresh")] = False,
        seed: Annotated[int, typer.Option()] = 0,
        as_json: Annotated[bool, typer.Option("--json")] = False,
    ) -> None:
        found.append(rebuild_call(context))

    @group.command()
    def other() -> None: ...

    app.add_typer(group, name="models")
    return app


@pytest.mark.parametrize(
    ("typed", "call"),
    [
        (["a"], "inferstack models make a"),
        (["--start", "my models", "a"], "inferstack models make a --start 'my models'"),
        (["a", "b", "-s", "A=1", "--set", "B=$HOME"], "inferstack models make a b --set A=1 --set 'B=$HOME'"),
        (["a", "--fresh", "--seed", "0"], "inferstack models make a --fresh --seed 0"),
        (["a", "--json"], "inferstack models make a"),
    ],
)
def test_is_the_call_that_was_typed(typed: list[str], call: str) -> None:
    found: list[str] = []
    assert CliRunner().invoke(build_app(found), ["models", "make", *typed]).exit_code == 0
    assert found == [call]
