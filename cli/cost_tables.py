"""What `inferstack cost` prints of an estimate."""

from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any

from cli.console import out, print_facts, print_sentence, print_table
from scale.ceilings import Ceiling
from scale.estimate import BreakEven, Estimate
from scale.facts import find_limit
from scale.load import MONTH_S, Load
from scale.ways import SUMMARIES, Way


def format_usd(usd: float) -> str:
    """Return dollars, with cents where they are few."""
    return f"{usd:,.2f}" if usd < 1000 else f"{usd:,.0f}"


def format_rate(rate_s: float) -> str:
    """Return a rate a second, with three digits where it is small."""
    return f"{rate_s:,.3g}/s" if rate_s < 1000 else f"{rate_s:,.0f}/s"


def format_month(rate_s: float) -> str:
    """Return how many a month that are."""
    millions = rate_s * MONTH_S / 1e6
    return f"{millions:,.3g} million a month" if millions < 1000 else f"{millions:,.0f} million a month"


def format_time(seconds: float) -> str:
    """Return a time in its largest unit."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:,.1f} {unit}".replace(".0 ", " ")
    return f"{seconds:.3g} s" if seconds else "none"


def print_ways(estimates: Sequence[Estimate], load: Load) -> None:
    """Print what each way is, what it costs, runs on and holds, and who has to wait: two tables, since one is wider than a terminal."""
    print_facts({estimate.way.kind: SUMMARIES[estimate.way.kind] for estimate in estimates})
    out.print()
    print_table(
        {
            "": estimate.way.kind,
            "$ a month": format_usd(estimate.usd),
            "$ a million": format_usd(estimate.usd / load.requests * 1e6) if load.requests else "",
            "runs on": _describe_machines(estimate),
            "settings allow": next((format_rate(each.per_s) for each in estimate.ceilings if each.of == "requests"), ""),
        }
        for estimate in estimates
    )
    out.print()
    print_table(
        {"": estimate.way.kind, "after a quiet time": _describe_first(estimate), "if it doubles at once": describe_surge(estimate)}
        for estimate in estimates
    )


def print_services(estimates: Sequence[Estimate]) -> None:
    """Print the month's bill by service, a column a way."""
    services = dict.fromkeys(service for estimate in estimates for service in estimate.by_service)
    print_table(
        {"$ a month": service, **{each.way.kind: format_usd(each.by_service.get(service, 0)) for each in estimates}} for service in services
    )


def print_break_evens(pairs: Sequence[BreakEven], shown: dict[str, Way]) -> None:
    """Print from where on the second way of each pair costs less."""
    print_table(_describe_break_even(cheap, dear, rate_s, shown[dear]) for cheap, dear, rate_s in pairs)


def print_ladder(estimate: Estimate) -> None:
    """Print what the load is beyond, the lowest first, and what would be next."""
    for each in estimate.broken:
        print_sentence(f"{format_rate(each.per_s)} of {each.of}: {each.name}", indent=2)
        print_sentence(each.do, indent=4)
    ahead = find_next(estimate)
    if ahead:
        beginning = "then" if estimate.broken else "nothing at this load; next"
        print_sentence(f"{beginning} at {format_rate(ahead.per_s)} of {ahead.of}: {ahead.name}", indent=2)


def find_next(estimate: Estimate) -> Ceiling | None:
    """Return the lowest ceiling that holds."""
    return next((each for each in estimate.ceilings if each not in estimate.broken), None)


def describe_surge(estimate: Estimate) -> str:
    """Return in a few words what a doubling of the load does."""
    return ", ".join(_list_effects(estimate)) or "nobody waits"


def describe_estimate(estimate: Estimate) -> dict[str, Any]:
    """Return an estimate as plain data."""
    way = estimate.way
    return {
        "way": way.kind,
        "about": SUMMARIES[way.kind],
        "instance": way.instance.name if way.instance else None,
        "usd_month": round(estimate.usd, 2),
        "by_service": {service: round(usd, 2) for service, usd in estimate.by_service.items()},
        "lines": [
            {"service": line.service, "what": line.what, "units": line.units, "unit_price": line.price.name, "usd": round(line.usd, 4)}
            for line in estimate.lines
        ],
        "breaks": [{"per_s": each.per_s, "of": each.of, "what": each.name, "do": each.do} for each in estimate.broken],
        "holds": [{"per_s": each.per_s, "of": each.of, "what": each.name} for each in estimate.ceilings if each not in estimate.broken],
        "first_answer_s": estimate.first_answer_s,
        "if_it_doubles": {name: value if value != float("inf") else None for name, value in estimate.surge.describe().items()},
    }


def _describe_break_even(cheap: str, dear: str, rate_s: float | None, way: Way) -> dict[str, str]:
    name = f"{dear} ({max(1, way.least)} × {way.instance.name})" if way.instance else dear
    if rate_s is None:
        return {"costs less": cheap, "than": name, "from": "any rate", "that is": ""}
    return {"costs less": name, "than": cheap, "from": format_rate(rate_s), "that is": format_month(rate_s)}


def _describe_machines(estimate: Estimate) -> str:
    way, busy = estimate.way, estimate.way.count_busy(estimate.at_endpoint)
    if way.instance is None:
        containers = max(1, ceil(busy))
        endpoints = ceil(containers / find_limit("serverless-concurrency"))
        return f"{containers:,} × {way.memory_gb:g} GB" + (f", {endpoints} endpoints" if endpoints > 1 else "")
    count = way.count_instances(estimate.at_endpoint)
    return f"{count} × {way.instance.name}{', too few' * (busy > count)}"


def _describe_first(estimate: Estimate) -> str:
    if not estimate.first_answer_s:
        return ""
    what = "the first fail for" if estimate.way.kind == "zero" else "the first waits"
    return f"{what} {format_time(estimate.first_answer_s)}"


def _list_effects(estimate: Estimate) -> Iterator[str]:
    surge, way = estimate.surge, estimate.way
    if surge.refused_share:
        yield f"{surge.refused_share:.1%} refused in {'5 min' if way.instance is None else '1 h'}"
    if surge.starts:
        noun = ("container" if way.instance is None else "instance") + "s" * (surge.starts != 1)
        yield f"{surge.starts:,.0f} more {noun}" + (f" after {format_time(surge.reached_s)}" if 0 < surge.reached_s < float("inf") else "")
    if surge.wait_s > 1:
        yield f"some wait up to {format_time(surge.wait_s)}"
