"""The evaluation of one or several models; the pipeline's job that calls it is training/steps/evaluate.py.

A classifier of pictures: accuracy, per class, confusion, calibration, and where it has rows the robustness table through its own transform.
One of tables: see table_classes.py. A regression: its errors.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from recipes.dataset import Array, Split
from recipes.recipe import Recipe
from recipes.thresholds import Thresholds
from recipes.trust import TRUST
from training import classifier_plots, regression, robustness
from training.artifact import OnnxModel, read_model_of, write_json
from training.drawings import gate_non_digits, non_digits
from training.drawings.sets import start_held_out
from training.measured import TEST, VALIDATION, Measured, find_measured
from training.plots import Scales
from training.regression import LEAVE_ONE_OUT, describe_regression, score_values
from training.report import describe_classifier, write_report
from training.scores import score_labels
from training.table_classes import describe_table, score_table
from training.trainers import Float32
from training.trust import score_trust

FIRST_METRICS, LAST_METRICS = ("balanced_accuracy", "accuracy", "r2", "mae", "rmse"), ("robustness", "calibration", LEAVE_ONE_OUT)
WORST = 24
WORKERS = 2
OTHERS = 2000  # pictures that are no digits, as many of each kind; of a kind no more than there are digits to set beside them
CHUNK, CHUNK_BYTES = 250, 8 << 20  # instances drawn by a process at a time
LATENCY_BATCHES, LATENCY_RUNS, LATENCY_S = (1, 32, 256), 30, 3.0
LATENCY_BYTES = 8 << 20  # of the largest batch
SHOWN = 24  # test pictures in the report, right or wrong
RowDone = Callable[[int, int, str], None]


def evaluate(
    recipe: Recipe,
    folder: Path,
    test: Split,
    out_dir: Path,
    *,
    fitted_on: Split | None = None,
    measured: Measured = TEST,
    command: str = "",
    progress: RowDone = lambda *_: None,
) -> dict[str, Any]:
    """Evaluate a model folder on a test split; write evaluation.json and evaluation.html, and return the content of evaluation.json.

    Args:    folder: model.onnx and manifest.json.
             out_dir: where the two files go; it may be the folder itself.
             fitted_on: of a table, the rows that its report takes a first look at, and that a regression's draws behind the test rows.
             measured: which split it is.
             command: what makes the report again; the report shows it.
             progress: called with rows done, rows in all, and the last one's figure.
    """
    return evaluate_all(recipe, {folder: out_dir}, test, fitted_on=fitted_on, measured=measured, command=command, progress=progress)[folder]


def evaluate_all(
    recipe: Recipe,
    folders: Mapping[Path, Path],
    test: Split,
    *,
    fitted_on: Split | None = None,
    measured: Measured = TEST,
    command: str = "",
    progress: RowDone = lambda *_: None,
) -> dict[Path, dict[str, Any]]:
    """Evaluate several model folders on the same pictures, which are drawn only once; see `evaluate`.

    The plots of several have the same scales.

    Args:    folders: each model's folder, and where its two files go.
    """
    measured = find_measured(recipe, measured)
    loaded = {folder: read_model_of(recipe, folder) for folder in folders}
    models = {folder: model for folder, (model, _) in loaded.items()}
    with create_pool() as pool:
        # Submitted before the rows, so that no core waits while pictures are left to draw; without pictures no process is started.
        kinds = list_other_kinds(measured)
        count = min(OTHERS // len(kinds), len(test))
        drawn = start_held_out(pool, kinds, count, seed=robustness.SEED) if any(model.has_trust for model in models.values()) else {}
        tables = measure_robustness(pool, recipe, models, test, progress=progress) if robustness.find_rows(recipe) else {}
        others = {kind: pictures.result() for kind, pictures in drawn.items()}
    evaluations, trusts, answers = {}, {}, {folder: model.predict(test.inputs) for folder, model in models.items()}
    for folder, (model, manifest) in loaded.items():
        evaluation: dict[str, Any] = {
            "schema": 1,
            "recipe": recipe.name,
            "model": {"name": manifest["name"], "version": manifest["version"], "sha256": model.sha256},
        }
        if recipe.takes_pictures:
            evaluation |= {"images": len(test), **score_labels(answers[folder], test.targets)}
            evaluation |= {"robustness": tables[folder]} if tables else {}
            if model.has_trust:
                right = answers[folder].argmax(1) == test.targets
                trusts[folder] = {kind: model.judge(pictures) for kind, pictures in others.items()}
                evaluation["trust"] = score_trust(Thresholds(**manifest["output"][TRUST]), model.judge(test.inputs), right, trusts[folder])
        elif recipe.labels:
            evaluation |= {"rows": len(test), **score_table(recipe, answers[folder], test)}
            progress(1, 1, f"balanced accuracy {evaluation['balanced_accuracy']:.2%}")
        else:
            evaluation |= {"rows": len(test), **score_values(answers[folder], test.targets)}
            if (found := manifest["metrics"].get(LEAVE_ONE_OUT)) is not None:
                evaluation[LEAVE_ONE_OUT] = found
            progress(1, 1, f"R² {evaluation['r2']}")
        evaluations[folder] = evaluation
    scales = _measure_scales(recipe, list(evaluations.values()), list(models.values()), test, fitted_on) if len(folders) > 1 else None
    for folder, (model, manifest) in loaded.items():
        evaluation, out_dir = evaluations[folder], folders[folder]
        if recipe.takes_pictures:
            worst, shown = find_worst(answers[folder], test), show_answers(answers[folder], test)
            least = float(manifest["output"][TRUST]["certain"]) if model.has_trust else 1.0
            certain = find_certain(model, least, others, trusts.get(folder, {}))
            labels = list(map(str, recipe.labels))
            report = describe_classifier(evaluation, worst, scales, labels=labels, shown=shown, certain=certain, measured=measured)
        elif recipe.labels:
            report = describe_table(recipe, evaluation, manifest.get("weights", {}), scales, fitted_on=fitted_on, measured=measured)
        else:
            report = describe_regression(recipe, evaluation, model, test, fitted_on, scales=scales, measured=measured)
        write_report(out_dir / "evaluation.html", recipe, evaluation, manifest, report, command=command)
        evaluation["latency_ms"] = measure_latency_ms(model, test.inputs)
        write_json(out_dir / "evaluation.json", evaluation)
    return evaluations


def _measure_scales(
    recipe: Recipe, evaluations: Sequence[Mapping[str, Any]], models: Sequence[OnnxModel], test: Split, fitted_on: Split | None
) -> Scales:
    """Return what the plots of these models have in common."""
    if recipe.kind == "regression":
        return regression.measure_scales(models, test, fitted_on)
    matrices, tables = (
        [each["confusion_matrix"] for each in evaluations],
        [each["robustness"] for each in evaluations if "robustness" in each],
    )
    return classifier_plots.measure_scales(matrices, tables)


def add_metrics(folder: Path, evaluation: Mapping[str, Any]) -> dict[str, Any]:
    """Write the figures that a model travels with into its manifest, and return it."""
    path = folder / "manifest.json"
    manifest: dict[str, Any] = json.loads(path.read_text())
    first, last = ({name: evaluation[name] for name in names if name in evaluation} for names in (FIRST_METRICS, LAST_METRICS))
    manifest["metrics"] = first | manifest["metrics"] | last
    if TRUST in evaluation:
        manifest["metrics"][TRUST] = {name: figure for name, figure in evaluation[TRUST].items() if name != "curve"}
    write_json(path, manifest)
    return manifest


def measure_latency_ms(model: OnnxModel, inputs: Array) -> dict[str, float]:
    """Return the median time of an inference, by batch size: on this machine, so worth comparing within one evaluation only."""
    most = max(1, LATENCY_BYTES // max(1, inputs[:1].nbytes))
    return {str(size): round(1000 * _measure_median_s(model, inputs[:size]), 3) for size in LATENCY_BATCHES if size <= most}


def _measure_median_s(model: OnnxModel, batch: Array) -> float:
    times: list[float] = []
    while len(times) < LATENCY_RUNS and sum(times) < LATENCY_S:
        started = time.perf_counter()
        model.predict(batch)
        times.append(time.perf_counter() - started)
    return median(times)


def create_pool() -> ProcessPoolExecutor:
    """Return a pool of processes that draw pictures: spawned, because a fork would copy the locks that the runtimes' threads hold."""
    return ProcessPoolExecutor(WORKERS, get_context("spawn"))


