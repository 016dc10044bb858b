"""`inferstack upload`: files and folders of them as jobs, straight to S3 and, with --wait, until they have ended."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import Progress, TaskID

from cli.api.client import open_api
from cli.console import err, explain_interrupt, out, print_json, print_note, print_table
from cli.failures import CommandFailed
from cli.jobs.file_upload import FileUpload, Uploader
from cli.jobs.files import expand_paths, format_path, read_size
from cli.jobs.summary import describe_outcome, summarize_answers
from cli.jobs.wait import wait_for_jobs
from cli.options import Json, Profile, Recipe, Token, Url, refuse_nan
from cli.parallel import map_in_parallel
from cli.progress_bars import build_byte_bars, build_count_bars
from cli.services import get_services

UPLOADS_AT_ONCE = 4


def upload(  # noqa: PLR0917 - typer makes options of arguments
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="FILE|DIR…", help="Files, and folders with all that is in them.", exists=True)],
    wait: Annotated[bool, typer.Option("--wait", help="Wait until the jobs have ended, and show the answers.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Ask for predictions.csv beside predictions.jsonl.")] = False,
    keys: Annotated[
        list[str] | None,
        typer.Option("--key", metavar="COLUMN", help="A column of the files to repeat in the results, beside id and name; up to four."),
    ] = None,
    timeout_s: Annotated[float, typer.Option(help="How long to wait for the jobs, in seconds.", min=1, callback=refuse_nan)] = 900,
    recipe: Recipe = "",
    url: Url = None,
    token: Token = None,
    profile: Profile = None,
    as_json: Json = False,
) -> None:
    """Upload large pictures and batches: photos, CSV, JSON, JSONL, npy, npz, idx and zip of pictures. Each file becomes a job.

    Examples:
    inferstack upload scan.jpg --wait
    inferstack upload batch.csv photos/ --csv
    inferstack upload orders.csv --key customer_id --key order --wait
    inferstack upload a.npy --json
    """
    services = get_services(context)
    files, skipped = expand_paths(paths)
    if skipped:
        err.print(f"skipped {skipped} hidden or special {'file' if skipped == 1 else 'files'}")
    if not files:
        raise CommandFailed("there is no file to upload", advice="name a file, or a folder with files that are not hidden")
    api = open_api(context, url, token, profile)
    uploader = Uploader(api, csv, services.sleep, recipe, keys or ())
    made: list[FileUpload] = []
    with explain_interrupt(lambda: explain_jobs(made, len(files))), _show_uploads(files, made.append) as bars:
        uploads = map_in_parallel(lambda file: bars.upload(uploader, file), files, UPLOADS_AT_ONCE)
    if wait:
        with explain_interrupt(lambda: explain_jobs(made, len(files))), build_count_bars() as count_bars:
            bar = count_bars.add_task("processing", total=len(uploads))
            uploads = wait_for_jobs(
                api,
                uploads,
                timeout_s=timeout_s,
                report=lambda ended: count_bars.update(bar, completed=ended),
                sleep=services.sleep,
                clock=services.clock,
            )
    if as_json:
        print_json([_build_document(each) for each in uploads])
    else:
        print_table([_build_row(each) for each in uploads])
        for each in uploads:
            _print_outcome(each)
        for link in list_links(api.page_url, uploads):
            out.print(link, soft_wrap=True, markup=False)
    if any(each.has_failed for each in uploads):
        raise typer.Exit(1)


def explain_jobs(uploads: Sequence[FileUpload], wanted: int) -> str:
    """Return which jobs go on without this command, and how to look at them."""
    ids = [str(each.job["id"]) for each in uploads if each.job]
    if not ids:
        return "nothing was uploaded"
    left = f"; {wanted - len(ids)} of {wanted} files were not uploaded" if wanted > len(ids) else ""
    return f"{'this job goes' if len(ids) == 1 else 'these jobs go'} on{left}; look with `inferstack jobs show ID`:\n  " + "\n  ".join(ids)


def list_links(page_url: str, uploads: Sequence[FileUpload]) -> list[str]:
    """Return where to see the jobs on the page: a job's own address, or that of all where there are several; nothing without a page."""
    jobs = [each.job for each in uploads if each.job]
    ids = [str(job["id"]) for job in jobs]
    if not page_url or not ids:
        return []
    recipe = f"?recipe={jobs[0]['recipe']}" if "recipe" in jobs[0] else ""  # where there are several; one call's jobs are of one
    return [f"on the page: {page_url}/{recipe}#{f'job={ids[0]}' if len(ids) == 1 else 'uploads'}"]


def _build_row(upload: FileUpload) -> dict[str, Any]:
    """Return a file's line in the table; `s` is the job's time from its creation to its end, or else the upload's, in seconds."""
    job = upload.job or {}
    summary = job.get("summary") or {}
    problem = upload.problem or job.get("error")
    job_s = _measure_seconds(job.get("created_at"), job.get("finished_at"))
    return {
        "file": format_path(upload.file),
        "job": job.get("id", ""),
        "state": job.get("state", "not uploaded"),
        "rows": summary.get("rows", ""),
        "failed": summary.get("failed", ""),
        "s": f"{upload.seconds if job_s is None else job_s:.1f}" if upload.job else "",
        "answer": problem.get("title", "Failed") if problem else summarize_answers(summary),
    }


def _print_outcome(upload: FileUpload) -> None:
    """Print what a table's line has no room for: problems, advice, how the answers compare with labels, and why rows have none."""
    job = upload.job or {}
    problem = upload.problem or job.get("error") or {}
    told = {"problem": problem.get("detail"), "advice": problem.get("advice")}
    lines = {**{name: text for name, text in told.items() if text}, **describe_outcome(job.get("summary") or {})}
    for name, text in lines.items():
        print_note(format_path(upload.file), name, text)


def _build_document(upload: FileUpload) -> dict[str, Any]:
    """Return what machines get: a job, a problem, or both where the job goes on unseen."""
    return {
        "file": format_path(upload.file),
        **({"job": upload.job} if upload.job else {}),
        **({"problem": upload.problem} if upload.problem else {}),
    }


def _measure_seconds(begin: str | None, end: str | None) -> float | None:
    try:
        return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds() if begin and end else None
    except (ValueError, TypeError):
        return None


class _UploadBars:
    """A bar for each file that is uploaded now, and one for all."""

    def __init__(self, bars: Progress, overall: TaskID, report: Callable[[FileUpload], object]) -> None:
        self._bars, self._overall, self._report = bars, overall, report

    def upload(self, uploader: Uploader, file: Path) -> FileUpload:
        """Upload a file and move the bars."""
        bar = self._bars.add_task(escape(format_path(file)), total=read_size(file))
        before = 0

        def report(size_bytes: int) -> None:
            nonlocal before
            self._bars.update(bar, completed=size_bytes)
            self._bars.advance(self._overall, size_bytes - before)  # backwards when an attempt begins again
            before = size_bytes

        try:
            upload = uploader.upload(file, report)
            self._report(upload)
            return upload
        finally:
            self._bars.remove_task(bar)  # the table at the end shows it, thousands of finished bars would hide the others


@contextmanager
def _show_uploads(files: Sequence[Path], report: Callable[[FileUpload], object]) -> Iterator[_UploadBars]:
    with build_byte_bars() as bars:
        overall = bars.add_task(f"{len(files)} {'file' if len(files) == 1 else 'files'}", total=sum(map(read_size, files)))
        yield _UploadBars(bars, overall, report)
