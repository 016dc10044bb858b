"""A month's bill: what each service charges for a load, line by line, by the price list of scale/aws.toml. Plain arithmetic."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from deployment.settings import Settings
from scale.facts import Price, find_assumption, find_notebook_hour, find_price, read_measured
from scale.load import HOURS, MONTH_S, Load
from scale.transform import count_transform_hours, find_transform_instance, is_transformed, leave_to_endpoint
from scale.ways import Way

GB = 1e9
DAY_S = 86_400
PUTS_PER_FILE, GETS_PER_FILE = 4, 4  # the upload, its results, its summary and its mark; and what reads them
QUEUE_REQUESTS_PER_FILE = 3  # S3 sends, Lambda receives and deletes


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill.

    Args:    service: who charges.
             what: for what.
             units: how many.
             price: for how much.
    """

    service: str
    what: str
    units: float
    price: Price

    @property
    def usd(self) -> float:
        """The charge of a month."""
        return self.price.charge(self.units)


def list_lines(way: Way, load: Load, settings: Settings) -> list[Line]:
    """Return a month's bill."""
    lines = [
        *_list_endpoint(way, load, settings),
        *_list_predictions(way, load, settings),
        *_list_watch(way, load, settings),
        *_list_standing(settings),
    ]
    if load.images_s:
        lines += _list_uploads(way, load, settings)
    return [line for line in lines if line.units]


def add_up(lines: list[Line]) -> float:
    """Return the sum in dollars."""
    return sum(line.usd for line in lines)


def count_instance_hours(way: Way, load: Load) -> float:
    """Return the hours of a month that are billed of a way's instances: they follow the average, and no less than `least` run."""
    if way.kind == "tutorial":
        return HOURS
    if way.kind == "zero" and not (load.requests_s or load.images_s):
        return 0
    share = load.active_hours / 24
    busy = way.count_instances(replace(load, images_s=load.images_s / share, peak=1)) * share
    return (busy + way.least * (1 - share)) * HOURS


def _list_endpoint(way: Way, load: Load, settings: Settings) -> Iterator[Line]:
    at_endpoint = leave_to_endpoint(way, load, settings)
    recipes = max(1, len(settings.recipes))  # each has an endpoint of its own, and the load is all of one
    if way.instance is None:
        seconds = load.requests * way.endpoint_s + at_endpoint.images / way.rows_s
        yield Line("SageMaker", f"serverless endpoint, {way.memory_gb:g} GB", seconds * way.memory_gb, find_price("serverless-gb-s"))
        ready = settings.serverless_provisioned * recipes
        yield Line("SageMaker", f"{ready} containers kept ready", ready * way.memory_gb * MONTH_S, find_price("provisioned-gb-s"))
    else:
        hours = sum(count_instance_hours(way, part) for part in _divide(way, at_endpoint, settings))
        yield Line("SageMaker", f"{way.instance.name}, {hours / HOURS:,.3g} on average", hours, way.instance.hour)
        yield Line("SageMaker", f"{recipes - 1} endpoints that nobody asks", (recipes - 1) * way.least * HOURS, way.instance.hour)
        if way.is_scaled:  # a shadow is not: it has as many as it was deployed with
            shadows = len(settings.shadow) * recipes
            yield Line("SageMaker", f"{shadows} shadows", shadows * way.least * HOURS, way.instance.hour)
    moved = (load.requests + at_endpoint.images) * (way.row_bytes + way.answer_bytes)
    yield Line("SageMaker", "data in and out of the endpoint", moved / GB, find_price("endpoint-data-gb"))


def _divide(way: Way, load: Load, settings: Settings) -> list[Load]:
    """Return what each variant of the endpoint is asked, which has instances of its own; all of it where the way has one variant."""
    weights = [variant.weight for variant in settings.variants] if way.is_scaled else [1.0]
    shares = [weight / sum(weights) for weight in weights]
    return [replace(load, requests_s=load.requests_s * share, images_s=load.images_s * share) for share in shares]


