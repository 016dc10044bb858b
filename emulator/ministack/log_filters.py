"""ministack's CloudWatch Logs: FilterLogEvents by AWS's patterns. Its own take capitals for small letters, and conditions for anything."""

from collections.abc import Mapping
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import cloudwatch_logs

from emulator.log_patterns import InvalidPattern, compile_pattern


def filter_as_aws_does() -> None:
    """Match a log's lines as CloudWatch Logs does, and refuse a pattern that is none."""
    filter_events = cloudwatch_logs._filter_log_events

    def check_and_filter(request: Mapping[str, Any]) -> Any:
        try:
            compile_pattern(str(request.get("filterPattern") or ""))
        except InvalidPattern as error:
            return error_response_json("InvalidParameterException", f"Invalid filter pattern: {error}", 400)
        return filter_events(request)

    cloudwatch_logs._filter_log_events = check_and_filter
    cloudwatch_logs._compile_filter_pattern = compile_pattern
