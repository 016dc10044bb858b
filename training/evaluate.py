"""The evaluation of one or several models; the pipeline's job that calls it is training/steps/evaluate.py.

A classifier of pictures: accuracy, per class, confusion, calibration, and where it has rows the robustness table through its own transform.
One of tables: see metrics/table_classes.py. A regression: its errors.
"""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from recipes.dataset import Array, Split
from recipes.recipe import Recipe
from recipes.thresholds import Thresholds
from recipes.trust import TRUST
from training.artifact import OnnxModel, read_model_of, write_json
from training.drawings import gate_non_digits, non_digits, robustness
from training.drawings.sets import start_held_out
from training.metrics import regression
from training.metrics.latency import measure_latency_ms
from training.metrics.regression import LEAVE_ONE_OUT, describe_regression, score_values
from training.metrics.robustness_table import RowDone, measure_robustness
from training.metrics.scores import score_labels
from training.metrics.table_classes import describe_table, score_table
from training.metrics.trust import score_trust
from training.reports import classifier_plots
from training.reports.evaluation import Report, describe_classifier, write_report
from training.reports.measured import TEST, VALIDATION, Measured, find_measured
from training.reports.plots import Scales
from training.reports.shown_pictures import find_certain, find_worst, show_answers
from training.trainers import Float32

FIRST_METRICS, LAST_METRICS = ("balanced_accuracy", "accuracy", "r2", "mae", "rmse"), ("robustness", "calibration", LEAVE_ONE_OUT)
WORKERS = 2
OTHERS = 2000  # pictures that are no digits, as many of each kind; of a kind no more than there are digits to set beside them


def evaluate(
    recipe: Recipe,
    folder: Path,
    test: Split,
    out_dir: Path,
    *,
    fitted_on: Split | None = None,
    command: str = "",
    progress: RowDone = lambda *_: None,
) -> dict[str, Any]:
    """Evaluate a model folder on a test split; write evaluation.json and evaluation.html, and return the content of evaluation.json.

    Args:    folder: model.onnx and manifest.json.
             out_dir: where the two files go; it may be the folder itself.
             fitted_on: of a table, the rows that its report takes a first look at, and that a regression's draws behind the test rows.
             command: what makes the report again; the report shows it.
             progress: called with rows done, rows in all, and the last one's figure.
    """
    return evaluate_all(recipe, {folder: out_dir}, test, fitted_on=fitted_on, command=command, progress=progress)[folder]


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
    answered = {
        folder: _Answered(
            model,
            manifest,
            answers=model.predict(test.inputs),
            trusts={kind: model.judge(pictures) for kind, pictures in others.items()} if model.has_trust else {},
            table=tables.get(folder),
        )
        for folder, (model, manifest) in loaded.items()
    }
    evaluations = {folder: _score(recipe, each, test, progress) for folder, each in answered.items()}
    scales = _measure_scales(recipe, list(evaluations.values()), list(models.values()), test, fitted_on) if len(folders) > 1 else None
    for folder, each in answered.items():
        evaluation, out_dir = evaluations[folder], folders[folder]
        report = _describe(recipe, each, evaluation, test, others, fitted_on=fitted_on, measured=measured, scales=scales)
        write_report(out_dir / "evaluation.html", recipe, evaluation, each.manifest, report, command=command)
        evaluation["latency_ms"] = measure_latency_ms(each.model, test.inputs)
        write_json(out_dir / "evaluation.json", evaluation)
    return evaluations


@dataclass(frozen=True, slots=True)
class _Answered:
    """A model, and what it answered.

    Args:    answers: to the split's instances.
             trusts: in pictures of no digit, by their kind.
             table: its accuracy on each row of the robustness table; None without one.
    """

    model: OnnxModel
    manifest: dict[str, Any]
    answers: Float32
    trusts: dict[str, Float32]
    table: dict[str, float] | None


def _score(recipe: Recipe, answered: _Answered, test: Split, progress: RowDone) -> dict[str, Any]:
    """Return what evaluation.json holds, but for the latency."""
    model, manifest, answers = answered.model, answered.manifest, answered.answers
    evaluation: dict[str, Any] = {
        "schema": 1,
        "recipe": recipe.name,
        "model": {"name": manifest["name"], "version": manifest["version"], "sha256": model.sha256},
    }
    if recipe.takes_pictures:
        evaluation |= {"images": len(test), **score_labels(answers, test.targets)}
        if answered.table is not None:
            evaluation["robustness"] = answered.table
        if model.has_trust:
            right, thresholds = answers.argmax(1) == test.targets, Thresholds(**manifest["output"][TRUST])
            evaluation["trust"] = score_trust(thresholds, model.judge(test.inputs), right, answered.trusts)
    elif recipe.labels:
        evaluation |= {"rows": len(test), **score_table(recipe, answers, test)}
        progress(1, 1, f"balanced accuracy {evaluation['balanced_accuracy']:.2%}")
    else:
        evaluation |= {"rows": len(test), **score_values(answers, test.targets)}
        if (found := manifest["metrics"].get(LEAVE_ONE_OUT)) is not None:
            evaluation[LEAVE_ONE_OUT] = found
        progress(1, 1, f"R² {evaluation['r2']}")
    return evaluation


def _describe(
    recipe: Recipe,
    answered: _Answered,
    evaluation: dict[str, Any],
    test: Split,
    others: Mapping[str, Array],
    *,
    fitted_on: Split | None,
    measured: Measured,
    scales: Scales | None,
) -> Report:
    """Return the report of the recipe's kind.

    Args:    others: pictures of no digit, by their kind.
             scales: of the plots of all models.
    """
    model, manifest, answers = answered.model, answered.manifest, answered.answers
    if recipe.takes_pictures:
        least = float(manifest["output"][TRUST]["certain"]) if model.has_trust else 1.0
        return describe_classifier(
            evaluation,
            find_worst(answers, test),
            scales,
            labels=list(map(str, recipe.labels)),
            shown=show_answers(answers, test),
            certain=find_certain(model, least, others, answered.trusts),
            measured=measured,
        )
    if recipe.labels:
        return describe_table(recipe, evaluation, manifest.get("weights", {}), scales, fitted_on=fitted_on, measured=measured)
    return describe_regression(recipe, evaluation, model, test, fitted_on, scales=scales, measured=measured)


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


def create_pool() -> ProcessPoolExecutor:
    """Return a pool of processes that draw pictures: spawned, because a fork would copy the locks that the runtimes' threads hold."""
    return ProcessPoolExecutor(WORKERS, get_context("spawn"))


def list_other_kinds(measured: Measured) -> list[str]:
    """Return the kinds of what is no digit that go with a split: what decides on validation is not in the test split's table."""
    return list(gate_non_digits.KINDS if measured is VALIDATION else non_digits.HELD_OUT)
