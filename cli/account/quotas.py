"""Service Quotas: what a stage needs of the account, what the account has, and what to request. New accounts have 0 of many."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from cli.finding import Finding
from cli.stage.aws import AwsFailed, translate_aws_errors
from deployment.quotas import BUILDS, CODES, FUNCTIONS, SERVERLESS, name_instances
from deployment.settings import Settings
from recipes.recipe import load

UNRESERVED = 100  # what Lambda keeps for functions that reserve nothing
USUAL_FUNCTIONS = 1_000  # at once, of an account that is not new
NEW_MEMORY_MB = 3_008  # of a function in a new account, at most; no quota of Service Quotas has it, and AWS raises it with use
PAGE = 100  # the most that AWS lists at once; SageMaker has thousands


@dataclass(frozen=True, slots=True)
class Need:
    """What a stage needs of one quota.

    Args:    service: its code in Service Quotas.
             name: the quota's, exactly as AWS has it.
             amount: what the stage needs at most.
             reason: what it needs that for.
             instead: what to set where no increase is wanted.
    """

    service: str
    name: str
    amount: int
    reason: str
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Quota:
    """A quota of the account."""

    code: str
    value: float


def list_needs(settings: Settings) -> Iterator[Need]:
    """Yield what a stage needs."""
    yield from _need_of_endpoints(settings)
    yield _need_of_functions(settings)
    if settings.serving_image == "codebuild":
        yield Need("codebuild", BUILDS, 1, "the server's image is built while deploying", "-c serving_image=ADDRESS of one that is there")
    transform, training = settings.batch_instance_type, settings.training_instance_type
    yield Need("sagemaker", name_instances(transform, "transform job"), 1, "large uploads", "-c transform_instance_type=…")
    yield Need("sagemaker", name_instances(training, "processing job"), 1, "the pipeline's other steps", "-c training_instance_type=…")
    yield from _need_of_training(settings)
    if settings.notebook:
        yield Need("sagemaker", name_instances(settings.notebook_instance_type, "notebook instance"), 1, "the notebook instance")


def _need_of_endpoints(settings: Settings) -> Iterator[Need]:
    """Yield what the endpoints of all recipes take together: they share the account's quotas."""
    each = settings.split()
    if settings.is_serverless:
        at_once = settings.serverless_concurrency * len(each)
        instead = "a lower -c serverless_concurrency=…, or -c endpoint_kind=cpu"
        yield Need("sagemaker", SERVERLESS, at_once, "all of the account's endpoints share it", instead)
        return
    fleet = settings.instances_max * len(settings.variants) + settings.instances_min * len(settings.shadow)
    for type_, count in Counter(one.endpoint_instance_type for one in each).items():
        name, reason = name_instances(type_, "endpoint"), "a rollout starts a second fleet beside the first"
        yield Need("sagemaker", name, 2 * fleet * count, reason, "a lower -c instances_max=…")


def _need_of_functions(settings: Settings) -> Need:
    if reserved := settings.reserved_concurrency:
        amount = UNRESERVED + reserved + settings.upload_functions
        reason = f"Lambda reserves concurrency only where {UNRESERVED} stay for functions without"
        return Need("lambda", FUNCTIONS, amount, reason, "-c reserved_concurrency=0: uploads are limited without it, too")
    at_once = settings.requests_at_once * len(settings.split()) + settings.upload_functions
    return Need("lambda", FUNCTIONS, at_once, "a function waits for each answer of the endpoint")


def _need_of_training(settings: Settings) -> Iterator[Need]:
    """Yield the machines that train every candidate at once: of one recipe, the one with the most."""
    types: Counter[str] = Counter()
    for each in settings.split():
        types |= Counter(_list_training_types(each))
    kind, instead = (
        ("spot training", "-c training_spot=false, which has a quota of its own") if settings.training_spot else ("training", "")
    )
    for type_, count in types.items():
        yield Need("sagemaker", name_instances(type_, f"{kind} job"), count, "the pipeline's candidates train at once", instead)


def _list_training_types(settings: Settings) -> list[str]:
    gpu_type = settings.training_gpu_instance_type
    return [gpu_type if gpu_type and candidate.gpu else settings.training_instance_type for candidate in load(settings.recipe).candidates]


class ServiceQuotas:
    """The quotas of the account, by service and name.

    Args:    client: of Service Quotas.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._list = cache(self._read_list)

    def find(self, service: str, name: str) -> Quota | None:
        """Return a quota, or None where the region has none of that name.

        Raises:  AwsFailed
        """
        code = CODES.get(name)
        return (self._read_one(service, name, code) if code else None) or self._list(service).get(name)

    def _read_one(self, service: str, name: str, code: str) -> Quota | None:
        try:
            with translate_aws_errors():
                quota = self._client.get_service_quota(ServiceCode=service, QuotaCode=code)["Quota"]
        except AwsFailed as error:
            if error.aws_code == "NoSuchResourceException":
                return None
            raise
        return Quota(code, quota["Value"]) if quota["QuotaName"] == name else None

    def _read_list(self, service: str) -> dict[str, Quota]:
        with translate_aws_errors():
            pages = self._client.get_paginator("list_service_quotas").paginate(ServiceCode=service, PaginationConfig={"PageSize": PAGE})
            return {quota["QuotaName"]: Quota(quota["QuotaCode"], quota["Value"]) for page in pages for quota in page["Quotas"]}


def judge_quota(need: Need, quota: Quota | None) -> Finding:
    """Return whether a quota is enough, and what to request where it is not."""
    name = f"quota of {need.service}: {need.name}"
    if quota is None:
        return Finding(name, False, "the region lists none of this name", need.instead or "look for it in the Service Quotas console")
    found = f"{quota.value:g}, {need.amount} needed ({quota.code})"
    request = f"aws service-quotas request-service-quota-increase --service-code {need.service} --quota-code {quota.code}"
    fix = f"{need.reason}: {request} --desired-value {need.amount}" + (f"; or {need.instead}" if need.instead else "")
    return Finding(name, quota.value >= need.amount, found, fix)


def find_memory(settings: Settings) -> tuple[str, int]:
    """Return the setting that gives a function the most memory, and how many MB."""
    return max(
        (("upload_memory_mb", settings.upload_memory_mb), ("function_memory_mb", settings.function_memory_mb)), key=lambda each: each[1]
    )


def judge_memory(settings: Settings, functions: Quota | None) -> Finding:
    """Return whether an account gives a function so much memory, by how many it may run at once: what tells that it is new.

    Args:    functions: the quota FUNCTIONS.
    """
    name, memory_mb = find_memory(settings)
    if memory_mb <= NEW_MEMORY_MB or functions is None or functions.value >= USUAL_FUNCTIONS:
        return Finding("memory of functions", True, f"{memory_mb} MB at most")
    found = f"{name} is {memory_mb}, and an account that may run {functions.value:g} functions at once is a new one"
    fix = f"a new account's functions have at most {NEW_MEMORY_MB} MB: -c {name}={NEW_MEMORY_MB}, or ask AWS Support for more"
    return Finding("memory of functions", False, found, fix)
