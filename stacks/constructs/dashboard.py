"""One page of figures for an operator: each variant's traffic, errors and latency, the API's, and what waits in the queues.

They are the figures AWS takes by itself, so that none costs a request any time.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aws_cdk import Aws
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from deployment.settings import Settings
from stacks.constructs.alarms import PERIOD, metric

if TYPE_CHECKING:
    from stacks.constructs.uploads import Uploads

WIDTH = 24  # of a dashboard, in CloudWatch's units
LATENCIES = ("p50", "p99")


def dashboard(
    scope: Construct, settings: Settings, *, api: apigateway.HttpApi, functions: Mapping[str, lambda_.Function], uploads: "Uploads"
) -> cloudwatch.Dashboard:
    """Return the dashboard: a row for the variants, one for the API, one for the functions and the queues.

    Dashboards have no region, so the name has.
    """
    made = cloudwatch.Dashboard(scope, "Dashboard", dashboard_name=f"{settings.endpoint_name}-{Aws.REGION}")
    for row in (_variants(settings), _api(api), _behind(functions, uploads)):
        made.add_widgets(*(_graph(title, metrics, WIDTH // len(row)) for title, metrics in row.items()))
    return made


def _variants(settings: Settings) -> dict[str, list[cloudwatch.IMetric]]:
    """Return each variant's figures beside the others': that is how two models are compared while they answer."""
    names = [variant.name for variant in (*settings.variants, *settings.shadow)]

    def of_each(name: str, *statistics: str) -> list[cloudwatch.IMetric]:
        return [
            metric("AWS/SageMaker", name, {"EndpointName": settings.endpoint_name, "VariantName": variant}, statistic).with_(
                label=f"{variant} {statistic}" if len(statistics) > 1 else variant
            )
            for variant in names
            for statistic in statistics
        ]

    return {
        "Invocations a minute, by variant": of_each("Invocations", "Sum"),
        "Failed invocations (5XX) a minute, by variant": of_each("Invocation5XXErrors", "Sum"),
        "Model latency in µs, by variant": of_each("ModelLatency", *LATENCIES),
    }


def _api(api: apigateway.HttpApi) -> dict[str, list[cloudwatch.IMetric]]:
    def of_api(name: str, *statistics: str) -> list[cloudwatch.IMetric]:
        return [
            metric("AWS/ApiGateway", name, {"ApiId": api.api_id}, statistic).with_(label=f"{name} {statistic}") for statistic in statistics
        ]

    return {
        "API requests a minute": of_api("Count", "Sum"),
        "API errors a minute": [*of_api("4xx", "Sum"), *of_api("5xx", "Sum")],
        "API latency in ms": of_api("Latency", *LATENCIES),
    }


def _behind(functions: Mapping[str, lambda_.Function], uploads: "Uploads") -> dict[str, list[cloudwatch.IMetric]]:
    waiting = [
        queue.metric_approximate_number_of_messages_visible(period=PERIOD, statistic="Maximum", label=label)
        for label, queue in (("waiting", uploads.queue), ("tried in vain", uploads.dead_letters))
    ]
    oldest = uploads.queue.metric_approximate_age_of_oldest_message(period=PERIOD, statistic="Maximum", label="oldest")
    crashes = [function.metric_errors(period=PERIOD, label=name) for name, function in functions.items()]
    return {"Function crashes a minute": [*crashes], "Uploads in the queues": [*waiting], "Oldest upload in s": [oldest]}


def _graph(title: str, metrics: list[cloudwatch.IMetric], width: int) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=metrics, width=width, left_y_axis=cloudwatch.YAxisProps(min=0, show_units=False))
