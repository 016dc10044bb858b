"""Outputs of earlier jobs, by a digest of everything that they depend on. They make an execution resumable."""

import hashlib
import json
import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pipeline.runner.job_arguments import list_input_urls
from pipeline.runner.parse import Step
from pipeline.runner.store import Store

MARK = "complete"  # a file whose time is when the result was last used
MAX_RESULTS = 24  # data sets among them have tens of megabytes
# Arguments about where and for whom a job runs: they do not change its outputs.
IGNORED_ARGUMENTS = {
    "ProcessingResources",
    "ResourceConfig",
    "RoleArn",
    "StoppingCondition",
    "CheckpointConfig",
    "EnableManagedSpotTraining",
    "Tags",
}


class Cache:
    """Results in a folder.

    Args:    root: created with the first result.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def compute_key(self, step: Step, arguments: dict[str, Any], execution_id: str, store: Store) -> str:
        """Return the digest of what the step's outputs depend on: its arguments, and the content of its inputs."""
        relevant = {name: value for name, value in arguments.items() if name not in IGNORED_ARGUMENTS}
        text = json.dumps([step.type, relevant], sort_keys=True).replace(execution_id, "")
        digests = [store.compute_digest(url) for url in list_input_urls(step.type, arguments)]
        return hashlib.sha256(json.dumps([text, digests]).encode()).hexdigest()

    def find(self, key: str) -> dict[str, Path] | None:
        """Return each output's folder, or None if there is no result."""
        folder = self._root / key
        try:
            os.utime(folder / MARK)
        except FileNotFoundError:
            return None
        return {path.name: path for path in folder.iterdir() if path.is_dir()}

    def keep(self, key: str, outputs: dict[str, Path]) -> None:
        """Keep a result, and remove those that were not used for the longest time."""
        self._root.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self._root, prefix=".", ignore_cleanup_errors=True) as scratch:
            result = Path(scratch) / key
            result.mkdir()
            for name, folder in outputs.items():
                shutil.copytree(folder, result / name)
            (result / MARK).touch()
            _move(result, self._root / key)
        marks = sorted(self._root.glob(f"[!.]*/{MARK}"), key=_read_last_use)
        for mark in marks[:-MAX_RESULTS]:
            shutil.rmtree(mark.parent, ignore_errors=True)


def _move(result: Path, folder: Path) -> None:
    """Move a complete result to its folder, unless another execution has just kept the same result there."""
    try:
        result.rename(folder)
    except OSError:
        if not (folder / MARK).is_file():  # an incomplete result
            shutil.rmtree(folder)
            result.rename(folder)


def _read_last_use(mark: Path) -> float:
    try:
        return mark.stat().st_mtime
    except FileNotFoundError:  # another execution has just removed it
        return 0
