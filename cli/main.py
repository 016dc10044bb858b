"""The `inferstack` command: the list of its commands, each group of which has a file in cli/commands.

Exit codes: 0 done, 1 an error that is printed, 2 a wrong call, 130 interrupted.
"""

import sys

import typer

from cli.commands import (
    ab,
    destroy,
    doctor,
    evaluate,
    jobs,
    jobs_dead,
    models,
    models_compare,
    pipeline,
    predict,
    synth,
    token,
    train,
    up,
    upload,
    verify,
)
from cli.console import fail
from recipes.errors import InferstackError

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Pictures or numbers in, predictions out: run, train, ask and deploy the Inferstack stack.",
    epilog="Examples:  inferstack up  ·  inferstack predict 7.png  ·  inferstack upload scan.jpg --wait  ·  inferstack doctor --stage dev",
)
for command in (
    up.up,
    up.down,
    up.status,
    synth.synth,
    train.train,
    evaluate.evaluate,
    predict.predict,
    upload.upload,
    token.token,
    verify.verify,
    doctor.doctor,
    destroy.destroy,
):
    app.command()(command)
jobs.app.command()(jobs_dead.redrive)
jobs.app.command()(jobs_dead.dead)
models.app.command()(models_compare.compare)
app.add_typer(jobs.app, name="jobs")
app.add_typer(ab.app, name="ab")
app.add_typer(pipeline.app, name="pipeline")
app.add_typer(models.app, name="models")


def main() -> None:
    """Run the command; an error raised on purpose becomes one line and exit code 1."""
    try:
        app()
    except InferstackError as error:
        sys.exit(fail(error.detail, advice=error.advice, as_json="--json" in sys.argv).exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
