"""`inferstack jobs dead` and `redrive`: the messages that no attempt could process, for operators."""

import time
from dataclasses import asdict
from typing import Annotated

import typer

from cli.commands.jobs import app
from cli.console import ASKING_AWS, err, explain_interrupt, out, print_json, print_table
from cli.jobs.dead_letters import Redrive, count_messages, list_messages, redrive_messages
from cli.options import Json, Stage
from cli.progress_bars import build_count_bars
from cli.services import get_services
from cli.stage.aws import translate_aws_errors
from cli.stage.outputs import find_queues


@app.command()
def redrive(
    context: typer.Context,
    stage: Stage = "local",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation; nor does --json.")] = False,
    as_json: Json = False,
) -> None:
    """Move all messages of the dead-letter queue back to the upload queue, once their cause is fixed. It may be interrupted: none is lost.

    Examples:
    inferstack jobs redrive --stage dev
    inferstack jobs redrive --stage dev --json
    """
    clients = get_services(context).connect_aws(stage)
    with translate_aws_errors(), err.status(ASKING_AWS):
        queues = find_queues(stage, clients("cloudformation"))
        sqs = clients("sqs")
        waiting = count_messages(sqs, queues.dead_letters)
    if not waiting and not as_json:
        out.print("the dead-letter queue is empty, so there is nothing to move")
        return
    if waiting and not (yes or as_json):
        typer.confirm(f"Move {waiting} back to the upload queue of {stage}?", abort=True, err=True)
    reports = [Redrive(found=waiting, moved=0, doubled=0, kept=[])]
    with translate_aws_errors(), explain_interrupt(lambda: _explain_rest(reports[-1])), build_count_bars() as bars:
        bar = bars.add_task("moving back", total=waiting)

        def report(redrive: Redrive) -> None:
            reports.append(redrive)
            bars.update(bar, completed=redrive.moved + len(redrive.kept), total=redrive.found)

        result = redrive_messages(sqs, queues, report)
    if as_json:
        print_json(asdict(result))
    else:
        out.print(f"{result.moved} of {result.found} moved back")
        for reason in result.kept:
            err.print(f"kept {reason}", markup=False)
        if result.doubled:
            err.print(
                f"{result.doubled} could not be removed from the dead-letter queue; results are written once, so repeats are harmless"
            )
    if result.kept:
        raise typer.Exit(1)


def _explain_rest(redrive: Redrive) -> str:
    return f"{redrive.moved} of {redrive.found} were moved back; the others stay in the dead-letter queue, run it again"


@app.command()
def dead(context: typer.Context, stage: Stage = "local", as_json: Json = False) -> None:
    """List the messages of the dead-letter queue, and leave them there. The function's log says why they failed.

    Examples:
    inferstack jobs dead
    inferstack jobs dead --stage prod --json
    """
    clients = get_services(context).connect_aws(stage)
    with translate_aws_errors(), err.status(ASKING_AWS):
        queues = find_queues(stage, clients("cloudformation"))
        messages = list_messages(clients("sqs"), queues.dead_letters, now=time.time)
    if as_json:
        print_json(messages)
    elif messages:
        print_table({name: each[name] for name in ("received", "age_s", "key", "reason")} for each in messages)
    else:
        out.print("the dead-letter queue is empty")
