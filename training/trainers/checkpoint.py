"""A checkpoint: what an interrupted run needs to go on, in one file that is either complete or absent."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from recipes.dataset import Split

HASHED_AT_ONCE = 256  # instances
FOLDER_VARIABLE = "INFERSTACK_CHECKPOINT_DIR"


class Checkpoint:
    """The checkpoint of one run; a run of the same kind elsewhere has another `run`.

    Args:    path: the file, or None to keep no checkpoint.
             run: everything that decides the outcome (seed, hyperparameters, data): a file of another run is not resumed but replaced.
             parts: what has a state_dict: networks and optimizers.
    """

    def __init__(self, path: Path | None, run: Mapping[str, Any], parts: Mapping[str, Any]) -> None:
        self._path, self._run, self._parts = path, dict(run), parts

    def save(self, step: int) -> None:
        """Save the parts and the state of all random generators, after this many steps."""
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        whole = self._path.with_suffix(".part")
        torch.save(
            {
                "run": self._run,
                "step": step,
                "parts": {name: part.state_dict() for name, part in self._parts.items()},
                "random": torch.get_rng_state(),
                "random_cuda": torch.cuda.get_rng_state_all(),
            },
            whole,
        )
        whole.replace(self._path)

    def resume(self) -> int:
        """Restore the parts and the random generators, and return how many steps were done: 0 if there is nothing to resume."""
        if self._path is None or not self._path.exists():
            return 0
        saved: dict[str, Any] = torch.load(self._path, map_location="cpu", weights_only=True)
        if saved["run"] != self._run:
            return 0
        for name, part in self._parts.items():
            part.load_state_dict(saved["parts"][name])
        torch.set_rng_state(saved["random"])
        if saved["random_cuda"] and torch.cuda.is_available():
            torch.cuda.set_rng_state_all(saved["random_cuda"])
        return int(saved["step"])


def find_file(trainer: str) -> Path | None:
    """Return the trainer's file in the folder that the environment names, or None if it names none."""
    folder = os.environ.get(FOLDER_VARIABLE)
    return Path(folder) / f"{trainer}.pt" if folder else None


def hash_split(split: Split) -> str:
    """Return the digest of what a run trains on, read a part at a time."""
    digest = hashlib.sha256()
    for array in (split.inputs, split.targets):
        for at in range(0, len(array), HASHED_AT_ONCE):
            digest.update(array[at : at + HASHED_AT_ONCE].tobytes())
    return digest.hexdigest()
