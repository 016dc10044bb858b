"""A job's results as files here."""

from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any

from rich.markup import escape

from cli import s3
from cli.api import CallFailed, Opener
from cli.bars import byte_bars
from cli.retry import retrying


def download(job: dict[str, Any], folder: Path, *, open_: Opener, sleep: Callable[[float], object]) -> list[Path]:
    """Write a job's results to a folder, over files of their names, and return where they are.

    Raises:  CallFailed: the job has none, or one cannot be had.
             OSError: the folder cannot be written.
    """
    results = job.get("results") or []
    if not results:
        raise CallFailed("No results", f"the job is {job['state']}, expected succeeded")
    folder.mkdir(parents=True, exist_ok=True)
    with byte_bars() as bars:
        targets = []
        for result in results:
            target = folder / _name(result["name"])
            bar = bars.add_task(escape(target.name), total=result.get("size_bytes"))

            def fetch(url: str = result["url"], target: Path = target, bar: Any = bar) -> None:
                s3.download(url, target, open_=open_, received=lambda so_far: bars.update(bar, completed=so_far))

            retrying(fetch, sleep=sleep)
            targets.append(target)
    return targets


def _name(given: object) -> str:
    """Return a result's name if it stays in the folder."""
    name = str(given)
    if PurePath(name).name != name or "\\" in name or name in {"", ".."}:
        raise CallFailed("No answer", f"the API calls a result {name!r}, expected a file's name")
    return name
