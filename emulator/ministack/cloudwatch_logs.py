"""ministack's CloudWatch Logs: FilterLogEvents by AWS's patterns, and names of groups that CloudFormation makes."""

from collections.abc import Mapping
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import cloudwatch_logs
from ministack.services.cloudformation import provisioners

from emulator.cloudformation.resource_type import Attributes, Properties
from emulator.log_patterns import InvalidPattern, compile_pattern

GROUP = "AWS::Logs::LogGroup"


def filter_as_aws_does() -> None:
    """Match a log's lines as CloudWatch Logs does, and refuse a pattern that is none.

    ministack takes capitals for small letters, and conditions for anything.
    """
    filter_events = cloudwatch_logs._filter_log_events

    def check_and_filter(request: Mapping[str, Any]) -> Any:
        try:
            compile_pattern(str(request.get("filterPattern") or ""))
        except InvalidPattern as error:
            return error_response_json("InvalidParameterException", f"Invalid filter pattern: {error}", 400)
        return filter_events(request)

    cloudwatch_logs._filter_log_events = check_and_filter
    cloudwatch_logs._compile_filter_pattern = compile_pattern


def name_groups_as_aws_does() -> None:
    """Name a group without a name of its own STACK-LOGICALID-SUFFIX, by which it is found: ministack says /aws/cloudformation/STACK/…"""
    handler = provisioners._RESOURCE_HANDLERS[GROUP]

    def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, Attributes]:
        name = provisioners._physical_name(stack, logical_id, max_len=512)
        return handler["create"](logical_id, {"LogGroupName": name, **properties}, stack)  # type: ignore[no-any-return]

    def update(physical_id: str, old: Properties, new: Properties, *rest: object) -> tuple[str, Attributes]:
        return handler["update"](physical_id, old, {"LogGroupName": physical_id, **new}, *rest)  # type: ignore[no-any-return]

    provisioners._RESOURCE_HANDLERS[GROUP] = {**handler, "create": create, "update": update}
