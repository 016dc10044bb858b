"""What a load's outcomes come to: by second and by scenario, each request counted once."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from benchmarks.rollout.steady import Outcome


def count_by_second(outcomes: Sequence[Outcome], began_s: float) -> list[dict[str, Any]]:
    """Return a row for each second of the load, of the requests whose answers came in it."""
    rows: dict[int, list[Outcome]] = {}
    for outcome in outcomes:
        rows.setdefault(int(outcome.answered_s - began_s), []).append(outcome)
    return [{"second": second, **summarize(rows.get(second, []))} for second in range(max(rows, default=-1) + 1)]


def count_by_scenario(outcomes: Sequence[Outcome], began_s: float, starts: Sequence[float]) -> list[dict[str, Any]]:
    """Return a row for each scenario, of the requests that were due from its start to the next one's; `starts` are sorted seconds."""
    ends = [*starts[1:], math.inf]
    return [
        summarize([outcome for outcome in outcomes if start <= outcome.due_s - began_s < end])
        for start, end in zip(starts, ends, strict=True)
    ]


def summarize(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return how many were sent, right, wrong and failed (by status), latencies in ms from when each was due, and answers by version."""
    answered = [outcome for outcome in outcomes if outcome.status == 200]
    late_ms = sorted((outcome.answered_s - outcome.due_s) * 1000 for outcome in answered)
    return {
        "sent": len(outcomes),
        "ok": sum(outcome.right for outcome in answered),
        "wrong": sum(not outcome.right for outcome in answered),
        "failed": dict(sorted(Counter(str(outcome.status) for outcome in outcomes if outcome.status != 200).items())),
        "p50_ms": find_quantile(late_ms, 0.5),
        "p99_ms": find_quantile(late_ms, 0.99),
        "by_version": dict(sorted(Counter(outcome.version for outcome in answered).items())),
    }


def find_quantile(ordered: Sequence[float], share: float) -> float | None:
    """Return the smallest value that is at least as large as this share of them; None of none."""
    return round(ordered[max(0, math.ceil(share * len(ordered)) - 1)], 1) if ordered else None
