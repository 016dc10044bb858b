"""`inferstack upload`: files and folders of them as jobs, straight to S3 and, if asked, until they have ended."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import Progress

from cli.api import Api, Token, Url, local_url
from cli.bars import byte_bars, count_bars
from cli.output import Json, err, fail, print_json, print_table
from cli.outside import outside
from cli.parallel import in_parallel
from cli.sending import IN_FLIGHT, Sender, Sent, wait

TOP_LABELS = 3


def upload(  # noqa: PLR0917 - typer makes options of arguments
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="FILE|DIR…", help="Files, and folders with all that is in them.", exists=True)],
    wait_: Annotated[bool, typer.Option("--wait", help="Wait until the jobs have ended, and show the answers.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Ask for predictions.csv beside predictions.jsonl.")] = False,
    timeout_s: Annotated[float, typer.Option(help="How long to wait for the jobs, in seconds.", min=1)] = 900,
    url: Url = None,
    token: Token = None,
    as_json: Json = False,
) -> None:
    """Upload large pictures and batches: PNG, JPEG, CSV, JSONL, npy, idx and zip of images. Each file becomes a job.

    Examples:  inferstack upload scan.jpg --wait  ·  inferstack upload batch.csv photos/ --csv  ·  inferstack upload a.npy --json
    """
    world = outside(context)
    files, skipped = expand(paths)
    if skipped:
        err.print(f"skipped {skipped} hidden or special {'file' if skipped == 1 else 'files'}")
    if not files:
        raise fail("there is no file to upload", advice="name a file, or a folder with files that are not hidden", as_json=as_json)
    api = Api(url or local_url(as_json=as_json), token, world.open)
    sender = Sender(api, csv, world.post, world.sleep)
    with _transfers(files) as sending:
        uploads = in_parallel(lambda file: sending(sender, file), files, IN_FLIGHT)
    if wait_:
        with _processing(len(uploads)) as ended:
            uploads = wait(api, uploads, timeout_s=timeout_s, ended=ended, sleep=world.sleep, clock=world.clock)
    if as_json:
        print_json([_document(each) for each in uploads])
    else:
        print_table([row(each) for each in uploads])
    if any(each.failed for each in uploads):
        raise typer.Exit(1)


def expand(paths: Sequence[Path]) -> tuple[list[Path], int]:
    """Return files, each once, with those in folders sorted; and how many in folders were skipped.

    Skipped is what is hidden (its name, or that of a folder on the way, begins with a dot) or no file, a pipe for example. What is named
    itself is taken whatever its name. Links to folders are not followed: they may lead back.
    """
    found: dict[Path, None] = {}
    skipped = 0
    for path in paths:
        if not path.is_dir():
            found[path] = None
            continue
        inside: list[Path] = []
        for folder, _, names in os.walk(path):
            hidden = any(part.startswith(".") for part in Path(folder).relative_to(path).parts)
            taken = [] if hidden else [Path(folder, name) for name in names if not name.startswith(".") and Path(folder, name).is_file()]
            inside += taken
            skipped += len(names) - len(taken)
        found.update(dict.fromkeys(sorted(inside)))
    return list(found), skipped


def row(upload: Sent) -> dict[str, Any]:
    """Return a file's line in the table; `seconds` is the job's from made to ended, or else the upload's."""
    job = upload.job or {}
    summary = job.get("summary") or {}
    problem = upload.problem or job.get("error")
    took_s = _between(job.get("created_at"), job.get("finished_at"))
    return {
        "file": shown(upload.file),
        "job": job.get("id", "–"),
        "state": job.get("state", "not uploaded"),
        "rows": summary.get("rows", ""),
        "failed": summary.get("failed", ""),
        "answer": f"{problem.get('title', 'Failed')}: {problem.get('detail', '')}" if problem else answer(summary),
        "seconds": f"{upload.seconds if took_s is None else took_s:.1f}" if upload.job else "",
    }


def answer(summary: dict[str, Any]) -> str:
    """Return what a job has found, in short: "4 0 7" for a picture, a batch's commonest labels with counts, or its values' range."""
    if predictions := summary.get("predictions"):
        return " ".join(_predicted(each) for each in predictions)
    if values := summary.get("values"):
        return f"{values['min']:,.10g} to {values['max']:,.10g}, median {values['median']:,.10g}"
    labels = sorted((summary.get("labels") or {}).items(), key=lambda item: (-item[1], item[0]))
    more = [f"… {len(labels) - TOP_LABELS} more"] if len(labels) > TOP_LABELS else []
    return ", ".join([f"{label} ×{count}" for label, count in labels[:TOP_LABELS] if count] + more)


def _predicted(prediction: dict[str, Any]) -> str:
    """Return a row's answer, in short; a row that failed has none."""
    return f"{prediction['value']:,.10g}" if "value" in prediction else str(prediction.get("label", "–"))


def shown(file: Path) -> str:
    """Return a path that any terminal can print: bytes that are no UTF-8 become question marks."""
    return os.fsencode(file).decode("utf-8", "replace")


def _document(upload: Sent) -> dict[str, Any]:
    """Return what machines get: a job, a problem, or both where the job goes on unseen."""
    return {
        "file": shown(upload.file),
        **({"job": upload.job} if upload.job else {}),
        **({"problem": upload.problem} if upload.problem else {}),
    }


def _between(begin: str | None, end: str | None) -> float | None:
    try:
        return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds() if begin and end else None
    except (ValueError, TypeError):
        return None


@dataclass(slots=True)
class _Transfers:
    """A bar for each file on its way, and one for all."""

    bars: Progress
    overall: Any

    def __call__(self, sender: Sender, file: Path) -> Sent:
        bar = self.bars.add_task(escape(shown(file)), total=_size_bytes(file))
        before = 0

        def sent(so_far: int) -> None:
            nonlocal before
            self.bars.update(bar, completed=so_far)
            self.bars.advance(self.overall, so_far - before)  # backwards when an attempt begins anew
            before = so_far

        try:
            return sender.send(file, sent)
        finally:
            # Thousands of finished bars are no news; in a table at the end they are.
            self.bars.remove_task(bar)


@contextmanager
def _transfers(files: Sequence[Path]) -> Iterator[Callable[[Sender, Path], Sent]]:
    with byte_bars() as bars:
        total = sum(map(_size_bytes, files))
        yield _Transfers(bars, bars.add_task(f"{len(files)} {'file' if len(files) == 1 else 'files'}", total=total))


@contextmanager
def _processing(jobs: int) -> Iterator[Callable[[int], object]]:
    with count_bars() as bars:
        bar = bars.add_task("processing", total=jobs)
        yield lambda ended: bars.update(bar, completed=ended)


def _size_bytes(file: Path) -> int:
    """Return a file's size for a bar; what is wrong with it is told when it is opened."""
    try:
        return file.stat().st_size
    except OSError:
        return 0