def measure_robustness(
    pool: Executor,
    recipe: Recipe,
    models: Mapping[Any, OnnxModel],
    test: Split,
    *,
    rows: Sequence[str] | None = None,
    progress: RowDone = lambda *_: None,
) -> dict[Any, dict[str, float]]:
    """Return each model's accuracy on each row's pictures, through the recipe's transform; a picture it refuses counts as wrong.

    Args:    pool: what draws the pictures.
             rows: which; by default all that the recipe has.
    """
    rows = tuple(robustness.find_rows(recipe)) if rows is None else rows
    tables: dict[Any, dict[str, float]] = {key: {} for key in models}
    splits = {row: robustness.select(row, test) for row in rows}
    # All rows are submitted at once, so that the next row's pictures are drawn while the models predict this one's.
    instances_by_row = {row: pool.map(partial(robustness.draw_instances, recipe.name, row), *_cut(splits[row])) for row in rows}
    for done, row in enumerate(rows, start=1):
        instances, refused = (np.concatenate(parts) for parts in zip(*instances_by_row.pop(row), strict=True))
        for key, model in models.items():
            correct = (model.predict(instances).argmax(1) == splits[row].targets) & ~refused
            tables[key][row] = round(float(correct.mean()), 5)
        best = max(table[row] for table in tables.values())
        progress(done, len(rows), f"{row} {best:.2%}")
    return tables


