"""One candidate: splits in, model.onnx and manifest.json out."""

import hashlib
import json
import os
import time
from pathlib import Path

from recipes.recipe import Candidate, Recipe, load, parse_names
from training.steps import layout

# The hyperparameters of the job itself; all others are the trainer's.
OWN = ("recipe", "candidate", "trainer", "candidates", "seed", "test_share")
SKIPPED = "skipped.json"


def main(_: list[str]) -> None:
    """Read the channels `train` and `validation` and the hyperparameters; write the model, or why it was skipped."""
    hyperparameters = layout.read_hyperparameters()
    recipe, name = load(hyperparameters["recipe"]), hyperparameters["candidate"]
    wanted = hyperparameters["candidates"]
    if name not in parse_names(wanted):
        (layout.make_model_dir() / SKIPPED).write_text(json.dumps({"candidate": name, "reason": f"not among {wanted}"}))
        print(f"{name} is not among the candidates to train: {wanted}", flush=True)  # noqa: T201 - a job's output is its log
        return
    from training.train import fit_and_export  # noqa: PLC0415 - seconds, for the libraries that fit; a candidate that is skipped needs none

    candidate = Candidate(
        name, hyperparameters["trainer"], {key: json.loads(text) for key, text in hyperparameters.items() if key not in OWN}
    )
    if (checkpoints := layout.find_base() / "checkpoints").is_dir():
        os.environ.setdefault("INFERSTACK_CHECKPOINT_DIR", str(checkpoints))
    manifest = fit_and_export(
        recipe,
        candidate,
        layout.read_split(recipe, layout.find_channel("train")),
        layout.read_split(recipe, layout.find_channel("validation")),
        layout.make_model_dir(),
        seed=int(hyperparameters["seed"]),
        provenance={
            "command": f"inferstack pipeline run {recipe.name}",
            "code": os.environ.get("INFERSTACK_CODE", "unknown"),
            "data_sha256": _hash_files("train", "validation"),
            **describe_test_share(recipe, hyperparameters.get("test_share")),
        },
        fitting=Log(name),
    )
    print(f"{name} is version {manifest['version']}", flush=True)  # noqa: T201


def describe_test_share(recipe: Recipe, text: str | None) -> dict[str, float]:
    """Return what the manifest says of the share that is measured on, where it is another than the recipe's."""
    share = float(text) if text else recipe.test_share
    return {"test_share": share} if share and share != recipe.test_share else {}


def _hash_files(*splits: str) -> dict[str, str]:
    files = [path for split in splits for path in sorted(layout.find_channel(split).iterdir())]
    return {f"{path.parent.name}/{path.name}": _hash_file(path) for path in files}


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Log:
    """Progress as lines of a log, at most one a second and always the last: `name 3/10 loss 0.1`."""

    def __init__(self, name: str) -> None:
        self._name, self._printed_at = name, 0.0

    def __call__(self, done: int, total: int, figure: str) -> None:
        """Print the progress, if a second has passed or it is the last."""
        if done == total or time.monotonic() - self._printed_at >= 1:
            self._printed_at = time.monotonic()
            print(f"{self._name} {done}/{total} {figure}", flush=True)  # noqa: T201 - a job's output is its log
