"""Instances under a load that changes: each request by itself, or, where they are too many, what flows in each second.

Both have the same autoscaler. The first is exact and takes a microsecond for each request; the second takes as long for 100,000 requests a
second as for one. tests/unit/scale/test_simulation.py holds them beside each other.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import heappop, heappush, heapreplace
from math import ceil
from random import Random

from scale.simulation.arrivals import Rate, draw_count
from scale.simulation.autoscaling import Autoscaler

MINUTE_S = 60


@dataclass(slots=True)
class Course:
    """How it went.

    Args:    instances: at the end of each minute.
             arrived, refused: requests.
             most_wait_s: of a request that was answered.
             busy_s: seconds, of the whole, in which requests waited over a second or were refused.
    """

    instances: list[int] = field(default_factory=list)
    arrived: int = 0
    refused: float = 0
    most_wait_s: float = 0
    busy_s: float = 0

    @property
    def refused_share(self) -> float:
        """Refused requests, of all."""
        return self.refused / self.arrived if self.arrived else 0.0

    def count_overshoot(self, needed: int) -> int:
        """Return how many instances there were at most beyond those needed."""
        return max(self.instances) - needed


def simulate_requests(arrivals: Iterable[float], autoscaler: Autoscaler, *, per_s: float, patience_s: float, duration_s: float) -> Course:
    """Return the course of single requests, which wait in a common queue.

    Args:    per_s: what one instance answers, each request taking as long.
             patience_s: a request that would wait longer is refused.
    """
    course, free_at, minute, in_minute = Course(), [0.0] * autoscaler.instances, 1, 0
    worst: dict[int, float] = {}
    for at_s in (*arrivals, duration_s):
        while minute * MINUTE_S <= at_s:
            autoscaler.look(minute * MINUTE_S, in_minute)
            course.instances.append(autoscaler.instances)
            minute, in_minute = minute + 1, 0
        if at_s >= duration_s:
            break
        autoscaler.advance(at_s)
        while len(free_at) < autoscaler.instances:
            heappush(free_at, at_s)
        while len(free_at) > autoscaler.instances:
            heappop(free_at)
        in_minute, course.arrived = in_minute + 1, course.arrived + 1
        wait_s = max(0.0, free_at[0] - at_s)
        if wait_s > patience_s:
            course.refused += 1
        else:
            course.most_wait_s = max(course.most_wait_s, wait_s)
            heapreplace(free_at, max(at_s, free_at[0]) + 1 / per_s)
        worst[int(at_s)] = max(worst.get(int(at_s), 0.0), wait_s)
    course.busy_s = sum(wait_s > 1 for wait_s in worst.values())
    return course


def simulate_flow(rate: Rate, autoscaler: Autoscaler, *, per_s: float, patience_s: float, duration_s: int, random: Random) -> Course:
    """Return the course of all requests of each second together.

    Args:    rate: requests a second at a time.
             per_s, patience_s: as above.
    """
    course, in_minute, waiting = Course(), 0, 0.0
    for second in range(duration_s):
        autoscaler.advance(second)
        arrived, served = draw_count(rate(second), random), autoscaler.instances * per_s
        accepted = min(arrived, max(0.0, served * (patience_s + 1) - waiting))
        waiting = max(0.0, waiting + accepted - served)
        wait_s = waiting / served
        course.arrived, course.refused = course.arrived + arrived, course.refused + arrived - accepted
        course.most_wait_s, course.busy_s = max(course.most_wait_s, wait_s), course.busy_s + (wait_s > 1)
        in_minute += arrived
        if (second + 1) % MINUTE_S == 0:
            autoscaler.look(second + 1, in_minute)
            course.instances.append(autoscaler.instances)
            in_minute = 0
    return course


def count_needed(requests_s: float, target_per_min: float) -> int:
    """Return the instances that hold the target."""
    return max(1, ceil(requests_s * MINUTE_S / target_per_min))