def _cut(split: Split) -> tuple[list[Split], list[int]]:
    """Return a split in parts, and where each begins."""
    chunk = max(1, min(CHUNK, CHUNK_BYTES // max(1, split.inputs[:1].nbytes)))
    firsts = list(range(0, len(split), chunk))
    return [Split(split.inputs[at : at + chunk], split.targets[at : at + chunk]) for at in firsts], firsts


def find_worst(probabilities: Float32, test: Split) -> list[dict[str, Any]]:
    """Return the mistakes with the highest confidence."""
    wrong = np.flatnonzero(probabilities.argmax(1) != test.targets)
    return _show(probabilities, test, wrong[np.argsort(-probabilities[wrong].max(1))][:WORST])


def list_other_kinds(measured: Measured) -> list[str]:
    """Return the kinds of what is no digit that go with a split: what decides on validation is not in the test split's table."""
    return list(gate_non_digits.KINDS if measured is VALIDATION else non_digits.HELD_OUT)


def find_certain(model: OnnxModel, least: float, others: Mapping[str, Array], trusts: Mapping[str, Float32]) -> list[dict[str, Any]]:
    """Return pictures of no digit that are certain: of each kind the one that the model trusts most, and what it takes it for.

    Args:    least: the trust of what is certain.
             others, trusts: by kind.
    """
    found = []
    for kind, trust in trusts.items():
        if len(trust) and trust.max() >= least:
            at = int(trust.argmax())
            label = int(model.predict(others[kind][at : at + 1]).argmax())
            found.append({"image": others[kind][at], "label": label, "predicted": label, "probability": float(trust[at])})
    return sorted(found, key=lambda each: -each["probability"])[:WORST]


def show_answers(probabilities: Float32, test: Split) -> list[dict[str, Any]]:
    """Return test pictures from all over the split with their answers, right or wrong: as many of each class as there is room for."""
    by_class = [np.flatnonzero(test.targets == label) for label in np.unique(test.targets)]
    each = -(-SHOWN // max(1, len(by_class)))
    chosen = [places[np.unique(np.linspace(0, len(places) - 1, each).astype(int))] for places in by_class]
    return _show(probabilities, test, np.concatenate(chosen)[:SHOWN] if chosen else [])


def _show(probabilities: Float32, test: Split, which: Any) -> list[dict[str, Any]]:
    predicted = probabilities.argmax(1)
    return [
        {
            "image": test.inputs[i],
            "label": int(test.targets[i]),
            "predicted": int(predicted[i]),
            "probability": float(probabilities[i].max()),
        }
        for i in which
    ]
