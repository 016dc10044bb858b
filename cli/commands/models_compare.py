"""`inferstack models compare`: two versions on the same test instances, as they would serve."""

import json
import shlex
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from cli.aws import AwsFailed
from cli.commands.models import Number, open_versions
from cli.console import err, fail, out, print_facts, print_json
from cli.model_versions import ModelVersions
from cli.options import Json, Stage
from cli.training_inputs import load_dataset, require_training_packages
from recipes.archive import MANIFEST_FILE, unpack
from recipes.recipe import load


def compare(  # noqa: PLR0917 - typer makes options of arguments
    context: typer.Context,
    a: Number,
    b: Number,
    stage: Stage = "local",
    page: Annotated[
        Path | None,
        typer.Option("--out", metavar="HTML", help="Where the report goes; artifacts/<recipe>/compare-A-B.html.", dir_okay=False),
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Use only this many test instances, for a try.", min=100)] = None,
    as_json: Json = False,
) -> None:
    """Compare two versions on the real test split: metrics, both confusion matrices, and the pictures on which they disagree.

    Examples:  inferstack models compare 2 3  ·  inferstack models compare 2 3 --stage prod --out 2-3.html --json
    """
    if a == b:
        raise fail(f"both are version {a}; name two", as_json=as_json, code=2)
    with require_training_packages(as_json=as_json):
        from training.version_comparison import compare_versions, summarize  # noqa: PLC0415 - matplotlib and ONNX Runtime take a second
    versions = open_versions(context, stage, as_json=as_json)
    with tempfile.TemporaryDirectory(prefix="inferstack-compare-") as folder:
        models = {f"version {number}": _download_model(versions, number, Path(folder) / str(number)) for number in (a, b)}
        recipe = load(json.loads((models[f"version {a}"] / MANIFEST_FILE).read_text())["recipe"])
        report = page or Path("artifacts") / recipe.name / f"compare-{a}-{b}.html"
        test = load_dataset(recipe.name, None, as_json=as_json, limit=limit).test
        words = ["inferstack", "models", "compare", str(a), str(b), "--stage", stage, *(["--limit", str(limit)] if limit else [])]
        comparison = compare_versions(recipe, models, test, report, shlex.join(words))
    if as_json:
        print_json({**comparison, "report": str(report)})
        return
    print_facts({name: f"{recipe.metric} {model[recipe.metric]}  {model['version']}" for name, model in comparison["models"].items()})
    out.print(summarize(comparison))
    err.print(f"report {report}", markup=False)


def _download_model(versions: ModelVersions, number: int, folder: Path) -> Path:
    """Return a folder with a version's model and manifest."""
    version = versions.describe(number)
    if not version.archive_url:
        raise AwsFailed(f"version {number} names no model.tar.gz", advice="it was not registered by a training pipeline")
    folder.mkdir()
    archive = folder / "model.tar.gz"
    archive.write_bytes(versions.read_object(version.archive_url))
    return unpack(archive, folder)
