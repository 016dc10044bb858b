"""`inferstack train` and `inferstack evaluate`: progress for people, the manifest or the evaluation for machines."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from cli.output import Json, err, fail, print_facts, print_json, print_table
from deployment.paths import ROOT
from recipes.recipe import Recipe, load

if TYPE_CHECKING:
    from recipes.dataset import Dataset

RecipeName = Annotated[str, typer.Argument(metavar="RECIPE", help="A folder in recipes/, e.g. digits.")]
NEEDS = "make setup-training"


def train(  # noqa: PLR0917 - typer makes options of arguments
    recipe: RecipeName,
    candidate: Annotated[str | None, typer.Option(help="Which candidate; the recipe's first when left out.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where the model goes; artifacts/<recipe>/<candidate> when left out.", file_okay=False)
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="What the recipe's dataset reads: MNIST's idx files or mnist.pkl.gz, a csv; its own when left out.", exists=True),
    ] = None,
    seed: Annotated[int, typer.Option(help="Decides everything that is random.")] = 0,
    limit: Annotated[int | None, typer.Option(help="Use only this many images of each split, for a try.", min=100)] = None,
    as_json: Json = False,
) -> None:
    """Train a candidate on the real data; write model.onnx, manifest.json, evaluation.json and evaluation.html.

    Examples:  inferstack train digits --candidate cnn  ·  inferstack train digits --candidate xgboost --out artifacts/xgboost
    """
    with training_packages(as_json=as_json):
        from training.train import train as fit  # noqa: PLC0415 - torch and xgboost take seconds, and only these commands need them
    chosen = _recipe(recipe, as_json=as_json)
    try:
        which = chosen.candidate(candidate or chosen.candidates[0].name)
    except KeyError as error:
        raise fail(str(error.args[0]), as_json=as_json, code=2) from error
    folder = out or Path("artifacts") / chosen.name / which.name
    dataset = dataset_of(chosen.name, data, as_json=as_json, limit=limit)
    with _bars() as bars:
        manifest = fit(
            chosen, which, dataset, folder, seed=seed, fitting=_bar(bars, f"train {which.name}"), evaluating=_bar(bars, "evaluate")
        )
    if as_json:
        print_json(manifest)
        return
    _show(chosen, manifest["metrics"])
    print_facts({"model": folder / "model.onnx", "manifest": folder / "manifest.json", "report": folder / "evaluation.html"})


def evaluate(
    recipe: RecipeName,
    model: Annotated[
        Path | None, typer.Option(help="A folder `train` wrote; the shipped model when left out.", exists=True, file_okay=False)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Where evaluation.json and .html go; beside the model, or artifacts/ for the shipped one.", file_okay=False),
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Use only this many test images, for a try.", min=100)] = None,
    as_json: Json = False,
) -> None:
    """Measure a model on the test set, and one of pictures on the robustness table.

    Examples:  inferstack evaluate digits --model artifacts/xgboost  ·  inferstack evaluate digits --out artifacts/shipped --json
    """
    with training_packages(as_json=as_json):
        from training.evaluate import evaluate as measure  # noqa: PLC0415 - as above
    chosen = _recipe(recipe, as_json=as_json)
    folder = model or ROOT / "recipes" / chosen.name / "pretrained"
    goes_to = out or model or Path("artifacts") / chosen.name / "shipped"
    with _bars() as bars:
        evaluation = measure(
            chosen, folder, dataset_of(chosen.name, None, as_json=as_json, limit=limit).test, goes_to, progress=_bar(bars, "evaluate")
        )
    if as_json:
        print_json(evaluation)
        return
    _show(chosen, evaluation)
    print_facts({"evaluation": goes_to / "evaluation.json", "report": goes_to / "evaluation.html"})


def _show(recipe: Recipe, measured: dict[str, Any]) -> None:
    if recipe.target is not None:
        unit = recipe.target.unit
        print_facts({"R²": measured["r2"], "mean absolute error": f"{measured['mae']:,} {unit}", "RMSE": f"{measured['rmse']:,} {unit}"})
        return
    print_table(
        [{"pictures": "test images as they are", "accuracy": f"{measured['accuracy']:.2%}"}]
        + [{"pictures": k, "accuracy": f"{v:.2%}"} for k, v in measured["robustness"].items()]
    )


def _recipe(name: str, *, as_json: bool) -> Recipe:
    try:
        return load(name)
    except KeyError as error:
        raise fail(str(error.args[0]), as_json=as_json, code=2) from error


def dataset_of(recipe: str, source: Path | None, *, as_json: bool, limit: int | None = None) -> "Dataset":
    """Return a recipe's data, or its first `limit`; say how to get it where it is missing."""
    from recipes.dataset import load as load_data  # noqa: PLC0415 - numpy is not needed to show help

    try:
        return load_data(recipe, source).head(limit)
    except FileNotFoundError as error:
        raise fail(str(error), as_json=as_json) from error


@contextmanager
def training_packages(*, as_json: bool) -> Iterator[None]:
    """Say how to install what an import inside lacks."""
    try:
        yield
    except ImportError as error:
        raise fail(f"training needs {error.name}, which is not installed", advice=f"run `{NEEDS}`", as_json=as_json) from error


def _bars() -> Progress:
    return Progress(
        TextColumn("{task.description:16}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[figure]}"),
        console=err,
    )


def _bar(bars: Progress, description: str) -> Any:
    task = bars.add_task(description, total=None, figure="")

    def update(done: int, total: int, figure: str) -> None:
        bars.update(task, completed=done, total=total, figure=figure)

    return update
