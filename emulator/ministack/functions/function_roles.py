"""What Lambda does with a function's role: it hands its keys to the function, writes the function's log and polls its queue."""

from collections.abc import Iterator
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

from emulator.access import AccessDeniedError, Assume, Check, arn
from emulator.ministack.access.roles import Roles

SERVICE = "lambda.amazonaws.com"
POLL = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
MAPPING = "AWS::Lambda::EventSourceMapping"


def act_as_function_roles(roles: Roles) -> None:
    """Let functions have keys of their roles that nobody can guess, and Lambda write logs and poll queues as those roles.

    As in AWS, a function that may not write leaves no log, and a mapping whose function may not poll is refused.
    """
    assume = roles.assume
    emit, list_mappings, handler = lambda_svc._emit_lambda_logs, lambda_svc._iter_all_esms, provisioners._RESOURCE_HANDLERS[MAPPING]

    def issue_credentials(config: dict[str, Any]) -> dict[str, str]:
        return roles.start_session(str(config.get("Role", "")).rpartition("/")[2], str(config["FunctionName"])[:64]).credentials()

    def emit_as_role(function: dict[str, Any], *rest: Any, **options: Any) -> None:
        config = function.get("config") or function
        name = config["FunctionName"]
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}"
        stream = arn("logs", f"log-group:{group}:log-stream:{name}")
        if _find_denial(assume, config["Role"], [Check("logs:CreateLogStream", stream), Check("logs:PutLogEvents", stream)]) is None:
            emit(function, *rest, **options)

    def list_allowed_mappings() -> Iterator[tuple[str, str, dict[str, Any]]]:
        for account, region, mapping in list_mappings():
            if _find_poll_denial(assume, mapping["FunctionName"], mapping.get("EventSourceArn", "")) is None:
                yield account, region, mapping

    def create(logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
        denied = _find_poll_denial(assume, str(properties["FunctionName"]), str(properties.get("EventSourceArn", "")))
        if denied is not None:
            raise RuntimeError(f"The provided execution role does not have permissions to call {denied.partition(':')[2]} on SQS")
        created: tuple[str, dict[str, Any]] = handler["create"](logical_id, properties, stack)
        return created

    lambda_runtime.execution_credentials = lambda_svc.execution_credentials = issue_credentials
    lambda_svc._emit_lambda_logs, lambda_svc._iter_all_esms = emit_as_role, list_allowed_mappings
    provisioners._RESOURCE_HANDLERS[MAPPING] = {**handler, "create": create}


def _find_poll_denial(assume: Assume, function: str, queue: str) -> str | None:
    """Return the first action of a poll that the role of a function lacks, or None."""
    record = lambda_svc._functions.get(function.rpartition(":")[2])
    if record is None or ":sqs:" not in queue:
        return None
    return _find_denial(assume, record["config"]["Role"], [Check(action, queue) for action in POLL])


def _find_denial(assume: Assume, role: str, checks: list[Check]) -> str | None:
    """Return the first action that a role lacks, or None."""
    check = checks[0]
    try:
        actor = assume(role, SERVICE)
        for check in checks:
            actor.require(check)
    except AccessDeniedError:
        return check.action
    return None
