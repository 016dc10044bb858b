"""Train a candidate of a recipe: data → fitted model → ONNX, compared with the library's own answers on the whole test set → manifest."""

import hashlib
import platform
import subprocess
import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from recipes.columns import Column, Quantity
from recipes.dataset import Array, Dataset, Split
from recipes.recipe import Candidate, Recipe
from recipes.thresholds import Thresholds
from recipes.trust import TRUST
from training.artifact import OnnxModel, read_model_of, write_json
from training.evaluate import add_metrics, evaluate
from training.metrics import leave_one_out
from training.metrics.regression import LEAVE_ONE_OUT
from training.trainers import FittedModel, Progress, fit, refit

ROOT = Path(__file__).resolve().parent.parent
MODEL_VERSION = "1.0.0"
# Sums of float32 in another order differ in the last digits; a wrong graph differs in the first.
MAX_DIFFERENCE = 1e-4
PACKAGES = ("numpy", "onnx", "onnxruntime", "scikit-learn", "skl2onnx", "torch", "xgboost-cpu")


class ExportDiffersError(RuntimeError):
    """The ONNX model does not give the answers of the model it was exported from."""


def train(
    recipe: Recipe,
    candidate: Candidate,
    data: Dataset,
    out_dir: Path,
    *,
    seed: int = 0,
    start: Path | None = None,
    command: str = "",
    refit_on_all: bool = False,
    fitting: Progress = lambda *_: None,
    evaluating: Progress = lambda *_: None,
) -> dict[str, Any]:
    """Train, export, compare and evaluate; write model.onnx, manifest.json, evaluation.json and evaluation.html, and return the manifest.

    Args:    out_dir: created if it does not exist.
             start: a model folder whose weights stand for the first part of training, if the candidate's trainer can go on from them.
             command: what makes the report again, with the paths of this machine; by default the manifest's, which travels and has none.
             refit_on_all: train once more, on the train and validation splits together, for a model that ships.
             fitting, evaluating: called with steps done, steps in all, and a figure to show.
    Raises:  ExportDiffersError: the ONNX model and the library's own differ; nothing is written.
    """
    options = (f" --limit {data.limit}" if data.limit else "") + (" --refit" if refit_on_all else "")
    options += f" --test-share {data.test_share:g}" if data.test_share else ""
    provenance = {
        "command": f"inferstack train {recipe.name} --candidate {candidate.name} --seed {seed}{options}",
        "commit": read_commit(),  # before hours of training in which the checkout may move on
        "data_sha256": data.sha256,
        **({"test_share": data.test_share} if data.test_share else {}),
    }
    start_graph = None
    if start:
        start_graph, described = read_start(recipe, start)
        provenance = {**provenance, "command": f"{provenance['command']} --start FOLDER", "start": described}
    fit_and_export(
        recipe,
        candidate,
        data.train,
        data.validation,
        out_dir,
        seed=seed,
        provenance=provenance,
        start=start_graph,
        refit_on_all=refit_on_all,
        fitting=fitting,
    )
    if leave_one_out.is_needed(recipe, data):
        add_metrics(out_dir, {LEAVE_ONE_OUT: leave_one_out.measure(recipe, candidate, data, seed=seed, progress=evaluating)})
    command = command or str(provenance["command"])
    return add_metrics(out_dir, evaluate(recipe, out_dir, data.test, out_dir, fitted_on=data.train, command=command, progress=evaluating))


def fit_and_export(
    recipe: Recipe,
    candidate: Candidate,
    train: Split,
    validation: Split,
    out_dir: Path,
    *,
    seed: int,
    provenance: Mapping[str, Any],
    start: bytes | None = None,
    refit_on_all: bool = False,
    fitting: Progress = lambda *_: None,
) -> dict[str, Any]:
    """Train, export and compare; write model.onnx and manifest.json, and return the manifest, which has no quality figures yet.

    Args:    provenance: how the model is made, as far as the caller knows: the command, the commit or code, the data's digests.
             start: a graph to go on from.
             refit_on_all: see `train`.
    Raises:  ExportDiffersError: the ONNX model and the library's own differ on the validation split; nothing is written.
    """
    started = time.monotonic()
    fitted = fit(recipe, candidate, train, validation, seed=seed, progress=fitting, start=start)
    if refit_on_all:
        fitted = refit(recipe, candidate, train, validation, fitted, seed=seed, progress=fitting, start=start)
    duration_s = time.monotonic() - started
    content, described = fitted.to_onnx(), getattr(fitted, "described", {})
    export = check_export(OnnxModel(content), fitted, validation.inputs)
    if candidate.hyperparameters.get("eight_bits"):
        from training.eight_bits import round_where_equal  # noqa: PLC0415 - few candidates need ONNX Runtime's quantization

        content, rounded = round_where_equal(content, train.inputs, validation.inputs)
        described = {**described, **rounded}
    sha256 = hashlib.sha256(content).hexdigest()
    manifest: dict[str, Any] = {
        "schema": 1,
        "recipe": recipe.name,
        "name": candidate.name,
        "version": f"{MODEL_VERSION}+{sha256[:8]}",
        "labels": list(recipe.labels),
        **describe_signature(recipe, train.inputs, getattr(fitted, "thresholds", None)),
        **({"weights": weights} if (weights := getattr(fitted, "weights", {})) else {}),
        "sha256": sha256,
        "size_bytes": len(content),
        "metrics": {"onnx_against_native": export},
        "provenance": {
            **provenance,
            "trained_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "duration_s": round(duration_s, 1),
            "seed": seed,
            "hyperparameters": dict(candidate.hyperparameters),
            **described,
            **_count_instances(recipe, train, validation),
            "machine": f"{platform.machine()}, Python {platform.python_version()}",
            "packages": {name: version(name) for name in PACKAGES},
        },
    }
    out_dir.mkdir(parents=True, exist_ok=True)
    (out_dir / "model.onnx").write_bytes(content)
    write_json(out_dir / "manifest.json", manifest)
    return manifest


