"""Whether the dashboard shows something: its graphs are about this stage's resources, and CloudWatch has their metrics."""

import json
from collections.abc import Iterator
from typing import Any

from cli.stage.aws import translate_aws_errors
from cli.verify.check import Check, CheckSkipped, require
from cli.verify.deployment import Deployment
from deployment.stages import stack_name

NEW_S = 3600  # AWS lists a metric up to a quarter of an hour after its first value, and some have none before an upload


def list_checks() -> list[Check]:
    """Return the checks."""
    return [
        Check("dashboard", "about this stage", check_dimensions, "deploy the Web stack again: the dashboard is older than what it names"),
        Check("dashboard", "its metrics exist", check_metrics, "ask and upload something, and verify again in 15 minutes"),
    ]


def check_dimensions(deployment: Deployment) -> str:
    """Look up what each metric's dimensions name."""
    name, metrics = _read_dashboard(deployment)
    known = {
        "ApiId": deployment.list_resources("AWS::ApiGatewayV2::Api"),
        "FunctionName": deployment.list_resources("AWS::Lambda::Function"),
        "QueueName": [url.rpartition("/")[2] for url in deployment.list_resources("AWS::SQS::Queue")],
        "EndpointName": [each.outputs["EndpointName"] for each in deployment.split()],
        "VariantName": [variant for each in deployment.split() for variant in _list_variants(each)],
    }
    dimensions = {(each["Name"], each["Value"]) for metric in metrics for each in metric["Dimensions"]}
    unknown = [f"{key} {value}" for key, value in sorted(dimensions) if value not in known.get(key, [])]
    require(not unknown, f"{name} names what this stage does not have: {', '.join(unknown)}")
    return f"{name} shows {len(metrics)} metrics of {len(dimensions)} resources"


def check_metrics(deployment: Deployment) -> str:
    """Look each metric up in CloudWatch, which lists those that have values."""
    name, metrics = _read_dashboard(deployment)
    cloudwatch = deployment.clients("cloudwatch")
    with translate_aws_errors():
        missing = [metric for metric in metrics if not cloudwatch.list_metrics(**metric)["Metrics"]]
        (stack,) = deployment.clients("cloudformation").describe_stacks(StackName=stack_name(deployment.stage, "Web"))["Stacks"]
    names = sorted({f"{metric['Namespace']} {metric['MetricName']}" for metric in missing})
    if len(missing) == len(metrics):
        raise CheckSkipped(f"CloudWatch has none of the {len(metrics)} metrics yet: AWS lists them minutes later, the emulator never")
    if missing and deployment.begin_s - stack["CreationTime"].timestamp() < NEW_S:
        raise CheckSkipped(f"the stage is new, and CloudWatch does not list yet: {', '.join(names)}")
    require(not missing, f"CloudWatch has {len(metrics) - len(missing)} of {len(metrics)} metrics; none of: {', '.join(names)}")
    return f"each of the {len(metrics)} metrics of {name} exists"


def read_metrics(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each metric of a dashboard's body as list_metrics takes it."""
    for widget in body["widgets"]:
        for line in widget.get("properties", {}).get("metrics", []):
            namespace, name, *dimensions = (part for part in line if isinstance(part, str))  # the last part may be options
            pairs = zip(dimensions[::2], dimensions[1::2], strict=True)
            yield {"Namespace": namespace, "MetricName": name, "Dimensions": [{"Name": key, "Value": value} for key, value in pairs]}


def _read_dashboard(deployment: Deployment) -> tuple[str, list[dict[str, Any]]]:
    """Return the dashboard's name and its metrics."""
    names = deployment.list_resources("AWS::CloudWatch::Dashboard")
    require(len(names) == 1, f"the stage has {len(names)} dashboards, expected 1")
    with translate_aws_errors():
        body = json.loads(deployment.clients("cloudwatch").get_dashboard(DashboardName=names[0])["DashboardBody"])
    metrics = list(read_metrics(body))
    require(metrics, f"the dashboard {names[0]} has no metric")
    return names[0], metrics


def _list_variants(deployment: Deployment) -> list[str]:
    sagemaker = deployment.clients("sagemaker")
    with translate_aws_errors():
        config = sagemaker.describe_endpoint(EndpointName=deployment.outputs["EndpointName"])["EndpointConfigName"]
        variants = sagemaker.describe_endpoint_config(EndpointConfigName=config)
    return [str(each["VariantName"]) for kind in ("ProductionVariants", "ShadowProductionVariants") for each in variants.get(kind, [])]
