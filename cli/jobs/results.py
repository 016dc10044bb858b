"""A job's results as files on this machine."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.progress import Progress, TaskID

from cli.http.client import CallFailed
from cli.http.presigned_s3 import download_file
from cli.http.retry import retry
from cli.progress_bars import build_byte_bars

if TYPE_CHECKING:
    import httpx

NAME = re.compile(r"(?!(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$))[a-z0-9_][a-z0-9_.-]{0,99}", re.IGNORECASE)


def download_results(job: dict[str, Any], folder: Path, http: "httpx.Client", *, sleep: Callable[[float], object]) -> list[Path]:
    """Write a job's results to a folder, over files of the same names, and return their paths.

    Raises:  CallFailed: the job has none, or one cannot be downloaded.
             OSError: the folder cannot be written.
    """
    results = job.get("results") or []
    if not results:
        raise CallFailed("No results", f"the job is {job['state']}, expected succeeded")
    folder.mkdir(parents=True, exist_ok=True)
    targets = [folder / _check_name(result["name"]) for result in results]
    with build_byte_bars() as bars:
        for result, target in zip(results, targets, strict=True):
            size_bytes = result["size_bytes"]  # no more are written, whatever comes
            bar = bars.add_task(escape(target.name), total=size_bytes)
            retry(partial(download_file, http, result["url"], target, partial(_move_bar, bars, bar), size_bytes=size_bytes), sleep=sleep)
    return targets


def _move_bar(bars: Progress, bar: TaskID, size_bytes: int) -> None:
    bars.update(bar, completed=size_bytes)


def _check_name(value: object) -> str:
    """Return a result's name if it is a plain file's in the folder: no file that a shell or a tool reads by itself, and no device."""
    name = str(value)
    if not NAME.fullmatch(name):
        raise CallFailed("No answer", f"the API calls a result {name[:100]!r}, expected a file's name")
    return name
