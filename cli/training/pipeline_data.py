"""A recipe's raw data on its way into the dump bucket."""

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from rich.markup import escape

from cli.console import err
from cli.failures import CommandFailed
from cli.jobs.files import read_size
from cli.progress_bars import build_byte_bars
from cli.stage.aws import translate_aws_errors
from pipeline.steps import READY_MARKER
from recipes.errors import Malformed

ARCHIVES = {"GLACIER", "DEEP_ARCHIVE"}  # Glacier Instant Retrieval is read like any other object


def require_raw_files(recipe: str, source: Path | None, *, test_share: float | None = None) -> dict[str, Path]:
    """Return the files of a recipe's raw data by their names in the bucket, after they were read as the pipeline will read them.

    Raises:  FileNotFoundError: they are missing.
             CommandFailed: they are not the recipe's data, or a package is missing.
    """
    try:
        from recipes.dataset import find_raw_files, load  # noqa: PLC0415 - it needs numpy, which need not be installed

        with err.status(f"reading the data as {recipe} does"):
            files = find_raw_files(recipe, source)
            load(recipe, source, test_share=test_share)
    except Malformed as error:
        place = f"--data {source}" if source else "the data at hand"
        raise CommandFailed(f"{place} is not what {recipe} reads: {error.detail}", advice=error.advice) from error
    except ImportError as error:
        message = f"reading data needs {error.name}, which is not installed"
        raise CommandFailed(message, advice="run `make setup-training`") from error
    return files


def list_raw_objects(s3: Any, bucket: str, prefix: str) -> list[dict[str, Any]]:
    """Return what the bucket has below a prefix, as S3 describes it; of an archived object also whether a copy is restored."""
    with translate_aws_errors():
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/", OptionalObjectAttributes=["RestoreStatus"])
        return [description for page in pages for description in page.get("Contents", [])]


def find_archived(objects: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the keys of objects that are listed and cannot be read: archived in Glacier, and no copy is restored."""
    return [
        each["Key"] for each in objects if each.get("StorageClass") in ARCHIVES and "RestoreExpiryDate" not in each.get("RestoreStatus", {})
    ]


def require_readable(bucket: str, prefix: str, objects: list[dict[str, Any]]) -> None:
    """Raise CommandFailed, which says how to restore the raw data, if some of it is archived."""
    if archived := find_archived(objects):
        message = (
            f"{len(archived)} of {len(objects)} files under s3://{bucket}/{prefix} are archived in Glacier, where no job can read them"
        )
        request = f"aws s3api restore-object --bucket {bucket} --key {archived[0]} --restore-request Days=7"
        advice = f"restore each, which takes hours: {request}; or bring the data again with --data"
        raise CommandFailed(message, advice=advice)


def require_no_others(bucket: str, prefix: str, objects: Iterable[Mapping[str, Any]], files: Iterable[str]) -> None:
    """Raise CommandFailed, which says what to remove, if other files are where these go: the jobs would read those instead, or both."""
    known = {f"{prefix}/{name}" for name in (*files, READY_MARKER)}
    if others := [each["Key"] for each in objects if each["Key"] not in known and not each["Key"].endswith("/")]:
        names = ", ".join(key.removeprefix(f"{prefix}/") for key in others[:3]) + f" and {len(others) - 3} more" * (len(others) > 3)
        message = f"s3://{bucket}/{prefix} holds {names}, which the pipeline would read beside what you bring"
        commands = "; ".join(f"aws s3 rm s3://{bucket}/{key}" for key in others[:3])
        raise CommandFailed(message, advice=f"remove it first, if it is no longer wanted: {commands}")


def upload_raw_files(s3: Any, bucket: str, prefix: str, files: Mapping[str, Path]) -> None:
    """Put files below a prefix under their names, and show how far that is."""
    with build_byte_bars() as bars:
        for name, file in files.items():
            bar = bars.add_task(escape(file.name), total=read_size(file))
            with translate_aws_errors():
                s3.upload_file(str(file), bucket, f"{prefix}/{name}", Callback=partial(bars.advance, bar))
