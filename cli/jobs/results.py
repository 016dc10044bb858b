"""A job's results as files on this machine."""

from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.progress import Progress, TaskID

from cli.http.client import CallFailed
from cli.http.presigned_s3 import download_file
from cli.http.retry import retry
from cli.progress_bars import build_byte_bars

if TYPE_CHECKING:
    import httpx


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
            bar = bars.add_task(escape(target.name), total=result.get("size_bytes"))
            retry(partial(download_file, http, result["url"], target, partial(_move_bar, bars, bar)), sleep=sleep)
    return targets


def _move_bar(bars: Progress, bar: TaskID, size_bytes: int) -> None:
    bars.update(bar, completed=size_bytes)


def _check_name(value: object) -> str:
    """Return a result's name if the file stays in the folder."""
    name = str(value)
    if PurePath(name).name != name or "\\" in name or name in {"", ".."}:
        raise CallFailed("No answer", f"the API calls a result {name!r}, expected a file's name")
    return name
