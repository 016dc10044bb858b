"""`inferstack jobs`: those of yours through the API, and for operators what was tried in vain."""

import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from cli import dead_letters, results
from cli.api import Api, CallFailed, Token, Url, local_url
from cli.aws import asking, queues
from cli.bars import count_bars
from cli.commands.upload import answer
from cli.output import Json, err, fail, out, print_facts, print_json, print_table
from cli.outside import outside
from cli.retry import retrying
from cli.sending import get_job
from deployment.stages import STAGES

LONGEST_PAGE = 100
FAILURES_SHOWN = 10
COLUMNS = {
    "job": "id",
    "name": "name",
    "state": "state",
    "rows": "rows",
    "failed": "failed",
    "made": "created_at",
    "ended": "finished_at",
}
Stage = Annotated[str, typer.Option(help=f"One of {', '.join(STAGES)}; for all but local with your own AWS credentials.")]

app = typer.Typer(no_args_is_help=True, help="Look at jobs, download results, and bring back what was tried in vain.")


@app.command("list")
def list_(  # noqa: PLR0917 - typer makes options of arguments
    context: typer.Context,
    limit: Annotated[int, typer.Option(help="How many to show.", min=1)] = 20,
    all_: Annotated[bool, typer.Option("--all", help="Show all there are.")] = False,
    url: Url = None,
    token: Token = None,
    as_json: Json = False,
) -> None:
    """List your jobs, the newest first.

    Examples:  inferstack jobs list  ·  inferstack jobs list --all --json
    """
    world = outside(context)
    api = Api(url or local_url(as_json=as_json), token, world.open)
    try:
        found, is_all = _pages(api, None if all_ else limit, world.sleep)
    except CallFailed as failure:
        raise fail(str(failure), as_json=as_json) from failure
    if as_json:
        print_json(found)
        return
    print_table([{title: job.get(name, "") for title, name in COLUMNS.items()} for job in found])
    if not found:
        out.print("no jobs yet; `inferstack upload FILE` makes one")
    elif not is_all:
        err.print("there are more: --all shows them")


@app.command()
def show(  # noqa: PLR0917 - typer makes options of arguments
    context: typer.Context,
    id_: Annotated[str, typer.Argument(metavar="ID", help="The job's id.")],
    download: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the results there; files of their names are replaced.", file_okay=False)
    ] = None,
    url: Url = None,
    token: Token = None,
    as_json: Json = False,
) -> None:
    """Show one job: its state, what it found, and where its results are.

    Examples:  inferstack jobs show 0fq3…  ·  inferstack jobs show 0fq3… --download results/  ·  inferstack jobs show 0fq3… --json
    """
    world = outside(context)
    api = Api(url or local_url(as_json=as_json), token, world.open)
    try:
        job = retrying(lambda: get_job(api, id_), sleep=world.sleep)
        written = results.download(job, download, open_=world.open, sleep=world.sleep) if download else []
    except CallFailed as failure:
        raise fail(str(failure), as_json=as_json) from failure
    except OSError as error:
        raise fail(f"cannot write to {download}: {error.strerror or error}", as_json=as_json) from error
    if as_json:
        print_json({**job, **({"downloaded": list(map(str, written))} if download else {})})
        return
    print_facts({**_facts(job), **({"written": ", ".join(map(str, written))} if written else {})})


@app.command()
def redrive(
    context: typer.Context,
    stage: Stage = "local",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; nor does --json, where nobody may be there to answer.")] = False,
    as_json: Json = False,
) -> None:
    """Move all that was tried in vain back to the upload queue, once what it failed of is mended. Nothing is lost if this is cut short.

    Examples:  inferstack jobs redrive --stage dev  ·  inferstack jobs redrive --stage dev --json
    """
    _check(stage, as_json=as_json)
    clients = outside(context).aws(stage)
    found = queues(stage, clients("cloudformation"))
    sqs = clients("sqs")
    with asking():
        waiting = dead_letters.count(sqs, found.dead_letters)
    if waiting and not (yes or as_json):
        typer.confirm(f"Move {waiting} back to the upload queue of {stage}?", abort=True, err=True)
    with asking(), count_bars() as bars:
        bar = bars.add_task("moving back", total=waiting)
        done = dead_letters.redrive(
            sqs, found, lambda so_far: bars.update(bar, completed=so_far.moved + len(so_far.kept), total=so_far.found)
        )
    if as_json:
        print_json(asdict(done))
    else:
        out.print(f"{done.moved} of {done.found} moved back")
        for reason in done.kept:
            err.print(f"kept {reason}", markup=False)
        if done.doubled:
            err.print(f"{done.doubled} could not be removed from the dead-letter queue; a repeat changes nothing, results are written once")
    if done.kept:
        raise typer.Exit(1)


@app.command()
def dead(context: typer.Context, stage: Stage = "local", as_json: Json = False) -> None:
    """List what was tried in vain, and leave it where it is. Why it failed, the log of the function says.

    Examples:  inferstack jobs dead  ·  inferstack jobs dead --stage prod --json
    """
    _check(stage, as_json=as_json)
    clients = outside(context).aws(stage)
    found = queues(stage, clients("cloudformation"))
    with asking():
        messages = dead_letters.look(clients("sqs"), found.dead_letters, now=time.time)
    if as_json:
        print_json(messages)
    elif messages:
        print_table(messages)
    else:
        out.print("nothing was tried in vain")


def _pages(api: Api, limit: int | None, sleep: Callable[[float], object]) -> tuple[list[dict[str, Any]], bool]:
    """Return the newest jobs, all without a limit, and whether these are all there are."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        size = LONGEST_PAGE if limit is None else min(limit - len(found), LONGEST_PAGE)
        path = f"/jobs?limit={size}" + (f"&cursor={quote(cursor, safe='')}" if cursor else "")
        page = retrying(partial(api.call, "GET", path), sleep=sleep)
        if not isinstance(page, dict) or "jobs" not in page:
            raise CallFailed("No answer", f"{api.url} is no Inferstack API: it answered without jobs")
        found += page["jobs"]
        cursor = page.get("next")
        if cursor is None or (limit is not None and len(found) >= limit):
            return found, cursor is None


def _facts(job: dict[str, Any]) -> dict[str, Any]:
    """Return what people want to know of a job."""
    summary, error = job.get("summary") or {}, job.get("error")
    times = {"made": "created_at", "begun": "started_at", "ended": "finished_at"}
    facts = {name: job.get(name, "") for name in ("id", "name", "state")}
    facts |= {title: job[name] for title, name in times.items() if job.get(name)}
    facts |= {name: summary[name] for name in ("format", "rows", "succeeded", "failed") if name in summary}
    if error:
        facts["error"] = " ".join(str(error[name]) for name in ("title", "detail", "advice") if error.get(name))
    elif summary:
        facts["answer"] = answer(summary)
    facts |= {f"row {each['row']}": each.get("detail", "") for each in summary.get("failures", [])[:FAILURES_SHOWN]}
    return facts | {each["name"]: f"{each['size_bytes']:,} bytes" for each in job.get("results", [])}


def _check(stage: str, *, as_json: bool) -> None:
    if stage not in STAGES:
        raise fail(f"stage is {stage!r}, not one of {', '.join(STAGES)}", as_json=as_json, code=2)
