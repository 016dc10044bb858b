"""`inferstack ab`: right and wrong predictions by variant and model version, and whether one variant is better."""

from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import Annotated

import typer

from cli.console import err, out, print_json, print_table
from cli.models.variant_comparison import compare_variants
from cli.models.variant_outcomes import VariantModel, count_outcomes, describe_model, read_outcomes, select_newest
from cli.options import Json, Recipe, Stage
from cli.services import get_services
from cli.stage.aws import translate_aws_errors
from cli.stage.outputs import find_recipe, find_results_bucket
from cli.training.inputs import load_recipe

LONGEST_DAYS = 36_500

app = typer.Typer(no_args_is_help=True, help="Compare variants by the feedback on their predictions.")


@app.command()
def report(
    context: typer.Context,
    since: Annotated[
        int | None, typer.Option(metavar="DAYS", help="Only predictions of so many last days.", min=1, max=LONGEST_DAYS)
    ] = None,
    stage: Stage = "local",
    recipe_name: Recipe = "",
    as_json: Json = False,
) -> None:
    """Count right and wrong predictions, and say whether one variant is better. Intervals are of 95 %.

    Examples:
    inferstack ab report
    inferstack ab report --since 7 --stage prod
    inferstack ab report --json
    """
    from functions.shared.object_store import Store  # noqa: PLC0415 - botocore takes 300 ms that no other command need pay

    if recipe_name:
        load_recipe(recipe_name)
    clients = get_services(context).connect_aws(stage)
    with translate_aws_errors(), err.status("reading the feedback"):
        results = Store(clients("s3"), find_results_bucket(stage, clients("cloudformation")))
        recipe = recipe_name or find_recipe(stage, clients("cloudformation"))
        first_day = (datetime.now(UTC).date() - timedelta(days=since - 1)) if since else date.min
        models = count_outcomes(read_outcomes(results.list, recipe, first_day))
    comparisons = [compare_variants(*pair) for pair in combinations(select_newest(models), 2)]
    if as_json:
        documents = [describe_model(model) for model in models]
        print_json({"recipe": recipe, "since_days": since, "models": documents, "comparisons": comparisons})
    elif not models:
        out.print("there is no feedback on predictions yet; docs/http-api.md has the call")
    else:
        print_table(_build_row(model) for model in models)
        for comparison in comparisons:
            out.print(comparison["says"], soft_wrap=True)


def _build_row(model: VariantModel) -> dict[str, str]:
    known = describe_model(model)
    counts = {"outcomes": f"{known['outcomes']:,}", "right": f"{known['right']:,}"}
    share = {"accuracy": f"{known['accuracy']:.1%}", "95 % interval": f"{known['low']:.1%} to {known['high']:.1%}"}
    return {"variant": model.variant, "version": model.version, **counts, **share, "days": f"{model.first_day} to {model.last_day}"}
