"""`inferstack ab`: what people said of predictions, by variant and model version, and whether one is better."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import Annotated, Any

import typer

from cli.aws import asking, results_bucket
from cli.output import Json, fail, out, print_json, print_table
from cli.outside import outside
from cli.proportions import Counted, difference, needed, wilson
from deployment.stages import STAGES
from functions.shared.object_store import Store, Stored
from functions.shared.predictions import Outcome, outcome, outcomes_of

POINT = 0.01  # a smaller difference than this nobody acts on
Listing = Callable[..., list[Stored]]  # (prefix, after) → the objects that come next

app = typer.Typer(no_args_is_help=True, help="Compare variants by what people said of their predictions.")


@dataclass(frozen=True, slots=True)
class Model:
    """One version of the model behind a variant, and its outcomes; days are like 2026-11-21."""

    variant: str
    version: str
    counted: Counted
    first_day: str
    last_day: str


@app.command()
def report(
    context: typer.Context,
    since: Annotated[int | None, typer.Option(metavar="DAYS", help="Only predictions of the last so many days.", min=1)] = None,
    stage: Annotated[str, typer.Option(help=f"One of {', '.join(STAGES)}; for all but local with your own AWS credentials.")] = "local",
    recipe: Annotated[str, typer.Option(help="Which kind of model.")] = "digits",
    as_json: Json = False,
) -> None:
    """Count right and wrong predictions, and say whether one variant is better. Intervals are of 95 %.

    Examples:  inferstack ab report  ·  inferstack ab report --since 7 --stage prod  ·  inferstack ab report --json
    """
    if stage not in STAGES:
        raise fail(f"stage is {stage!r}, not one of {', '.join(STAGES)}", as_json=as_json, code=2)
    clients = outside(context).aws(stage)
    with asking():
        results = Store(clients("s3"), results_bucket(stage, clients("cloudformation")))
        first_day = (datetime.now(UTC).date() - timedelta(days=since - 1)) if since else date.min
        models = count(outcomes(results.list, recipe, first_day))
    comparisons = [compare(*pair) for pair in combinations(newest(models), 2)]
    if as_json:
        print_json({"recipe": recipe, "since_days": since, "models": [facts(model) for model in models], "comparisons": comparisons})
    elif not models:
        out.print("nobody has said anything of a prediction yet; docs/http-api.md has the call")
    else:
        print_table(_row(model) for model in models)
        for comparison in comparisons:
            out.print(comparison["says"], soft_wrap=True)


def outcomes(list_: Listing, recipe: str, first_day: date = date.min) -> Iterator[Outcome]:
    """Give each outcome from a day on, by a listing alone; what is older is skipped unread where a page ends in it."""
    prefix, since, after = outcomes_of(recipe), first_day.isoformat(), ""
    while page := list_(prefix, after=after):
        found = [outcome(each.key) for each in page]
        yield from (each for each in found if each.day >= since)
        after = max(page[-1].key, f"{prefix}{found[-1].variant}/{found[-1].version}/{since}")


def count(found: Iterable[Outcome]) -> list[Model]:
    """Return the models that outcomes are of, by variant and then by the first day they answered."""
    totals, rights, days = Counter[tuple[str, str]](), Counter[tuple[str, str]](), dict[tuple[str, str], tuple[str, str]]()
    for each in found:
        name = each.variant, each.version
        totals[name] += 1
        rights[name] += each.right
        first, last = days.get(name, (each.day, each.day))
        days[name] = min(first, each.day), max(last, each.day)
    models = [Model(*name, Counted(rights[name], total), *days[name]) for name, total in totals.items()]
    return sorted(models, key=lambda model: (model.variant, model.first_day, model.last_day, model.version))


def newest(models: Iterable[Model]) -> list[Model]:
    """Return the model of each variant that answered last: what was replaced is no candidate any more."""
    by_variant: dict[str, Model] = {}
    for model in models:
        known = by_variant.get(model.variant)
        if known is None or (model.last_day, model.first_day) >= (known.last_day, known.first_day):
            by_variant[model.variant] = model
    return list(by_variant.values())


def compare(one: Model, other: Model) -> dict[str, Any]:
    """Return the difference of two models with its interval, and what it says in words."""
    low, high = difference(one.counted, other.counted)
    points = one.counted.rate - other.counted.rate
    more = 0
    if low > 0 or high < 0:
        better = one if low > 0 else other
        smallest, largest = sorted((abs(low), abs(high)))
        says = f"{better.variant} is better by {100 * abs(points):.1f} points ({100 * smallest:.1f} to {100 * largest:.1f})"
    elif low > -POINT and high < POINT:
        says = f"{one.variant} and {other.variant} are within 1 point of each other ({100 * low:+.1f} to {100 * high:+.1f})"
    else:
        more = _more(one.counted, other.counted)
        wanted = f"{100 * abs(points):.1f} points" if abs(points) >= POINT else "1 point"
        says = (
            f"no difference of {one.variant} and {other.variant} can be told yet: about {more:,} more outcomes would tell one of {wanted}"
        )
    named = {side: {"variant": model.variant, "version": model.version} for side, model in (("one", one), ("other", other))}
    return {**named, "difference": points, "low": low, "high": high, "more_outcomes": more, "says": says}


def facts(model: Model) -> dict[str, Any]:
    """Return what is known of a model, for machines."""
    low, high = wilson(model.counted)
    counted = {"outcomes": model.counted.total, "right": model.counted.right, "accuracy": model.counted.rate, "low": low, "high": high}
    days = {"first_day": model.first_day, "last_day": model.last_day}
    return {"variant": model.variant, "version": model.version, **counted, **days}


def _more(one: Counted, other: Counted) -> int:
    """Return how many more outcomes would tell the difference there is, or one of a point where it is smaller."""
    rate1, rate2 = one.rate, other.rate
    if abs(rate1 - rate2) < POINT:
        middle = min(max((one.right + other.right) / (one.total + other.total), POINT / 2), 1 - POINT / 2)
        rate1, rate2 = middle + POINT / 2, middle - POINT / 2
    total = needed(rate1, rate2, ratio=other.total / one.total)
    return max(total - one.total - other.total, 1)


def _row(model: Model) -> dict[str, str]:
    known = facts(model)
    counts = {"outcomes": f"{known['outcomes']:,}", "right": f"{known['right']:,}"}
    share = {"accuracy": f"{known['accuracy']:.1%}", "95 % interval": f"{known['low']:.1%} to {known['high']:.1%}"}
    return {"variant": model.variant, "version": model.version, **counts, **share, "days": f"{model.first_day} to {model.last_day}"}
