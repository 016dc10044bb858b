"""The pipeline's evaluation job: candidates and champion on the validation split, the best as an archive, with figures of the test split.

The evaluation itself is training/evaluate.py.
"""

import argparse
import hashlib
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from recipes.dataset import Split
from recipes.models.archive import pack_folder, unpack
from recipes.models.model_files import MANIFEST_FILE
from recipes.recipe import Recipe, load
from recipes.trust import TRUST
from training.artifact import read_model, write_json
from training.comparison import champion
from training.comparison.candidates import Limits, describe_conditions, write_comparison
from training.comparison.gate import compare_answers, compare_certain, find_lowest_row
from training.evaluate import add_metrics, evaluate, evaluate_all
from training.metrics.statistics import describe_model_quality
from training.reports.measured import VALIDATION
from training.steps import layout
from training.steps.train import SKIPPED, Log
from training.steps.write_once import write_once

SHIPPED = Path(__file__).resolve().parents[2] / "recipes"


def main(arguments: list[str]) -> None:
    """Read the inputs `validation`, `test` and `candidates`; write the output `evaluation`, and the best model's archive.

    All that is decided is decided on the validation split. The test split is used once, for the figures of the best.

    Raises:  ValueError: no candidate was trained.
             FileExistsError: the archive is there already, with another content.
    """
    parser = argparse.ArgumentParser(prog="evaluate")
    parser.add_argument("--recipe", required=True)
    parser.add_argument(
        "--champion-endpoint", default="", help="the endpoint whose model the candidates are compared with; without one, the shipped model"
    )
    parser.add_argument("--archive-url", required=True, help="the s3:// URL of the best model's archive, which is written once")
    parser.add_argument("--call", required=True, help="what runs the pipeline, for the report")
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE", help="one of the execution, for the report")
    options = parser.parse_args(arguments)
    recipe, out = load(options.recipe), layout.make_output("evaluation")
    command = shlex.join([*shlex.split(options.call), *(word for each in options.parameter for word in ("-s", each))])
    with TemporaryDirectory() as scratch:
        folders = unpack_candidates(layout.find_input("candidates"), Path(scratch))
        if not folders:
            raise ValueError("no candidate was trained; name at least one of the recipe's candidates in the parameter Candidates")
        serving = _find_champion(recipe, options.champion_endpoint, Path(scratch) / "champion")
        compared = {**folders, **({"champion": serving} if serving else {})}
        validation, test = (layout.read_split(recipe, layout.find_input(name)) for name in ("validation", "test"))
        by_folder = evaluate_all(
            recipe,
            {folder: out / name for name, folder in compared.items()},
            validation,
            measured=VALIDATION,
            command=command,
            progress=Log("validate"),
        )
        evaluations = {name: by_folder[folder] for name, folder in compared.items()}
        summary = summarize(recipe, evaluations)
        best = folders[summary["best"]["name"]]
        pair = [summary["best"]["name"], *(["champion"] if serving else [])]
        summary |= judge(
            recipe, validation, [compared[name] for name in pair], [evaluations[name] for name in pair], summary["improvement"]
        )
        tested = evaluate(recipe, best, test, out / "test", command=command, progress=Log("test"))
        summary["best"]["test_score"] = tested[recipe.metric]
        add_metrics(best, tested)
        summary["best"]["manifest_sha256"] = hashlib.sha256((best / MANIFEST_FILE).read_bytes()).hexdigest()
        write_once(options.archive_url, pack_folder(best))
    limits = _read_limits(recipe, options.parameter)
    write_json(out / "evaluation.json", {**summary, "conditions": describe_conditions(recipe, summary, limits)})
    write_json(out / "statistics.json", describe_model_quality(recipe, tested))
    write_comparison(out / "index.html", recipe, summary, evaluations, limits=limits, command=command)
    print(f"best is {summary['best']}; improvement {summary['improvement']}", flush=True)  # noqa: T201 - a job's output is its log


def _read_limits(recipe: Recipe, parameters: Sequence[str]) -> Limits:
    given = dict(each.split("=", 1) for each in parameters)
    return Limits(
        float(given.get("Threshold", recipe.threshold)),
        float(given.get("MinimumImprovement", 0)),
        float(given.get("MinimumRowImprovement", 0)),
    )


def unpack_candidates(candidates: Path, scratch: Path) -> dict[str, Path]:
    """Return a model folder for each candidate that was trained, by name."""
    folders = {}
    for archive in sorted(candidates.glob("*/model.tar.gz")):
        folder = scratch / archive.parent.name
        unpack(archive, folder, optional=[SKIPPED])
        if not (folder / SKIPPED).exists():
            folders[archive.parent.name] = folder
    return folders


def judge(
    recipe: Recipe, validation: Split, folders: Sequence[Path], evaluations: Sequence[dict[str, Any]], improvement: float
) -> dict[str, Any]:
    """Return what the conditions ask of the best beside the champion: the most that its improvement may be, and its lowest row's margin.

    Without a champion there is nothing to fall behind, and only pictures have rows; where both have a trust, what is no digit is one more.

    Args:    folders, evaluations: the best's and the champion's, if there is one.
             improvement: of the best on the champion.
    """
    if len(folders) < 2 or recipe.kind == "regression":
        return {"most_improvement": improvement, "row_margin": 0.0}
    best, champion = (read_model(folder)[0].predict(validation.inputs) for folder in folders)
    disagreement = compare_answers(recipe, best, champion, validation.targets)
    found = {"disagreement": disagreement, "most_improvement": round(improvement + disagreement["noise"], 5)}
    if not all("robustness" in evaluation for evaluation in evaluations):
        return {**found, "row_margin": 0.0}
    lowest = find_lowest_row(recipe, validation, *(evaluation["robustness"] for evaluation in evaluations))
    found |= {"lowest_row": lowest, "row_margin": lowest["margin"]}
    if not all(TRUST in evaluation for evaluation in evaluations):
        return found
    others = compare_certain(*(evaluation[TRUST]["certain_by_kind"] for evaluation in evaluations))
    return {**found, "no_digit": others, "row_margin": min(lowest["margin"], others["margin"])}


def summarize(recipe: Recipe, evaluations: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return evaluation.json: the figures that the pipeline's conditions read, and every candidate's.

    Args:    evaluations: by candidate; the one called `champion` serves now.
    """
    scores = {name: float(evaluation[recipe.metric]) for name, evaluation in evaluations.items()}
    candidates = {name: score for name, score in scores.items() if name != "champion"}
    best = max(candidates, key=lambda name: candidates[name])
    serving = evaluations.get("champion")
    return {
        "schema": 1,
        "recipe": recipe.name,
        "metric": recipe.metric,
        "best": {"name": best, "score": candidates[best], "version": evaluations[best]["model"]["version"]},
        "champion": {"score": scores["champion"], "version": serving["model"]["version"]} if serving else None,
        # Rounded as the scores are, or 0.996 - 0.996 may be below 0.
        "improvement": round(candidates[best] - scores["champion"], 5) if serving else candidates[best],
        "candidates": {name: {"score": score, "latency_ms": evaluations[name]["latency_ms"]} for name, score in candidates.items()},
    }


def _find_champion(recipe: Recipe, endpoint: str, folder: Path) -> Path | None:
    """Return the folder of the model that serves, else of the one the recipe ships, else None."""
    archive = folder.with_suffix(".tar.gz")
    if endpoint and champion.fetch_model(endpoint, archive):
        return unpack(archive, folder)
    shipped = SHIPPED / recipe.name / "pretrained"
    return shipped if shipped.is_dir() else None
