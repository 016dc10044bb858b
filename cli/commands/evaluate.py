"""`inferstack evaluate`: metrics for people, the evaluation for machines."""

from pathlib import Path
from typing import Annotated

import typer

from cli.calls.typed_call import rebuild_call
from cli.console import err, print_facts, print_json
from cli.options import Json, RecipeName
from cli.progress_bars import add_training_bar, build_training_bars
from cli.training.inputs import is_trained_on, load_dataset, load_recipe, print_metrics, read_test_share, require_training_packages
from deployment.paths import ROOT


def evaluate(  # noqa: PLR0917 - typer makes options of arguments
    context: typer.Context,
    recipe: RecipeName,
    model: Annotated[
        Path | None, typer.Option(help="A folder `train` wrote; by default the shipped model.", exists=True, file_okay=False)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Where evaluation.json and .html go; by default beside the model, or artifacts/ for the shipped one.", file_okay=False
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Use only this many test instances, for a try.", min=100)] = None,
    as_json: Json = False,
) -> None:
    """Measure a model on the test set, and one of pictures on the robustness table; write a report with a PNG of each plot beside it.

    Examples:
    inferstack evaluate digits --model artifacts/xgboost
    inferstack evaluate digits --out artifacts/shipped --json
    """
    chosen = load_recipe(recipe)
    with require_training_packages():
        from training.artifact import read_model_of  # noqa: PLC0415 - needs ONNX Runtime
        from training.evaluate import evaluate as measure  # noqa: PLC0415 - torch and xgboost take seconds
    folder = model or ROOT / "recipes" / chosen.name / "pretrained"
    report_folder = out or model or Path("artifacts") / chosen.name / "shipped"
    report_folder.mkdir(parents=True, exist_ok=True)  # as in train
    read_model_of(chosen, folder)  # what is wrong with it is said before the data are read
    data = load_dataset(chosen.name, None, test_share=read_test_share(folder))
    fitted_on = data.train if is_trained_on(folder, data) else None
    if chosen.features and fitted_on is None:
        err.print("the report has no first look at the rows it was fitted on: by its manifest they are not these, or not all of them")
    with build_training_bars() as bars:
        progress = add_training_bar(bars, "evaluate")
        evaluation = measure(
            chosen,
            folder,
            data.test.head(limit),
            report_folder,
            fitted_on=fitted_on,
            command=rebuild_call(context),
            progress=progress,
        )
    if as_json:
        print_json(evaluation)
        return
    print_metrics(chosen, evaluation)
    print_facts({"evaluation": report_folder / "evaluation.json", "report": report_folder / "evaluation.html"})
