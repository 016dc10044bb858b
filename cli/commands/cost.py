"""`inferstack cost`: what a load costs in a month, on paper, and what breaks first."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from cli.console import out, print_facts, print_json
from cli.cost_tables import (
    describe_estimate,
    format_month,
    format_rate,
    format_time,
    print_break_evens,
    print_ladder,
    print_services,
    print_ways,
)
from cli.failures import WrongCall
from cli.options import Context, Json, check_stage, parse_context, refuse_nan
from deployment.settings import Settings
from deployment.stages import read_context
from recipes.recipe import list_names
from scale.estimate import BreakEven, Estimate, estimate_ways, list_break_evens, list_unchecked
from scale.facts import read_aws
from scale.load import Load, parse_rate

RATE = "NUMBER/TIME"


def cost(  # noqa: PLR0917 - typer's options
    requests: Annotated[str, typer.Option(metavar=RATE, help="Predictions through the API, like 100/s or 5M/month.")] = "0/s",
    images: Annotated[str, typer.Option(metavar=RATE, help="Rows or pictures in uploaded files, like 1e9/day.")] = "0/s",
    per_file: Annotated[int, typer.Option("--images-per-file", min=1, help="Rows or pictures in one file.")] = 1_000,
    peak: Annotated[
        float, typer.Option(min=1, max=1000, callback=refuse_nan, help="The busiest minute's requests, as a multiple of the average.")
    ] = 1,
    hours: Annotated[
        float, typer.Option("--active-hours", min=0.1, max=24, callback=refuse_nan, help="How many hours of a day the load comes in.")
    ] = 24,
    recipe: Annotated[str, typer.Option(help="A folder in recipes/; by default the stage's.", autocompletion=list_names)] = "",
    stage: Annotated[str, typer.Option(help="Whose settings are taken: local, dev or prod.", callback=check_stage)] = "prod",
    settings: Context = None,
    as_json: Json = False,
) -> None:
    """Estimate what a load costs in a month, which way to run the endpoint costs least, what breaks first, and what to set.

    It asks nobody: prices and limits are in scale/aws.toml, rates in scale/measured.toml. What a sudden doubling does is simulated.

    Examples:
    inferstack cost --requests 100/s
    inferstack cost --requests 5M/month --peak 3
    inferstack cost --images 1e9/day --json
    """
    load = Load(parse_rate(requests, "--requests"), parse_rate(images, "--images"), per_file, peak, hours)
    if not (load.requests_s or load.images_s):
        raise WrongCall("there is no load", advice="name one: --requests 100/s, --images 1e6/day, or both")
    wanted = read_context(stage, parse_context(settings) | ({"recipe": recipe} if recipe else {}))
    estimates, pairs = estimate_ways(load, wanted), list_break_evens(load, wanted)
    if as_json:
        print_json(_build_document(load, wanted, estimates, pairs))
    else:
        _print_estimates(load, wanted, estimates, pairs)


def _build_document(load: Load, settings: Settings, estimates: Sequence[Estimate], pairs: Sequence[BreakEven]) -> dict[str, Any]:
    aws = read_aws()
    return {
        "stage": settings.stage,
        "recipe": settings.recipe,
        "recipes_not_asked": list(settings.recipes[1:]),
        "region": aws["region"],
        "prices_of": aws["read"],
        "requests_s": load.requests_s,
        "images_s": load.images_s,
        "ways": [describe_estimate(estimate) for estimate in estimates],
        "break_even": [{"from": cheap, "to": dear, "requests_s": rate_s} for cheap, dear, rate_s in pairs],
        "from_memory": list_unchecked(estimates),
    }


def _print_estimates(load: Load, settings: Settings, estimates: Sequence[Estimate], pairs: Sequence[BreakEven]) -> None:
    aws, others, unchecked = read_aws(), ", ".join(settings.recipes[1:]), list_unchecked(estimates)
    rates = (("requests", load.requests_s), ("images in files", load.images_s))
    print_facts(
        {
            "recipe": f"{settings.recipe} in {settings.stage}",
            **({"beside it": f"{others}, which nobody asks"} if others else {}),
            **{what: f"{format_rate(rate_s)}, {format_month(rate_s)}" for what, rate_s in rates if rate_s},
            "prices": f"of {aws['region']} as of {aws['read']}, without free tiers",
        }
    )
    out.print()
    print_ways(estimates, load)
    out.print()
    print_services(estimates)
    own = next(estimate for estimate in estimates if estimate.way.kind == settings.endpoint_kind)
    if own.surge.queue_age_s:
        out.print(f"\na day's files within one hour: the last waits {format_time(own.surge.queue_age_s)}")
    out.print("\n[bold]break-even[/]")
    print_break_evens(pairs, {estimate.way.kind: estimate.way for estimate in estimates})
    out.print(f"\n[bold]what breaks first, with endpoint_kind={settings.endpoint_kind}[/]")
    print_ladder(own)
    if unchecked:
        out.print(f"\nprices from memory, not looked up: {', '.join(unchecked)}", soft_wrap=True, markup=False)
    out.print("What is measured, simulated, documented and assumed: docs/scale.md", soft_wrap=True)
