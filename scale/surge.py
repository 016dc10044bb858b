"""What happens when a load doubles at once: how long callers wait, what is refused, and what starts. Simulated, the same each time."""

from dataclasses import asdict, dataclass, replace
from math import ceil
from random import Random
from typing import Any

from deployment.settings import Settings
from scale.facts import find_assumption, find_limit, read_measured
from scale.load import Load
from scale.simulation import cold_starts, fleet, uploads
from scale.simulation.arrivals import Rate
from scale.simulation.autoscaling import Autoscaler, Policy
from scale.ways import Way

SEED = 1
QUIET_S, DURATION_S = 300, 3600  # the load doubles after five minutes, and is looked at for an hour


@dataclass(frozen=True, slots=True)
class Surge:
    """What came of it.

    Args:    arrived, refused_share: requests.
             wait_s: the longest of a request that was answered.
             starts: containers that were started, or instances that were added.
             reached_s: from the doubling until there was enough of them; 0 where there always was.
             overshoot: instances beyond those needed.
             queue_age_s: of the oldest upload.
    """

    arrived: int
    refused_share: float
    wait_s: float
    starts: float
    reached_s: float = 0
    overshoot: int = 0
    queue_age_s: float = 0

    def describe(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def double(low_s: float) -> Rate:
    """Return a rate that doubles."""
    return lambda at_s: low_s if at_s < QUIET_S else 2 * low_s


def simulate_surge(way: Way, load: Load, settings: Settings) -> Surge:
    """Return what a doubling of the load does to a way that is set as `inferstack cost` advises for the load before it."""
    age_s = simulate_queue_age(load, settings) if load.images_s else 0.0
    surge = _simulate_containers(way, load) if way.instance is None else _simulate_instances(way, load, settings)
    return Surge(**{**surge.describe(), "queue_age_s": age_s})


def make_policy(way: Way, settings: Settings, *, most: int) -> Policy:
    """Return the stack's target tracking with the target that leaves the assumed room.

    The look every 10 seconds counts as one at the next whole minute: later than it is, by less than a minute.
    """
    return Policy(
        target_per_min=60 * find_assumption("utilisation") * way.requests_s,
        least=max(1, way.least),
        most=most,
        start_s=find_limit("instance-start-s"),
        out_minutes=1 if settings.concurrent_requests_per_instance else int(find_limit("scale-out-minutes")),
        in_minutes=int(find_limit("scale-in-minutes")),
        in_below=find_limit("scale-in-below"),
    )


def simulate_queue_age(load: Load, settings: Settings) -> float:
    """Return how old the oldest upload gets when a day's files come in one hour."""
    functions = max(settings.upload_functions, ceil(load.images_s / read_measured()["uploads"]["npy_rows_s"]))
    consumers = uploads.Consumers(
        most=min(functions, int(find_limit("sqs-concurrency"))),
        file_s=load.images_per_file / read_measured()["uploads"]["npy_rows_s"],
        first=find_limit("sqs-concurrency-first"),
        per_min=find_limit("sqs-concurrency-per-min"),
    )
    files_s = 24 * load.images_s / load.images_per_file
    return uploads.simulate_flow(lambda _: files_s, consumers, DURATION_S, _begin())


def _begin() -> Random:
    return Random(SEED)  # noqa: S311 - it draws arrivals


def _simulate_containers(way: Way, load: Load) -> Surge:
    most = find_limit("serverless-concurrency")
    pool = cold_starts.Pool(service_s=way.endpoint_s, start_s=find_assumption("serverless-start-s"), most=most)
    # As many are ready as the load before it needs: an idle one is ended after a while.
    warm = replace(pool, start_s=0.0)
    ready = int(cold_starts.simulate_flow(lambda _: load.busiest_s, warm, QUIET_S, _begin()).most)
    starts = cold_starts.simulate_flow(lambda _: 2 * load.busiest_s, pool, QUIET_S, _begin(), ready)
    wait_s = pool.start_s if starts.cold else 0.0
    return Surge(starts.arrived, starts.refused / max(1, starts.arrived), wait_s, starts.cold)


def _simulate_instances(way: Way, load: Load, settings: Settings) -> Surge:
    before = way.count_instances(replace(load, images_s=0.0))
    policy = make_policy(way, settings, most=before if way.kind == "tutorial" else 4 * before)
    course = fleet.simulate_flow(
        double(load.busiest_s),
        Autoscaler(policy, before),
        per_s=way.requests_s,
        patience_s=find_assumption("patience-s"),
        duration_s=DURATION_S,
        random=_begin(),
    )
    needed = fleet.count_needed(2 * load.busiest_s, policy.target_per_min)
    minute = next((minute for minute, count in enumerate(course.instances, 1) if count >= needed), None)
    reached_s = 0.0 if needed <= before else float("inf") if minute is None else 60.0 * minute - QUIET_S
    added = max(course.instances) - before
    return Surge(course.arrived, course.refused_share, course.most_wait_s, added, reached_s, max(0, course.count_overshoot(needed)))
