"""Instances under a load that changes: all requests of a second are taken together, so 100,000 of them take no longer than one.

tests/unit/scale/test_simulation.py holds this, and the other flows, beside a simulation of single requests.
"""

from dataclasses import dataclass, field
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


def simulate_flow(rate: Rate, autoscaler: Autoscaler, *, per_s: float, patience_s: float, duration_s: int, random: Random) -> Course:
    """Return the course of all requests of each second together.

    Args:    rate: requests a second at a time.
             per_s: what one instance answers, each request taking as long.
             patience_s: a request that would wait longer is refused.
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
