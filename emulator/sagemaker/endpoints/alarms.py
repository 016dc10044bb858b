"""Whether a CloudWatch alarm on an endpoint's metrics is in ALARM after a fleet's invocations."""

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
Alarm = Mapping[str, Any]  # as DescribeAlarms returns it
DescribeAlarms = Callable[[Sequence[str]], Sequence[Alarm]]  # names → the alarms of these names that exist


@dataclass(frozen=True, slots=True)
class Invocation:
    """The outcome of one request.

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


def evaluate_alarm(alarm: Alarm, endpoint: str, invocations: Sequence[Invocation]) -> str:
    """Return why the alarm is in ALARM, or "" if it is not.

    It is if CloudWatch says so, or if its statistic over all the invocations breaches its threshold. All of the bake so far counts as one
    period, whatever the alarm's periods are, because a bake here lasts seconds. For metrics of anything but this endpoint, and for metrics
    that only AWS measures, CloudWatch's state alone decides. No traffic is no breach.

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
    statistic = alarm.get("ExtendedStatistic") or alarm["Statistic"]  # CloudWatch has one; ministack an Average beside the other
    value = compute_statistic(statistic, values)
    if not COMPARISONS[alarm["ComparisonOperator"]](value, float(alarm["Threshold"])):
        return ""
    reason = f"{statistic} of {alarm['MetricName']} was {value:g} over {len(values)} request(s)"
    return f"alarm {name} is in {ALARM}: {reason}, {alarm['ComparisonOperator']} {float(alarm['Threshold']):g}"


def compute_statistic(name: str, values: Sequence[float]) -> float:
    """Return Sum, Average, Minimum, Maximum, SampleCount or a percentile (p99, p99.9) of at least one value."""
    if name in STATISTICS:
        return STATISTICS[name](values)
    rank = math.ceil(float(name.removeprefix("p")) / 100 * len(values))
    return sorted(values)[max(rank, 1) - 1]
