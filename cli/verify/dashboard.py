"""Whether the dashboard shows something: it is there, and CloudWatch has each of its metrics."""

import json
from collections.abc import Iterator
from typing import Any

from cli.aws import translate_aws_errors
from cli.verify.check import Check, CheckSkipped, require
from cli.verify.deployment import Deployment


def list_checks() -> list[Check]:
    """Return the checks."""
    fix = "a dimension names something that does not exist, or nothing has happened yet: ask, upload, and verify again in 15 minutes"
    return [Check("dashboard", "its metrics exist", check_dashboard, fix)]


def check_dashboard(deployment: Deployment) -> str:
    """Read the dashboard, and look each of its metrics up."""
    (name,) = deployment.list_resources("AWS::CloudWatch::Dashboard")
    cloudwatch = deployment.clients("cloudwatch")
    with translate_aws_errors():
        body = json.loads(cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"])
    metrics = list(read_metrics(body))
    require(metrics, f"the dashboard {name} has no metric")
    with translate_aws_errors():
        missing = [metric for metric in metrics if not cloudwatch.list_metrics(**metric)["Metrics"]]
    if len(missing) == len(metrics):
        raise CheckSkipped(f"CloudWatch has none of the {len(metrics)} metrics yet: AWS records them minutes later, the emulator never")
    names = sorted({f"{metric['Namespace']} {metric['MetricName']}" for metric in missing})
    require(not missing, f"CloudWatch has {len(metrics) - len(missing)} of {len(metrics)} metrics; none of: {', '.join(names)}")
    return f"{name} shows {len(metrics)} metrics, and each exists"


def read_metrics(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each metric of a dashboard's body as list_metrics takes it."""
    for widget in body["widgets"]:
        for line in widget.get("properties", {}).get("metrics", []):
            namespace, name, *dimensions = (part for part in line if isinstance(part, str))  # the last part may be options
            pairs = zip(dimensions[::2], dimensions[1::2], strict=True)
            yield {"Namespace": namespace, "MetricName": name, "Dimensions": [{"Name": key, "Value": value} for key, value in pairs]}
