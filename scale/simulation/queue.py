"""The queue of the model server, which answers in batches what waits."""

from collections import deque
from collections.abc import Iterable

MOST_IN_BATCH = 64  # serving's MAX_TICK


def simulate_batches(arrivals: Iterable[float], *, batch_s: float, row_s: float, most: int = MOST_IN_BATCH) -> list[float]:
    """Return how long each request stays at one process of the model server, which takes all that waits when it is free, in one batch.

    Args:    arrivals: in seconds, in order.
             batch_s, row_s: a batch of n takes batch_s + n * row_s.
             most: requests of a batch.
    """
    times, stays = deque(arrivals), []
    free_s = 0.0
    while times:
        begins_s = max(free_s, times[0])
        batch = [times.popleft()]
        while times and len(batch) < most and times[0] <= begins_s:
            batch.append(times.popleft())
        free_s = begins_s + batch_s + len(batch) * row_s
        stays += [free_s - at_s for at_s in batch]
    return stays


def find_percentile(values: list[float], percent: float) -> float:
    """Return the least value that is not exceeded by so many percent."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
