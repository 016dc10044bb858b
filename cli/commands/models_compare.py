"""`inferstack models compare`: two versions on the same test instances, as they would serve."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from cli.calls.typed_call import rebuild_call
from cli.commands.models import app, open_versions
from cli.console import err, out, print_facts, print_json
from cli.failures import CommandFailed, WrongCall
from cli.models.versions import ModelVersions
from cli.options import Json, Recipe, Stage
from cli.stage.aws import AwsFailed
from cli.training.inputs import load_dataset, read_test_share, require_training_packages
from deployment.paths import ROOT
from recipes.models.archive import unpack
from recipes.models.model_files import MANIFEST_FILE
from recipes.recipe import load

Version = Annotated[str, typer.Argument(metavar="VERSION", help="A version's number, or shipped.")]
SHIPPED = 0  # no version has this number


@app.command()
def compare(  # noqa: PLR0917 - typer makes options of arguments
    context: typer.Context,
    a: Version,
    b: Version,
    stage: Stage = "local",
    page: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="HTML", help="Where the report goes; by default artifacts/<recipe>/compare-A-B.html.", dir_okay=False
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Use only this many test instances, for a try.", min=100)] = None,
    recipe_name: Recipe = "",
    as_json: Json = False,
) -> None:
    """Compare two versions on the real test split: metrics, both confusion matrices, and the pictures on which they disagree.

    "shipped" is the model in the recipe's folder here, which serves before anything is approved.

    Examples:
    inferstack models compare 2 3
    inferstack models compare shipped 1 --stage prod --out 1.html --json
    """
    names = _read_names((a, b))
    with require_training_packages():
        from training.comparison.versions import compare_versions, summarize  # noqa: PLC0415 - matplotlib and ONNX Runtime take a second
    versions = open_versions(context, stage, recipe_name)
    with tempfile.TemporaryDirectory(prefix="inferstack-compare-") as folder, err.status("downloading") as status:
        downloads = {number: _download_model(versions, number, Path(folder) / str(number)) for number in names if number != SHIPPED}
        recipe = load(json.loads((next(iter(downloads.values())) / MANIFEST_FILE).read_text())["recipe"])
        models = {name: downloads.get(number, ROOT / "recipes" / recipe.name / "pretrained") for number, name in names.items()}
        report = page or Path("artifacts") / recipe.name / f"compare-{a}-{b}.html"
        report.parent.mkdir(parents=True, exist_ok=True)  # a folder that cannot be written is found before the work
        status.update("reading the data")
        shares = {read_test_share(folder) for folder in models.values()}
        if len(shares) > 1:
            message = "the two were measured on different shares of the rows: one may have learned from the other's test rows"
            raise CommandFailed(message, advice="train both with the same --test-share")
        test = load_dataset(recipe.name, None, limit=limit, test_share=shares.pop()).test
        status.update(f"asking both about {len(test):,} instances")
        comparison = compare_versions(recipe, models, test, report, rebuild_call(context))
    if as_json:
        print_json({**comparison, "report": str(report)})
        return
    print_facts({name: f"{recipe.metric} {model[recipe.metric]}  {model['version']}" for name, model in comparison["models"].items()})
    out.print(summarize(recipe, comparison))
    err.print(f"report {report}", markup=False)


def _read_names(versions: Sequence[str]) -> dict[int, str]:
    """Return what each version is called, by its number, or by SHIPPED; raise WrongCall unless they are two."""
    names: dict[int, str] = {}
    for version in versions:
        if version != "shipped" and not (version.isdecimal() and int(version)):
            message = f"got version {version!r}; expected a number like 1, or shipped"
            raise WrongCall(message, advice="`inferstack models list` shows the versions")
        names |= {SHIPPED: "shipped"} if version == "shipped" else {int(version): f"version {int(version)}"}
    if len(names) < 2:
        raise WrongCall(f"both are {versions[0]}; name two")
    return names


def _download_model(versions: ModelVersions, number: int, folder: Path) -> Path:
    """Return a folder with a version's model and manifest."""
    version = versions.describe(number)
    if not version.archive_url:
        raise AwsFailed(f"version {number} names no model.tar.gz", advice="it was not registered by a training pipeline")
    folder.mkdir()
    archive = folder / "model.tar.gz"
    archive.write_bytes(versions.read_object(version.archive_url))
    return unpack(archive, folder)
