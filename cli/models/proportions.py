"""How sure shares of right answers are: intervals, the difference of two, and how many outcomes would show it.

Sources: Wilson 1927; Newcombe 1998, Statistics in Medicine 17:857-872 (one share) and 873-890 (two, method 10); Fleiss, Statistical Methods
for Rates and Proportions, for the size of a comparison. All intervals are of 95 %.
"""

from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist

Z = NormalDist().inv_cdf(0.975)
Z_POWER = NormalDist().inv_cdf(0.8)  # the chance that a comparison of the computed size shows the difference
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Share:
    """The right ones among all outcomes of a model; `total` is at least 1."""

    right: int
    total: int

    @property
    def rate(self) -> float:
        """The share as a number from 0 to 1."""
        return self.right / self.total


def estimate_interval(share: Share) -> Interval:
    """Return the interval of the share (Wilson)."""
    p, n = share.rate, share.total
    middle, reach = p + Z * Z / (2 * n), Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    scale = 1 + Z * Z / n
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)


def estimate_difference(one: Share, other: Share) -> Interval:
    """Return the interval of the first share minus the second (Newcombe)."""
    (low1, high1), (low2, high2) = estimate_interval(one), estimate_interval(other)
    p1, p2 = one.rate, other.rate
    return p1 - p2 - sqrt((p1 - low1) ** 2 + (high2 - p2) ** 2), p1 - p2 + sqrt((high1 - p1) ** 2 + (p2 - low2) ** 2)


def compute_needed(rate1: float, rate2: float, *, ratio: float = 1.0) -> int:
    """Return how many outcomes both together need for the difference of two rates to show in 4 of 5 comparisons.

    Args:    ratio: how many the second gets for one of the first.
    """
    pooled = (rate1 + ratio * rate2) / (1 + ratio)
    by_chance = Z * sqrt((1 + 1 / ratio) * pooled * (1 - pooled))
    by_power = Z_POWER * sqrt(rate1 * (1 - rate1) + rate2 * (1 - rate2) / ratio)
    first = ceil(((by_chance + by_power) / (rate1 - rate2)) ** 2)
    return first + ceil(first * ratio)
