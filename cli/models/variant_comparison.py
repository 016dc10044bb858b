"""Whether one variant is better than another, or how many more outcomes would show it."""

from typing import Any

from cli.models.proportions import Share, compute_needed, estimate_difference
from cli.models.variant_outcomes import VariantModel

POINT = 0.01  # a smaller difference is not worth a change


def compare_variants(one: VariantModel, other: VariantModel) -> dict[str, Any]:
    """Return the difference of two variants with its interval, and the conclusion in words."""
    low, high = estimate_difference(one.share, other.share)
    points = one.share.rate - other.share.rate
    more = 0
    if low > 0 or high < 0:
        better = one if low > 0 else other
        smallest, largest = sorted((abs(low), abs(high)))
        says = f"{better.variant} is better by {100 * abs(points):.1f} points ({100 * smallest:.1f} to {100 * largest:.1f})"
    elif low > -POINT and high < POINT:
        says = f"{one.variant} and {other.variant} are within 1 point of each other ({100 * low:+.1f} to {100 * high:+.1f})"
    else:
        more = _count_more(one.share, other.share)
        size = f"{100 * abs(points):.1f} points" if abs(points) >= POINT else "1 point"
        says = (
            f"{one.variant} and {other.variant} do not differ clearly yet: about {more:,} more outcomes would show a difference of {size}"
        )
    names = {side: {"variant": model.variant, "version": model.version} for side, model in (("one", one), ("other", other))}
    return {**names, "difference": points, "low": low, "high": high, "more_outcomes": more, "says": says}


def _count_more(one: Share, other: Share) -> int:
    """Return how many more outcomes would show the difference, or one of a percentage point where it is smaller."""
    rate1, rate2 = one.rate, other.rate
    if abs(rate1 - rate2) < POINT:
        middle = min(max((one.right + other.right) / (one.total + other.total), POINT / 2), 1 - POINT / 2)
        rate1, rate2 = middle + POINT / 2, middle - POINT / 2
    needed = compute_needed(rate1, rate2, ratio=other.total / one.total)
    return max(needed - one.total - other.total, 1)
