"""Where one way begins to cost less than another."""

from dataclasses import replace
from math import log10

from deployment.settings import Settings
from scale.bill import add_up, list_lines
from scale.load import Load
from scale.ways import Way

LEAST_S, MOST_S = 1e-4, 1e5  # requests a second, between which it is looked for


def find_break_even(cheap: Way, dear: Way, load: Load, settings: Settings) -> float | None:
    """Return the requests a second from which `dear`, which costs more while nobody asks, costs less; None where it never does.

    Args:    load: what else is asked; its requests do not matter.
    """

    def count_gap(requests_s: float) -> float:
        at = replace(load, requests_s=requests_s)
        return add_up(list_lines(cheap, at, settings)) - add_up(list_lines(dear, at, settings))

    steps = [10 ** (log10(LEAST_S) + step / 20) for step in range(int(20 * (log10(MOST_S) - log10(LEAST_S))) + 1)]
    reached = next((step for step, rate_s in enumerate(steps) if count_gap(rate_s) > 0), None)
    if reached is None or reached == 0:
        return None
    low, high = steps[reached - 1], steps[reached]
    for _ in range(40):
        middle = (low * high) ** 0.5
        low, high = (low, middle) if count_gap(middle) > 0 else (middle, high)
    return high