def _list_predictions(way: Way, load: Load, settings: Settings) -> Iterator[Line]:
    memory_gb = settings.function_memory_mb / 1024
    yield Line("API Gateway", "requests", load.requests, find_price("http-api-request"))
    yield Line("Lambda", "predict: requests", load.requests, find_price("lambda-request"))
    duration = load.requests * way.function_s * memory_gb
    yield Line("Lambda", f"predict: {1e3 * way.function_s:.0f} ms with {memory_gb:g} GB", duration, _find_duration_price(settings))
    yield Line(
        "Data transfer", "answers to the internet", load.requests * find_assumption("response-bytes") / GB, find_price("data-out-gb")
    )


def _list_watch(way: Way, load: Load, settings: Settings) -> Iterator[Line]:
    recipes = max(1, len(settings.recipes))
    alarms = find_assumption("alarms") + find_assumption("alarms-per-recipe") * recipes + 2 * (len(settings.variants) - 1)
    yield Line("CloudWatch", "alarms", alarms, find_price("alarm-month"))
    if way.is_scaled:
        scaling = find_assumption("alarms-per-scaling") * recipes * len(settings.variants)
        yield Line("CloudWatch", "alarms that scaling makes for itself", scaling, find_price("alarm-month"))
        if settings.concurrent_requests_per_instance:
            yield Line("CloudWatch", "the same, of its look every 10 seconds", scaling, find_price("quick-alarm-month"))
    yield Line("CloudWatch", "log lines of predictions", load.requests * find_assumption("log-bytes") / GB, find_price("log-gb"))
    if settings.tracing:
        first = min(load.requests, MONTH_S)
        traces = first + (load.requests - first) * find_assumption("traced-share")
        yield Line("X-Ray", "traces", traces, find_price("xray-trace"))


def _list_standing(settings: Settings) -> Iterator[Line]:
    """Yield what bills whether anybody asks or not, beside the alarms."""
    queues = 1 + max(1, len(settings.recipes))  # of uploads, and of each recipe's rollouts
    yield Line("CloudWatch", "dashboard", 1, find_price("dashboard-month"))
    yield Line("Secrets Manager", "keys that sign ids", min(2, settings.id_key), find_price("secret-month"))
    yield Line("SQS", "polls of empty queues", queues * find_assumption("idle-queue-requests"), find_price("sqs-request"))
    if settings.notebook:
        machine = settings.notebook_instance_type
        yield Line("SageMaker", f"notebook, {machine}, until it is stopped", HOURS, find_notebook_hour(machine))
        yield Line("SageMaker", "the notebook's volume", find_assumption("notebook-gb"), find_price("notebook-gb-month"))
    if settings.encryption_key == "create":
        yield Line("KMS", "the key", 1, find_price("key-month"))
    if settings.web_acl == "create":
        yield Line("WAF", "web ACL", 1, find_price("web-acl-month"))
        yield Line("WAF", "its rules", find_assumption("web-acl-rules"), find_price("web-acl-rule-month"))


def _list_uploads(way: Way, load: Load, settings: Settings) -> Iterator[Line]:
    memory_gb = settings.upload_memory_mb / 1024
    seconds = load.images / read_measured()["uploads"]["npy_rows_s"]
    yield Line("Lambda", "process_upload: requests", load.files, find_price("lambda-request"))
    yield Line("Lambda", f"process_upload with {memory_gb:.3g} GB", seconds * memory_gb, _find_duration_price(settings))
    if is_transformed(way, load, settings):
        machine = find_transform_instance(settings)
        yield Line("SageMaker", f"Batch Transform, {machine.name}", count_transform_hours(way, load, settings), machine.hour)
    yield Line("S3", "writes", load.files * PUTS_PER_FILE, find_price("s3-put"))
    yield Line("S3", "reads", load.files * GETS_PER_FILE, find_price("s3-get"))
    kept = load.images_s * DAY_S * (way.row_bytes * settings.upload_days + way.answer_bytes * settings.result_days)
    yield Line("S3", "uploads and results kept", kept / GB, find_price("s3-standard-gb-month"))
    yield Line("SQS", "requests", load.files * QUEUE_REQUESTS_PER_FILE, find_price("sqs-request"))
    yield Line("EventBridge", "a job's end", load.files, find_price("eventbridge-event"))
    yield Line("AppSync", "a job's end, to its page", 2 * load.files, find_price("appsync-operation"))


def _find_duration_price(settings: Settings) -> Price:
    return find_price("lambda-arm-gb-s" if settings.function_architecture == "arm64" else "lambda-x86-gb-s")
