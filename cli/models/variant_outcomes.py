"""Right and wrong predictions by variant and model version, counted from a listing of the results bucket."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from cli.models.proportions import Share, estimate_interval
from functions.shared.predictions import Outcome, outcomes_of, parse_outcome

ListObjects = Callable[..., list[Any]]  # (prefix, after) → the objects that come next, as `Store.list` has them


@dataclass(frozen=True, slots=True)
class VariantModel:
    """One version of the model behind a variant, and the share of its predictions that was right; days are like 2026-11-21."""

    variant: str
    version: str
    share: Share
    first_day: str
    last_day: str


def read_outcomes(list_objects: ListObjects, recipe: str, first_day: date = date.min) -> Iterator[Outcome]:
    """Yield each outcome from a day on, by a listing alone; older ones are skipped where a page ends in them."""
    prefix, since, after = outcomes_of(recipe), first_day.isoformat(), ""
    while page := list_objects(prefix, after=after):
        outcomes = [parse_outcome(each.key) for each in page]
        yield from (each for each in outcomes if each.day >= since)
        after = max(page[-1].key, f"{prefix}{outcomes[-1].variant}/{outcomes[-1].version}/{since}")


def count_outcomes(outcomes: Iterable[Outcome]) -> list[VariantModel]:
    """Return the models that made the predictions, by variant and then by the first day they answered."""
    totals, rights, days = Counter[tuple[str, str]](), Counter[tuple[str, str]](), dict[tuple[str, str], tuple[str, str]]()
    for each in outcomes:
        name = each.variant, each.version
        totals[name] += 1
        rights[name] += each.right
        first, last = days.get(name, (each.day, each.day))
        days[name] = min(first, each.day), max(last, each.day)
    models = [VariantModel(*name, Share(rights[name], total), *days[name]) for name, total in totals.items()]
    return sorted(models, key=lambda model: (model.variant, model.first_day, model.last_day, model.version))


def select_newest(models: Iterable[VariantModel]) -> list[VariantModel]:
    """Return the model of each variant that answered last: one that was replaced is not compared any more."""
    by_variant: dict[str, VariantModel] = {}
    for model in models:
        known = by_variant.get(model.variant)
        if known is None or (model.last_day, model.first_day) >= (known.last_day, known.first_day):
            by_variant[model.variant] = model
    return list(by_variant.values())


def describe_model(model: VariantModel) -> dict[str, Any]:
    """Return what is known of a model, for machines."""
    low, high = estimate_interval(model.share)
    counts = {"outcomes": model.share.total, "right": model.share.right, "accuracy": model.share.rate, "low": low, "high": high}
    return {"variant": model.variant, "version": model.version, **counts, "first_day": model.first_day, "last_day": model.last_day}