def read_start(recipe: Recipe, folder: Path) -> tuple[bytes, dict[str, str]]:
    """Return the graph of a model folder, and what a manifest says of a model that begins with its weights.

    Raises:  InvalidArtifact: the folder holds no model, or one of another recipe.
    """
    _, manifest = read_model_of(recipe, folder)
    return (folder / "model.onnx").read_bytes(), {name: manifest[name] for name in ("version", "sha256")}


def describe_signature(recipe: Recipe, inputs: Array, thresholds: Thresholds | None = None) -> dict[str, Any]:
    """Return what a manifest says of the graph's input and output.

    Args:    inputs: what the model was fitted on: the `range` of each feature, least and most, is theirs. Outside it a model guesses.
    """
    shape = list(recipe.instance_shape)
    takes: dict[str, Any] = {"name": "features" if recipe.features else "pixels", "dtype": recipe.dtype, "shape": shape}
    if recipe.features:
        takes["features"] = [_describe_feature(feature, inputs[:, at]) for at, feature in enumerate(recipe.features)]
    answers: dict[str, Any] = {"name": "probabilities" if recipe.labels else "values", "kind": recipe.kind}
    if recipe.target:
        answers["target"] = recipe.target.name
    if isinstance(recipe.target, Quantity):
        answers["unit"] = recipe.target.unit
    return {"input": takes, "output": answers | ({TRUST: asdict(thresholds)} if thresholds else {})}


def _describe_feature(feature: Column, values: Array) -> dict[str, Any]:
    """Return what a manifest says of a feature: of a category its values, of a quantity the range of those it was fitted on."""
    if not isinstance(feature, Quantity):
        return feature.describe()
    return {**feature.describe(), "range": [shorten(values.min()), shorten(values.max())]}


def shorten(value: np.floating[Any]) -> float:
    """Return the shortest number that is the same in its type: 1.1, and not float32's 1.100000023841858."""
    return float(str(value))


def _count_instances(recipe: Recipe, train: Split, validation: Split) -> dict[str, Any]:
    return {"rows" if recipe.features else "images": {"train": len(train), "validation": len(validation)}}


def check_export(model: OnnxModel, fitted: FittedModel, instances: Array) -> dict[str, float]:
    """Return the largest difference, relative to the largest answer where that is over 1, and of labels the share that is equal.

    Raises:  ExportDiffersError: they differ too much.
    """
    ours, native = model.predict(instances), fitted.predict(instances)
    difference = float(np.abs(ours - native).max() / max(1.0, float(np.abs(native).max())))
    if model.has_trust:
        difference = max(difference, float(np.abs(model.judge(instances) - fitted.judge(instances)[1]).max()))  # type: ignore[attr-defined]
    if not difference <= MAX_DIFFERENCE:  # NaN is refused too
        raise ExportDiffersError(f"ONNX and native answers differ by up to {difference:.2g}; expected at most {MAX_DIFFERENCE:g}")
    agreement = {"max_difference": float(f"{difference:.2g}")}
    if ours.ndim == 1:
        return {**agreement, "rows": len(instances)}
    return {**agreement, "label_agreement": float((ours.argmax(1) == native.argmax(1)).mean()), _name_instances(instances): len(instances)}


def _name_instances(instances: Array) -> str:
    return "images" if instances.ndim > 2 else "rows"


def read_commit() -> str:
    """Return the checkout's commit, marked if the code was changed since."""
    try:
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
        changed = subprocess.run(
            ["git", "status", "--porcelain", "recipes", "training"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{head}, changed since" if changed.strip() else head
