"""Whether a CloudWatch alarm on an endpoint's metrics would be raised by what a fleet answered."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ALARM = "ALARM"
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}
STATISTICS: dict[str, Callable[[Sequence[float]], float]] = {
    "Sum": math.fsum,
    "Average": lambda values: math.fsum(values) / len(values),
    "Minimum": min,
    "Maximum": max,
    "SampleCount": len,
}
Alarm = Mapping[str, Any]  # as DescribeAlarms gives it


@dataclass(frozen=True, slots=True)
class Invocation:
    """What came of one request.

    Args:    status: the container's HTTP status; 504 or 503 where it gave none.
             latency_us: how long the container took.
    """

    variant: str
    status: int
    latency_us: float


METRICS: dict[str, Callable[[Invocation], float]] = {
    "Invocations": lambda _: 1,
    "Invocation4XXErrors": lambda invocation: 400 <= invocation.status < 500,
    "Invocation5XXErrors": lambda invocation: invocation.status >= 500,
    "ModelLatency": lambda invocation: invocation.latency_us,
}


def raised(alarm: Alarm, endpoint: str, invocations: Sequence[Invocation]) -> str:
    """Return why the alarm is raised, or "" if it is not.

    It is if CloudWatch holds it to be, or if its statistic over all the invocations breaches its threshold. That is one period as long as
    the bake so far: periods of minutes, and how many of them must breach, are compressed into it, because a bake here lasts seconds.
    Metrics of anything but this endpoint, and metrics that only AWS measures, have CloudWatch's state alone. No traffic is no breach.

    Args:    invocations: the new fleet's, in this bake.
    """
    name = alarm["AlarmName"]
    if alarm.get("StateValue") == ALARM:
        return f"alarm {name} is in {ALARM}"
    dimensions = {each["Name"]: each["Value"] for each in alarm.get("Dimensions", [])}
    metric = METRICS.get(alarm.get("MetricName", "")) if alarm.get("Namespace") == "AWS/SageMaker" else None
    if metric is None or dimensions.get("EndpointName") != endpoint:
        return ""
    values = [float(metric(each)) for each in invocations if dimensions.get("VariantName") in {None, each.variant}]
    if not values:
        return ""
    spelled = alarm.get("ExtendedStatistic") or alarm["Statistic"]  # CloudWatch gives one; the emulator an Average beside the other
    value = statistic(spelled, values)
    if not COMPARISONS[alarm["ComparisonOperator"]](value, float(alarm["Threshold"])):
        return ""
    words = f"{spelled} of {alarm['MetricName']} was {value:g} over {len(values)} request(s)"
    return f"alarm {name} is in {ALARM}: {words}, {alarm['ComparisonOperator']} {float(alarm['Threshold']):g}"


def statistic(name: str, values: Sequence[float]) -> float:
    """Return Sum, Average, Minimum, Maximum, SampleCount or a percentile (p99, p99.9) of at least one value."""
    if name in STATISTICS:
        return STATISTICS[name](values)
    rank = math.ceil(float(name.removeprefix("p")) / 100 * len(values))
    return sorted(values)[max(rank, 1) - 1]


class CloudWatch:
    """The emulator's alarms.

    Args:    endpoint_url: the emulator's.
    """

    def __init__(self, endpoint_url: str) -> None:
        self._endpoint_url = endpoint_url
        self._client: Any = None

    def __call__(self, names: Sequence[str]) -> list[Alarm]:
        """Return the metric alarms of these names that there are."""
        import boto3  # noqa: PLC0415 - 300 ms, and only a guarded deployment needs it

        self._client = self._client or boto3.client("cloudwatch", endpoint_url=self._endpoint_url)
        found: list[Alarm] = self._client.describe_alarms(AlarmNames=list(names))["MetricAlarms"]
        return found
