"""How many of a function run at once: what a template reserves for it, and what the account must keep for the others."""

from typing import Any

from ministack.services import lambda_svc

from emulator.cloudformation.resource_type import Attributes, Resource
from emulator.ministack import cloudformation
from emulator.sagemaker.conditions import ReadConditions

QUOTA = "Concurrent executions"
UNRESERVED = 100  # what an account keeps for functions that reserve nothing; an account that has less in all keeps all of it
BATCHES_AT_ONCE = 5  # of an event source without a maximum, as in a quiet hour


def hold_reserved_concurrency(read_conditions: ReadConditions) -> None:
    """Reserve what templates say, where the account's quota leaves enough, and let event sources look at their own maximum only.

    As in AWS, a source does not know what its function has reserved: what it receives beyond that is throttled, and comes back later.
    """

    def reserve(function: Resource) -> Attributes:
        record, reserved = lambda_svc._functions[function.physical_id], function.properties.get("ReservedConcurrentExecutions")
        record["concurrency"] = None if reserved is None else int(reserved)
        quota = read_conditions().quotas.get(QUOTA)
        least = min(UNRESERVED, quota or UNRESERVED)
        if reserved and quota is not None and quota - _count_reserved() < least:
            record["concurrency"] = None
            raise RuntimeError(
                "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum "
                f"value of [{least}]."
            )
        return function.attributes

    cloudformation.after_change("AWS::Lambda::Function", reserve)
    lambda_svc._sqs_esm_concurrency = _count_batches_at_once


def _count_reserved() -> int:
    return sum(int(function.get("concurrency") or 0) for function in lambda_svc._functions.values())


def _count_batches_at_once(mapping: dict[str, Any], _function: Any, _config: Any, queue: dict[str, Any] | None = None) -> int:
    if (queue or {}).get("is_fifo"):
        return 1
    return int((mapping.get("ScalingConfig") or {}).get("MaximumConcurrency") or BATCHES_AT_ONCE)
