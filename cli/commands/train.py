"""`inferstack train`: progress and metrics for people, the manifest for machines."""

from pathlib import Path
from typing import Annotated

import typer

from cli.calls.typed_call import rebuild_call
from cli.console import print_facts, print_json
from cli.failures import WrongCall
from cli.options import Json, RecipeName
from cli.progress_bars import add_training_bar, build_training_bars
from cli.training.inputs import load_dataset, load_recipe, print_metrics, require_training_packages


def train(  # noqa: PLR0917 - typer makes options of arguments
    context: typer.Context,
    recipe: RecipeName,
    candidate: Annotated[str | None, typer.Option(help="Which of the recipe's candidates; by default its first.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where the model goes; by default artifacts/<recipe>/<candidate>.", file_okay=False)
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            help="What the recipe's dataset reads: a csv, MNIST's idx files or mnist.pkl.gz, a zip of pictures; by default its own.",
            exists=True,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Decides everything that is random.", min=0, max=2**32 - 1)] = 0,
    start: Annotated[
        Path | None,
        typer.Option(help="A model folder to go on from: its weights stand for the first part of training.", exists=True, file_okay=False),
    ] = None,
    refit: Annotated[
        bool, typer.Option("--refit", help="Train once more on the validation split too, for a model that ships: twice the time.")
    ] = False,
    test_share: Annotated[
        float | None,
        typer.Option(
            help="For a table: the share of rows that the model is measured on, such as 0.3; by default the recipe's.", metavar="SHARE"
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Use only this many instances of each split, for a try.", min=100)] = None,
    as_json: Json = False,
) -> None:
    """Train a candidate on the real data; write model.onnx, manifest.json, evaluation.json and evaluation.html.

    Examples:
    inferstack train digits --candidate cnn
    inferstack train digits --candidate xgboost --out artifacts/xgboost
    """
    chosen = load_recipe(recipe)
    try:
        which = chosen.find_candidate(candidate or chosen.candidates[0].name)
    except KeyError as error:
        raise WrongCall(str(error.args[0])) from error
    with require_training_packages():
        from training.train import train as fit  # noqa: PLC0415 - torch and xgboost take seconds, and only these commands need them
    folder = out or Path("artifacts") / chosen.name / which.name
    folder.mkdir(parents=True, exist_ok=True)  # a folder that cannot be written is found now, and not after the training
    dataset = load_dataset(chosen.name, data, limit=limit, test_share=test_share)
    with build_training_bars() as bars:
        fitting, evaluating = add_training_bar(bars, f"train {which.name}"), add_training_bar(bars, "evaluate")
        manifest = fit(
            chosen,
            which,
            dataset,
            folder,
            seed=seed,
            start=start,
            command=rebuild_call(context),
            refit_on_all=refit,
            fitting=fitting,
            evaluating=evaluating,
        )
    if as_json:
        print_json(manifest)
        return
    print_metrics(chosen, manifest["metrics"])
    print_facts({"model": folder / "model.onnx", "manifest": folder / "manifest.json", "report": folder / "evaluation.html"})
