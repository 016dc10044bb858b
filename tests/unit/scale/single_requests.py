"""The simulation of single requests, which is exact and slow: the product's flows are held beside it."""

from collections import deque
from collections.abc import Iterable, Iterator
from heapq import heapify, heappop, heappush, heapreplace
from random import Random

from scale.simulation.arrivals import Rate, draw_arrivals
from scale.simulation.autoscaling import Autoscaler
from scale.simulation.cold_starts import Budget, Pool, Starts
from scale.simulation.fleet import MINUTE_S, Course
from scale.simulation.uploads import Consumers


def draw_changing_arrivals(rate: Rate, most_s: float, duration_s: float, random: Random) -> Iterator[float]:
    """Yield the times of a Poisson process whose rate changes, by thinning one of the rate `most_s`."""
    for at_s in draw_arrivals(most_s, duration_s, random):
        if random.random() * most_s < rate(at_s):
            yield at_s


def simulate_servers(arrivals: Iterable[tuple[float, float]], servers: int) -> Iterator[float]:
    """Yield how long each request waits in a common queue, first come first served.

    Args:    arrivals: when each arrives and how long it takes, in seconds and in order.
             servers: how many serve.
    """
    free_at = [0.0] * servers
    heapify(free_at)
    for at_s, service_s in arrivals:
        begins_s = max(at_s, free_at[0])
        heapreplace(free_at, begins_s + service_s)
        yield begins_s - at_s


def simulate_files(arrivals: Iterable[float], consumers: Consumers) -> Iterator[float]:
    """Yield each file's age when it is begun, in seconds."""
    free_at = [0.0] * consumers.count(0)
    for at_s in arrivals:
        while len(free_at) < consumers.count(max(at_s, free_at[0])):
            heappush(free_at, max(at_s, free_at[0]))
        begins_s = max(at_s, free_at[0])
        heapreplace(free_at, begins_s + consumers.file_s)
        yield begins_s - at_s


def simulate_starts(arrivals: Iterable[float], pool: Pool) -> Starts:
    """Return what came of single requests; the environment that was busy last takes the next one."""
    result, budget = Starts(), Budget(pool)
    idle = deque[float]()  # since when, the longest first
    busy: list[float] = []
    for at_s in arrivals:
        while busy and busy[0] <= at_s:
            idle.append(heappop(busy))
        while idle and at_s - idle[0] > pool.keep_s:
            idle.popleft()
        result.arrived += 1
        if idle:
            idle.pop()
            heappush(busy, at_s + pool.service_s)
        elif len(busy) < pool.most and budget.take(at_s, 1):
            result.cold += 1
            heappush(busy, at_s + pool.start_s + pool.service_s)
        else:
            result.refused += 1
        result.most = max(result.most, len(busy) + len(idle))
    return result


def simulate_fleet(arrivals: Iterable[float], autoscaler: Autoscaler, *, per_s: float, patience_s: float, duration_s: float) -> Course:
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
