"""Files in the upload path's queue: how old the oldest gets. All files of a second are taken together."""

from dataclasses import dataclass
from random import Random

from scale.simulation.arrivals import Rate, draw_count


@dataclass(frozen=True, slots=True)
class Consumers:
    """The functions that one queue has.

    Args:    most: at once.
             first, per_min: with which Lambda begins, and how many it adds in a minute.
             file_s: of one file.
    """

    most: int
    file_s: float
    first: float
    per_min: float

    def count(self, at_s: float) -> int:
        """Return how many work at a time, if the queue has not been empty."""
        return int(min(self.most, self.first + self.per_min * at_s / 60))


def simulate_flow(rate: Rate, consumers: Consumers, duration_s: int, random: Random) -> float:
    """Return the age of the oldest file at most, in seconds; past the duration no more arrive."""
    waiting, oldest_s = 0.0, 0.0
    for second in range(duration_s):
        served = consumers.count(second) / consumers.file_s
        waiting = max(0.0, waiting + draw_count(rate(second), random) - served)
        oldest_s = max(oldest_s, waiting / served)
    return oldest_s
