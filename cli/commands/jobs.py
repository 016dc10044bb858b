"""`inferstack jobs list` and `show`: a person's own jobs, through the API."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from cli.ages import format_age
from cli.api.answers import JOBS
from cli.api.client import Api, open_api
from cli.console import err, out, print_facts, print_json, print_table
from cli.failures import CommandFailed
from cli.http.client import CallFailed
from cli.http.retry import retry
from cli.jobs.results import download_results
from cli.jobs.summary import describe_outcome, join_sentences, summarize_answers
from cli.jobs.wait import read_job
from cli.options import Json, Profile, Token, Url
from cli.services import get_services
from functions.shared.jobs import LONGEST_PAGE

FAILURES_SHOWN = 10
app = typer.Typer(no_args_is_help=True, help="Look at jobs, download results, and move failed messages back to the queue.")


@app.command("list")
def list_(  # noqa: PLR0917 - typer makes options of arguments
    context: typer.Context,
    limit: Annotated[int, typer.Option(help="How many to show.", min=1)] = 20,
    all_: Annotated[bool, typer.Option("--all", help="Show all there are.")] = False,
    url: Url = None,
    token: Token = None,
    profile: Profile = None,
    as_json: Json = False,
) -> None:
    """List your jobs, the newest first.

    Examples:
    inferstack jobs list
    inferstack jobs list --all --json
    """
    api = open_api(context, url, token, profile)
    try:
        with err.status("asking"):
            jobs, is_all = _read_pages(api, None if all_ else limit, get_services(context).sleep)
    except CallFailed as failure:
        raise CommandFailed(str(failure), advice=failure.advice) from failure
    if as_json:
        print_json(jobs)
        return
    print_table([_build_row(job) for job in jobs])
    if not jobs:
        out.print("no jobs yet; `inferstack upload FILE` makes one")
    elif not is_all:
        err.print("there are more: --all shows them")


@app.command()
def show(  # noqa: PLR0917 - typer makes options of arguments
    context: typer.Context,
    id_: Annotated[str, typer.Argument(metavar="ID", help="The job's id.")],
    download: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the results there, over files of the same names.", file_okay=False)
    ] = None,
    url: Url = None,
    token: Token = None,
    profile: Profile = None,
    as_json: Json = False,
) -> None:
    """Show one job: its state, its answers, and its results.

    Examples:
    inferstack jobs show 0fq3…
    inferstack jobs show 0fq3… --download results/
    inferstack jobs show 0fq3… --json
    """
    sleep = get_services(context).sleep
    api = open_api(context, url, token, profile)
    try:
        with err.status("asking"):
            job = retry(lambda: read_job(api, id_), sleep=sleep)
        files = download_results(job, download, api.http, sleep=sleep) if download else []
    except CallFailed as failure:
        raise CommandFailed(str(failure), advice=failure.advice) from failure
    except OSError as error:
        raise CommandFailed(f"cannot write to {download}: {error.strerror or error}") from error
    if as_json:
        print_json({**job, **({"downloaded": list(map(str, files))} if download else {})})
        return
    print_facts({**_list_facts(job), **({"written": ", ".join(map(str, files))} if files else {})})


def _read_pages(api: Api, limit: int | None, sleep: Callable[[float], object]) -> tuple[list[dict[str, Any]], bool]:
    """Return the newest jobs, all without a limit, and whether these are all there are."""
    jobs: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        size = LONGEST_PAGE if limit is None else min(limit - len(jobs), LONGEST_PAGE)
        path = f"/jobs?limit={size}" + (f"&cursor={quote(cursor, safe='')}" if cursor else "")
        page = retry(partial(api.call, "GET", path, JOBS), sleep=sleep)
        jobs += page["jobs"]
        cursor = page.get("next")
        if cursor is None or (limit is not None and len(jobs) >= limit):
            return jobs, cursor is None


def _build_row(job: dict[str, Any]) -> dict[str, Any]:
    counts = {"rows": job.get("rows", ""), "failed": job.get("failed", "")}
    return {"job": job["id"], "state": job["state"], **counts, "age": format_age(job.get("created_at")), "name": job.get("name", "")}


def _list_facts(job: dict[str, Any]) -> dict[str, Any]:
    """Return what people want to know of a job."""
    summary, error = job.get("summary") or {}, job.get("error")
    times = {"created": "created_at", "started": "started_at", "ended": "finished_at"}
    facts = {name: job.get(name, "") for name in ("id", "name", "state")}
    facts |= {title: job[name] for title, name in times.items() if job.get(name)}
    facts |= {name: summary[name] for name in ("format", "rows", "succeeded", "failed") if name in summary}
    if error:
        facts["error"] = join_sentences(error.get("title"), error.get("detail"))
        facts |= {"advice": error["advice"]} if error.get("advice") else {}
    elif summary:
        facts["answer"] = summarize_answers(summary)
    facts |= describe_outcome(summary)
    told = {each.get("row") for each in summary.get("reasons") or ()}  # each reason shows its first row
    failures = [each for each in summary.get("failures") or () if each["row"] not in told]
    facts |= {f"row {each['row']}": each.get("detail", "") for each in failures[:FAILURES_SHOWN]}
    return facts | {each["name"]: f"{each['size_bytes']:,} bytes" for each in job.get("results", [])}
