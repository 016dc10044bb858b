"""`inferstack inbox`: the files that operators dropped into the bucket, and what came of each."""

import shlex
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer

from cli.ages import format_age
from cli.console import err, out, print_json, print_note, print_table
from cli.jobs.inbox import DroppedFile, Inbox
from cli.jobs.summary import describe_outcome, join_sentences, summarize_answers
from cli.options import Json, Stage
from cli.services import get_services
from cli.stage.aws import translate_aws_errors
from cli.stage.outputs import find_dump_bucket, find_results_bucket, find_uploads_bucket
from cli.status.running_stack import format_environment
from functions.shared import areas
from local.run_state import read_state


def inbox(
    context: typer.Context,
    stage: Stage = "local",
    limit: Annotated[int, typer.Option(help="How many files to show.", min=1, max=1000)] = 20,
    as_json: Json = False,
) -> None:
    """List the files in the inbox, the newest first: their jobs' states, answers and results; and files where nobody reads them.

    It needs an operator's credentials, which may list and read the buckets.

    Examples:
    inferstack inbox
    inferstack inbox --stage dev --limit 100
    inferstack inbox --json
    """
    clients = get_services(context).connect_aws(stage)
    with err.status("looking into the buckets"):
        stacks = clients("cloudformation")
        uploads, results = find_uploads_bucket(stage, stacks), find_results_bucket(stage, stacks)
        box = Inbox(clients("s3"), uploads=uploads, results=results, dump=find_dump_bucket(stage, stacks))
        with translate_aws_errors():
            files, misplaced = box.list_newest(limit), box.list_misplaced()
    if as_json:
        where = f"s3://{uploads}/{areas.INBOX}/"
        print_json({"inbox": where, "count": box.count, "files": list(map(asdict, files)), "misplaced": list(map(asdict, misplaced))})
        return
    _print_files(files, uploads, _build_aws_call(stage))
    _print_misplaced(misplaced)
    if box.count > len(files):
        err.print(f"the newest {len(files)} of {box.count:,} files; --limit shows more")
    if not box.is_whole:
        err.print("there are too many files to look at all; S3 lists them by name")


def _build_aws_call(stage: str) -> str:
    """Return how the AWS CLI is called to reach a stage: with variables for the stack on this machine."""
    state = read_state() if stage == "local" else None
    return f"{format_environment(state)} aws" if state else "aws"


def _print_files(files: Sequence[DroppedFile], uploads: str, aws: str) -> None:
    if not files:
        out.print(f"the inbox is empty; drop a file:  {aws} s3 cp FILE s3://{uploads}/{areas.INBOX}/", soft_wrap=True)
        return
    print_table([_build_row(file) for file in files])
    for file in files:
        for name, text in _describe(file).items():
            print_note(file.key, name, text)
    if done := next((file for file in files if file.state == "succeeded"), None):
        out.print(f"\nget results with:  {aws} s3 cp --recursive {shlex.quote(done.results)} FOLDER", soft_wrap=True, markup=False)
    if any(file.state in {"waiting", "processing"} for file in files):
        out.print("what waits for long:  inferstack jobs dead")


def _print_misplaced(files: Sequence[DroppedFile]) -> None:
    if not files:
        return
    out.print("\nin the wrong place, so nobody reads them")
    print_table([{"age": format_age(file.dropped_at), "file": f"s3://{file.bucket}/{file.key}"} for file in files])
    for reason in dict.fromkeys(file.reason for file in files):
        out.print(reason, soft_wrap=True, markup=False)


def _build_row(file: DroppedFile) -> dict[str, Any]:
    summary = file.summary or {}
    rows = f"{summary.get('succeeded', 0)} of {summary['rows']}" if "rows" in summary else ""
    answer = "" if file.state == "failed" else summarize_answers(summary)
    where = file.results.partition("//")[2].partition("/")[2]
    return {"state": file.state, "age": format_age(file.dropped_at), "file": file.key, "rows": rows, "answer": answer, "results": where}


def _describe(file: DroppedFile) -> dict[str, str]:
    """Return what the table's line has no room for: why a file was ignored or failed, and what the summary says of its rows."""
    summary = file.summary or {}
    error = summary.get("error") or {}
    known = {"ignored": file.reason, "failed": join_sentences(error.get("title"), error.get("detail")), "advice": error.get("advice", "")}
    return {**{name: text for name, text in known.items() if text}, **describe_outcome(summary)}
