"""Environments that serve one request at a time and start when none is free: Lambda's functions, a serverless endpoint's containers."""

from collections import deque
from dataclasses import dataclass
from math import inf
from random import Random

from scale.simulation.arrivals import Rate, draw_count


@dataclass(frozen=True, slots=True)
class Pool:
    """What AWS allows.

    Args:    service_s: of a request.
             start_s: of an environment, on top of its first request.
             most: environments at once.
             starts, every_s: that can be started in a time, without saving up.
             keep_s: until an idle one is ended.
    """

    service_s: float
    start_s: float
    most: float = inf
    starts: float = inf
    every_s: float = 10
    keep_s: float = 600


@dataclass(slots=True)
class Starts:
    """What came of the requests: those that waited for a start, those refused, and the most environments at once."""

    arrived: int = 0
    cold: float = 0
    refused: float = 0
    most: float = 0


class Budget:
    """Starts that may be made now: they come back steadily, and are never more than `starts`."""

    def __init__(self, pool: Pool) -> None:
        self._pool, self._left, self._at_s = pool, pool.starts, 0.0

    def take(self, now_s: float, wanted: float) -> float:
        """Return how many of the wanted starts are made at a time."""
        pool = self._pool
        if pool.starts == inf:
            return wanted
        self._left = min(pool.starts, self._left + (now_s - self._at_s) * pool.starts / pool.every_s)
        self._at_s = now_s
        taken = min(wanted, self._left // 1)
        self._left -= taken
        return taken


def simulate_flow(rate: Rate, pool: Pool, duration_s: float, random: Random, ready: int = 0) -> Starts:
    """Return what came of all requests together, in steps as long as a request; idle environments are kept.

    Args:    ready: environments that are there at the beginning.
    """
    result, budget, step_s = Starts(most=ready), Budget(pool), pool.service_s
    cold_steps = max(1, round((pool.start_s + step_s) / step_s))
    starting: deque[float] = deque([0.0] * cold_steps)
    environments, free, working = float(ready), float(ready), 0.0
    for step in range(int(duration_s / step_s)):
        free += working + starting.popleft()  # what served in the last step, and what has started and served
        arrived = draw_count(rate(step * step_s) * step_s, random)
        working = min(arrived, free)
        free -= working
        cold = budget.take(step * step_s, min(arrived - working, pool.most - environments))
        starting.append(cold)
        environments += cold
        result.arrived += arrived
        result.cold += cold
        result.refused += arrived - working - cold
        result.most = max(result.most, environments)
    return result
