"""Outputs of jobs that ran before, by the content of everything they were made from: what makes an execution resumable."""

import hashlib
import json
import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pipeline.runner.definition import Step
from pipeline.runner.store import Store

MARK = "complete"  # its time says when the result was last used
KEPT = 24  # results; the data sets among them have tens of megabytes
# What decides where and for whom a job runs, and not what it makes.
ELSEWHERE = {"ProcessingResources", "ResourceConfig", "RoleArn", "StoppingCondition", "CheckpointConfig", "EnableManagedSpotTraining"}


class Cache:
    """Results in a folder.

    Args:    root: made when there is something to keep.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def key(self, step: Step, arguments: dict[str, Any], execution_id: str, store: Store) -> str:
        """Return the digest of what the step's outcome depends on: its arguments, and the content of its inputs."""
        kept = {name: value for name, value in arguments.items() if name not in ELSEWHERE}
        words = json.dumps([step.type, kept], sort_keys=True).replace(execution_id, "")
        digests = [store.digest(url) for url in _inputs(step.type, arguments)]
        return hashlib.sha256(json.dumps([words, digests]).encode()).hexdigest()

    def find(self, key: str) -> dict[str, Path] | None:
        """Return each output's folder, if the result is here."""
        folder = self._root / key
        try:
            os.utime(folder / MARK)
        except FileNotFoundError:
            return None
        return {path.name: path for path in folder.iterdir() if path.is_dir()}

    def keep(self, key: str, outputs: dict[str, Path]) -> None:
        """Keep a result, and forget the ones that were not used for the longest."""
        self._root.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self._root, prefix=".", ignore_cleanup_errors=True) as scratch:
            made = Path(scratch) / key
            made.mkdir()
            for name, folder in outputs.items():
                shutil.copytree(folder, made / name)
            (made / MARK).touch()
            _give_name(made, self._root / key)
        marks = sorted(self._root.glob(f"[!.]*/{MARK}"), key=_used_at)
        for mark in marks[:-KEPT]:
            shutil.rmtree(mark.parent, ignore_errors=True)


def _give_name(made: Path, folder: Path) -> None:
    """Move a complete result to where it is looked for, unless another execution has just kept the same there."""
    try:
        made.rename(folder)
    except OSError:
        if not (folder / MARK).is_file():  # something that is no result
            shutil.rmtree(folder)
            made.rename(folder)


def _used_at(mark: Path) -> float:
    try:
        return mark.stat().st_mtime
    except FileNotFoundError:  # another execution has just forgotten it
        return 0


def _inputs(kind: str, arguments: dict[str, Any]) -> list[str]:
    if kind == "Processing":
        return [given["S3Input"]["S3Uri"] for given in arguments.get("ProcessingInputs", [])]
    return [channel["DataSource"]["S3DataSource"]["S3Uri"] for channel in arguments.get("InputDataConfig", [])]
