"""The `inferstack` command: the list of its commands, each group of which has a file in cli/commands.

Exit codes: 0 done, 1 an error that is printed, 2 a wrong call, 130 interrupted, 141 whoever reads the output has stopped reading.
"""

import platform
import sys
from collections.abc import Callable
from io import TextIOWrapper
from typing import Annotated, Any

import typer

from cli.calls.late_commands import add_command
from cli.calls.wrong_call import UsageError, describe_wrong_call
from cli.console import out
from cli.exit_codes import WRONG_CALL, report, run

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Pictures or numbers in, predictions out: run, train, ask and deploy the Inferstack stack.",
    epilog="Examples:\ninferstack up\ninferstack predict 7.png\ninferstack upload scan.jpg --wait\ninferstack doctor --stage dev",
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


# Where each is, and what the list says of it. Of a group that has several files, the one that imports the others.
COMMANDS = {
    "up": ("up:up", "Run the whole stack on this machine: emulator, endpoint, API and page, deployed by the real cdk CLI."),
    "down": (
        "up:down",
        "Stop what `up` started; nothing of it keeps running. Say what is kept for the next `up`, and what is thrown away.",
    ),
    "status": (
        "status:status",
        "Show where a stage is (page, API, buckets, sign-in), and to operators what runs: endpoint, model, queue, alarms, newest jobs.",
    ),
    "synth": ("synth:synth", "Build the functions' bundles and write the stage's templates to cdk.out/; needs no account, no Docker."),
    "train": ("train:train", "Train a candidate on the real data; write model.onnx, manifest.json, evaluation.json and evaluation.html."),
    "evaluate": (
        "evaluate:evaluate",
        "Measure a model on the test set, and one of pictures on the robustness table; write a report with a PNG of each plot beside it.",
    ),
    "predict": ("predict:predict", "Ask the API for the predictions of FILES."),
    "upload": (
        "upload:upload",
        "Upload large pictures and batches: photos, CSV, JSON, JSONL, npy, npz, idx and zip of pictures. Each file becomes a job.",
    ),
    "inbox": (
        "inbox:inbox",
        "List the files in the inbox, the newest first: their jobs' states, answers and results; and files where nobody reads them.",
    ),
    "logs": ("logs:logs", "Show lines of a stage's logs: its functions', its model servers' and its API's, the newest last."),
    "token": ("token:token", "Sign in as a user and print the access token, which is valid for the stage's token_minutes, 5 by default."),
    "verify": ("verify:verify", "Prove that a deployment works: ask, upload and listen as users do, and look at what operators rely on."),
    "doctor": ("doctor:doctor", "Look for everything that `make up` or a deploy needs, and create nothing."),
    "cost": (
        "cost:cost",
        "Estimate what a load costs in a month, which way to run the endpoint costs least, what breaks first, and what to set.",
    ),
    "destroy": (
        "destroy:destroy",
        "Delete a stage: stop its jobs, empty its buckets, delete its model's versions, and delete its stacks in their order.",
    ),
    "open": ("status:open_", "Open a stage's page in your browser; where there is no browser, print its URL."),
    "jobs": ("jobs_dead:app", "Look at jobs, download results, and move failed messages back to the queue."),
    "ab": ("ab:app", "Compare variants by the feedback on their predictions."),
    "pipeline": ("pipeline:app", "Train every candidate of a recipe, and register the best."),
    "models": ("models_compare:app", "Look at a model's versions, approve one, and go back to the one before."),
    "new": ("new:app", "Add what the project does not have yet: a recipe."),
}
for name, (where, summary) in COMMANDS.items():
    add_command(app, name, f"cli.commands.{where}", summary)


def main() -> None:
    """Run the command, and end with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # what the locale's encoding lacks, like × in ASCII or é of a file's name
    sys.exit(run(call_app))


def call_app(command: Callable[..., Any] = app) -> None:
    """Call the command; what is wrong with the call is an error like any other, and JSON where that is asked for."""
    try:
        code = command(standalone_mode=False)
    except typer.Abort as abort:
        raise KeyboardInterrupt from abort
    except UsageError as error:
        problem, advice = describe_wrong_call(error)
        code = report(problem, advice, WRONG_CALL) if problem else WRONG_CALL
    sys.exit(code)


if __name__ == "__main__":
    main()
