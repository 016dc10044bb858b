"""What breaks first: each setting and quota as the rate at which it is used up, and what to set for a load."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from deployment.quotas import API_RATE, CODES, FUNCTIONS, SERVERLESS, name_instances
from deployment.settings import UPLOAD_REQUESTS, Settings
from scale.facts import find_assumption, find_limit, read_measured
from scale.load import Load
from scale.transform import count_jobs_at_once, is_transformed
from scale.ways import Way

SEVERAL = "several endpoints behind one API"


@dataclass(frozen=True, slots=True)
class Ceiling:
    """One of them.

    Args:    per_s: what it holds: requests, or images of uploads, a second.
             of: "requests" or "images".
             name: the setting or the limit, and what it is now.
             do: what to set or to request for the load.
    """

    per_s: float
    of: str
    name: str
    do: str


def list_ceilings(way: Way, load: Load, settings: Settings) -> list[Ceiling]:
    """Return all of a way's, the lowest first of each kind."""
    found = [*_list_of_requests(way, load, settings), *(_list_of_uploads(way, load, settings) if load.images_s else ())]
    return sorted(found, key=lambda ceiling: (ceiling.of != "requests", ceiling.per_s))


def list_broken(ceilings: list[Ceiling], load: Load) -> list[Ceiling]:
    """Return those that the load's busiest minute is beyond."""
    return [each for each in ceilings if each.per_s < (load.busiest_s if each.of == "requests" else load.images_s)]


def request_quota(service: str, name: str, amount: float) -> str:
    """Return what to request, with the quota's code where it is known."""
    return f"request {ceil(amount):,} of {service}'s quota {name!r}{f' ({CODES[name]})' if name in CODES else ''}"


def _list_of_requests(way: Way, load: Load, settings: Settings) -> Iterator[Ceiling]:
    asked = load.busiest_s
    rate = settings.throttle_rate_per_s
    yield Ceiling(
        rate, "requests", f"throttle_rate_per_s={rate}", f"-c throttle_rate_per_s={ceil(asked)} -c throttle_burst={2 * ceil(asked)}"
    )
    limit = find_limit("api-requests-per-s")
    yield Ceiling(limit, "requests", f"API Gateway, {limit:,.0f} requests/s of an account", request_quota("apigateway", API_RATE, asked))
    at_once, each = find_limit("lambda-concurrency"), find_limit("lambda-requests-per-s-each")
    needed = max(asked * way.function_s, asked / each)
    functions_s = at_once * min(1 / way.function_s, each)
    yield Ceiling(functions_s, "requests", f"Lambda, {at_once:,.0f} at once of an account", request_quota("lambda", FUNCTIONS, needed))
    if way.instance is None:
        yield from _list_of_serverless(way, load, settings)
    else:
        yield from _list_of_instances(way, way.instance.name, load, settings)


def _list_of_serverless(way: Way, load: Load, settings: Settings) -> Iterator[Ceiling]:
    needed = ceil(load.busiest_s * way.endpoint_s)
    most, account = find_limit("serverless-concurrency"), find_limit("serverless-account")
    has = settings.serverless_concurrency
    yield Ceiling(has / way.endpoint_s, "requests", f"serverless_concurrency={has}", f"-c serverless_concurrency={min(needed, int(most))}")
    quota = request_quota("sagemaker", SERVERLESS, needed)
    yield Ceiling(account / way.endpoint_s, "requests", f"serverless containers, {account:.0f} of a new account", quota)
    fixed = f"-c endpoint_kind=cpu, or {SEVERAL}: {ceil(needed / most)}"
    yield Ceiling(most / way.endpoint_s, "requests", f"{most:.0f} containers of one serverless endpoint, which no quota raises", fixed)


def _list_of_instances(way: Way, name: str, load: Load, settings: Settings) -> Iterator[Ceiling]:
    room = find_assumption("utilisation") * way.requests_s
    if way.kind == "tutorial":
        yield Ceiling(
            way.requests_s, "requests", f"one {name}, which nothing scales", "instances that follow the load: -c endpoint_kind=cpu"
        )
        return
    needed, held = way.count_instances(load), settings.invocations_per_instance_per_min / 60
    target = f"-c invocations_per_instance_per_min={int(60 * room)}"
    if held < room:
        yield Ceiling(held * way.most, "requests", f"invocations_per_instance_per_min={60 * held:.0f} with {way.most} instances", target)
    yield Ceiling(room * way.most, "requests", f"instances_max={way.most}", f"-c instances_max={needed} {target}")
    quota = request_quota("sagemaker", name_instances(name, "endpoint"), 2 * needed)
    # A rollout needs both fleets; new accounts often have none or few, which doctor asks for.
    yield Ceiling(room, "requests", f"one {name}; of more the account's quota decides", f"{quota}, for a rollout starts a second fleet")


def _list_of_uploads(way: Way, load: Load, settings: Settings) -> Iterator[Ceiling]:
    per_file = load.images_per_file
    puts = find_limit("s3-puts-per-s")
    yield Ceiling(
        puts * per_file, "images", f"S3, {puts:,.0f} writes/s below one prefix", "larger files, or wait until S3 has split the prefix"
    )
    if is_transformed(way, load, settings):
        jobs = ceil(count_jobs_at_once(way, load, settings))
        quota = request_quota("sagemaker", name_instances(settings.batch_instance_type, "transform job"), jobs)
        yield Ceiling(load.images_s / max(1.0, count_jobs_at_once(way, load, settings)), "images", "one transform job at once", quota)
        return
    each, functions = read_measured()["uploads"]["npy_rows_s"], settings.upload_functions
    needed = ceil(load.images_s / each)
    raised = f"-c serverless_concurrency={2 * UPLOAD_REQUESTS * needed}"
    if way.instance or 2 * UPLOAD_REQUESTS * needed > find_limit("serverless-concurrency"):
        instances = ceil(needed / 2)
        room = f" -c instances_max={instances}" if instances > settings.instances_max else ""
        raised = f"{'' if way.instance else '-c endpoint_kind=cpu '}-c instances_min={instances}{room}"
    yield Ceiling(each * functions, "images", f"upload functions, {functions}: half of what the endpoint answers at once", raised)
    most = find_limit("sqs-concurrency")
    fixed = f"files over {settings.transform_over_mb} MB, which go to Batch Transform"
    yield Ceiling(each * most, "images", f"{most:,.0f} functions of one queue, which no quota raises", fixed)
