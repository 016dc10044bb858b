"""SageMaker's contract with a container: where a job finds its inputs and leaves its outputs.

SAGEMAKER_BASE_DIR names the folder that stands for /opt/ml outside a container, as in SageMaker's own training toolkit.
"""

import json
import os
from pathlib import Path
from typing import Any

from recipes import dataset
from recipes.dataset import Split
from recipes.recipe import Recipe
from recipes.tables import tabular


def find_base() -> Path:
    """Return /opt/ml, or the folder that stands for it on this machine."""
    return Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))


def find_input(name: str) -> Path:
    """Return where a processing job's input is mounted."""
    return find_base() / "processing/input" / name


def make_output(name: str) -> Path:
    """Return the folder that SageMaker takes a processing job's output from; created if it does not exist."""
    return _make_folder(find_base() / "processing/output" / name)


def find_channel(name: str) -> Path:
    """Return where a training job's channel is mounted."""
    return find_base() / "input/data" / name


def make_model_dir() -> Path:
    """Return the folder that becomes a training job's model.tar.gz."""
    return _make_folder(find_base() / "model")


def read_hyperparameters() -> dict[str, str]:
    """Return the training job's hyperparameters; SageMaker turns all of them into text."""
    values: dict[str, Any] = json.loads((find_base() / "input/config/hyperparameters.json").read_text())
    return {name: str(value) for name, value in values.items()}


def write_split(recipe: Recipe, split: Split, folder: Path) -> None:
    """Write a split for the jobs that follow: tables as RecordIO-protobuf, which SageMaker's own algorithms read; pictures as npy."""
    (tabular if recipe.features else dataset).write_split(split, folder)


def read_split(recipe: Recipe, folder: Path) -> Split:
    """Return the split that `write_split` wrote."""
    return tabular.read_split(recipe, folder) if recipe.features else dataset.read_split(folder)


def leave_failure(reason: str) -> None:
    """Leave the reason where SageMaker looks for it: a training job's FailureReason, a processing job's ExitMessage, 1,024 characters."""
    for name in ("failure", "message"):
        (_make_folder(find_base() / "output") / name).write_text(reason[:1024])


def _make_folder(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
