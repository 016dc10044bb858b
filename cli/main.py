"""The `inferstack` command: the list of its commands, each group of which has a file in cli/commands.

Exit codes: 0 done, 1 an error that is printed, 2 a wrong call, 130 interrupted, 141 whoever reads the output has stopped reading.
"""

import platform
import sys
from typing import Annotated, Any

import typer

from cli.commands import (
    ab,
    destroy,
    doctor,
    evaluate,
    inbox,
    jobs,
    jobs_dead,
    models,
    models_compare,
    new,
    pipeline,
    predict,
    status,
    synth,
    token,
    train,
    up,
    upload,
    verify,
)
from cli.console import fail, out
from cli.exit_codes import WRONG_CALL, run

WrongCall: Any = typer.BadParameter.__bases__[0]  # whatever is wrong with a call; typer exports its parts only

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Pictures or numbers in, predictions out: run, train, ask and deploy the Inferstack stack.",
    epilog="Examples:  inferstack up  ·  inferstack predict 7.png  ·  inferstack upload scan.jpg --wait  ·  inferstack doctor --stage dev",
)


def print_version(is_asked: bool) -> None:
    """Print the project's version and Python's, and end."""
    if is_asked:
        from importlib.metadata import version  # noqa: PLC0415 - 10 ms that no other call need pay

        out.print(f"inferstack {version('inferstack')}, Python {platform.python_version()}")
        raise typer.Exit


@app.callback()
def set_up(
    _: Annotated[bool, typer.Option("--version", help="Print the version.", callback=print_version, is_eager=True)] = False,
) -> None:
    """Take the options that stand before a command."""


for command in (
    up.up,
    up.down,
    status.status,
    synth.synth,
    train.train,
    evaluate.evaluate,
    predict.predict,
    upload.upload,
    inbox.inbox,
    token.token,
    verify.verify,
    doctor.doctor,
    destroy.destroy,
):
    app.command()(command)
app.command("open")(status.open_)
jobs.app.command()(jobs_dead.redrive)
jobs.app.command()(jobs_dead.dead)
models.app.command()(models_compare.compare)
app.add_typer(jobs.app, name="jobs")
app.add_typer(ab.app, name="ab")
app.add_typer(pipeline.app, name="pipeline")
app.add_typer(models.app, name="models")
app.add_typer(new.app, name="new")


def main() -> None:
    """Run the command, and end with its exit code."""
    sys.exit(run(call_app))


def call_app() -> None:
    """Call the command; where `--json` is asked for, what is wrong with the call is JSON too."""
    if "--json" not in sys.argv:
        app()
        return
    try:
        code = app(standalone_mode=False)
    except typer.Abort as abort:
        raise KeyboardInterrupt from abort
    except WrongCall as error:
        code = fail(
            error.format_message(), advice="`--help` after the command lists what it takes", as_json=True, code=WRONG_CALL
        ).exit_code
    sys.exit(code)


if __name__ == "__main__":
    main()
