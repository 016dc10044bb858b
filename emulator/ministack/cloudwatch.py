"""ministack's CloudWatch: who may read which alarm, the age of a queue's oldest message, which it does not measure, and its limits."""

import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from ministack import app
from ministack.core import iam_actions
from ministack.services import cloudwatch, sqs

from emulator.access import AccessDeniedError, Check, arn
from emulator.ministack.access.roles import require_of_caller
from emulator.ministack.services import Response

READ_ALARMS = "cloudwatch:DescribeAlarms"
NAMESPACE, METRIC = "AWS/SQS", "ApproximateAgeOfOldestMessage"
MOST_ALARMS, MOST_POINTS = 100, 1_440  # of one call
Headers = Mapping[str, str]


def check_each_alarm() -> None:
    """Ask for each alarm that DescribeAlarms names, and for all of them where it names none; ministack asks for "*" alone."""
    extract, handle = iam_actions.extract_resource_arn, app.SERVICE_HANDLERS["monitoring"]

    def extract_first(service: str, method: str, path: str, headers: Headers, body: bytes, *rest: Any) -> str:
        alarms = list_alarms(headers, body) if service == "monitoring" else []
        return alarms[0] if alarms else str(extract(service, method, path, headers, body, *rest))

    async def check_others(method: str, path: str, headers: Headers, body: bytes, query: Mapping[str, Any]) -> Response:
        for alarm in list_alarms(headers, body)[1:]:
            try:
                require_of_caller(headers, Check(READ_ALARMS, alarm))
            except AccessDeniedError as error:
                denied: Response = cloudwatch._error("AccessDenied", str(error), 403, use_json="x-amz-target" in headers)
                return denied
        response: Response = await handle(method, path, headers, body, query)
        return response

    iam_actions.extract_resource_arn = extract_first
    app.SERVICE_HANDLERS["monitoring"] = check_others


def list_alarms(headers: Headers, body: bytes) -> list[str]:
    """Return the resources that a DescribeAlarms reads; none for another call. botocore sends JSON, older clients a form."""
    if target := headers.get("x-amz-target", ""):
        action, request = target.rpartition(".")[2], json.loads(body or b"{}")
    else:
        form = parse_qs(body.decode("utf-8", "replace"))
        names = [values[0] for name, values in form.items() if name.startswith("AlarmNames.member.")]
        action, request = "".join(form.get("Action", [])), {"AlarmNames": names}
    if action != "DescribeAlarms":
        return []
    return [arn("cloudwatch", f"alarm:{name}") for name in request.get("AlarmNames") or ["*"]]


def measure_oldest_messages() -> None:
    """Let CloudWatch know the age of a queue's oldest message when somebody asks for it; SQS tells it every minute."""
    get_statistics = cloudwatch._get_metric_statistics

    def measure_first(params: Mapping[str, Any], request: Mapping[str, Any], *rest: Any) -> Any:
        if (request.get("Namespace"), request.get("MetricName")) == (NAMESPACE, METRIC):
            for dimension in request.get("Dimensions", []):
                _measure(str(dimension["Value"]))
        return get_statistics(params, request, *rest)

    cloudwatch._get_metric_statistics = measure_first


def _measure(name: str) -> None:
    sent = [message["sent_at"] for url, queue in sqs._queues.items() if url.endswith(f"/{name}") for message in queue["messages"]]
    if sent:
        cloudwatch.record_metric(NAMESPACE, METRIC, time.time() - min(sent), "Seconds", {"QueueName": name})


def hold_limits() -> None:
    """Refuse what CloudWatch refuses of the calls that our code makes; botocore sends both as JSON."""
    get_statistics, describe = cloudwatch._get_metric_statistics, cloudwatch._describe_alarms

    def get_few(params: Mapping[str, Any], request: Mapping[str, Any], *rest: Any) -> Any:
        if request and (problem := find_problem(request)):
            return cloudwatch._error(*problem, 400, use_json=True)
        return get_statistics(params, request, *rest)

    def describe_few(params: Mapping[str, Any], request: Mapping[str, Any], *rest: Any) -> Any:
        if len(request.get("AlarmNames") or ()) > MOST_ALARMS:
            return cloudwatch._error(
                "ValidationError", f"alarmNames must have length less than or equal to {MOST_ALARMS}", 400, use_json=True
            )
        return describe(params, request, *rest)

    cloudwatch._get_metric_statistics, cloudwatch._describe_alarms = get_few, describe_few


def find_problem(request: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the code and the words with which CloudWatch refuses a GetMetricStatistics, or None."""
    period_s = int(request.get("Period") or 0)
    if period_s not in {1, 5, 10, 20, 30} and (period_s < 60 or period_s % 60):
        return "InvalidParameterValue", "The parameter Period must be 1, 5, 10, 20, 30, or a multiple of 60"
    begin, end = (cloudwatch._parse_ts(request.get(name)) for name in ("StartTime", "EndTime"))
    if begin >= end:
        return "InvalidParameterCombination", "The parameter StartTime must be less than the parameter EndTime."
    if (end - begin) / period_s > MOST_POINTS:
        return "InvalidParameterCombination", f"You have requested more datapoints than the limit of {MOST_POINTS}."
    return None
