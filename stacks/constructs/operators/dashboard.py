"""One page of graphs for an operator: each variant's traffic, errors and latency, the API's, and the uploads that wait.

All are metrics that AWS records by itself, so no request takes longer for them.
"""

from collections.abc import Sequence

from aws_cdk import Aws
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from deployment.settings import Settings
from stacks.constructs.alarms import PERIOD, aws_metric, oldest_message_s, waiting_messages
from stacks.constructs.function import Function
from stacks.constructs.uploads.uploads import Uploads
from stacks.constructs.web.api import Api

WIDTH = 24  # of a dashboard, in CloudWatch's units
LATENCIES = ("p50", "p99")


def create_dashboard(scope: Construct, settings: Settings, *, api: Api, uploads: Uploads) -> cloudwatch.Dashboard:
    """Return the dashboard: a row for the variants of each recipe, one for the API, one for the functions and the queues.

    Dashboards are global in an account, so the region is part of the name.
    """
    dashboard = cloudwatch.Dashboard(scope, "Dashboard", dashboard_name=f"{settings.name}-{Aws.REGION}")
    functions = _functions([*api.functions, uploads.function])
    variants = [_variants(each, f" of {each.recipe}" if settings.recipes else "") for each in settings.split()]
    for row in (*variants, _api(api.api), functions | _queues(uploads.queue, uploads.dead_letters)):
        dashboard.add_widgets(*(_graph(title, metrics, WIDTH // len(row)) for title, metrics in row.items()))
    return dashboard


def _variants(settings: Settings, of_recipe: str) -> dict[str, list[cloudwatch.IMetric]]:
    """Return each variant's metrics beside the others', to compare two models while they answer.

    Args:    of_recipe: what the titles end with.
    """
    names = [variant.name for variant in (*settings.variants, *settings.shadow)]

    def of_each(name: str, *statistics: str) -> list[cloudwatch.IMetric]:
        return [
            aws_metric("AWS/SageMaker", name, {"EndpointName": settings.endpoint_name, "VariantName": variant}, statistic).with_(
                label=f"{variant} {statistic}" if len(statistics) > 1 else variant
            )
            for variant in names
            for statistic in statistics
        ]

    return {
        f"Invocations a minute, by variant{of_recipe}": of_each("Invocations", "Sum"),
        f"Failed invocations (5XX) a minute, by variant{of_recipe}": of_each("Invocation5XXErrors", "Sum"),
        f"Model latency in µs, by variant{of_recipe}": of_each("ModelLatency", *LATENCIES),
    }


def _api(api: apigateway.HttpApi) -> dict[str, list[cloudwatch.IMetric]]:
    def of_api(name: str, *statistics: str) -> list[cloudwatch.IMetric]:
        return [
            aws_metric("AWS/ApiGateway", name, {"ApiId": api.api_id}, statistic).with_(label=f"{name} {statistic}")
            for statistic in statistics
        ]

    return {
        "API requests a minute": of_api("Count", "Sum"),
        "API errors a minute": [*of_api("4xx", "Sum"), *of_api("5xx", "Sum")],
        "API latency in ms": of_api("Latency", *LATENCIES),
    }


def _functions(functions: Sequence[Function]) -> dict[str, list[cloudwatch.IMetric]]:
    return {"Function crashes a minute": [each.function.metric_errors(period=PERIOD, label=each.name) for each in functions]}


def _queues(uploads: sqs.IQueue, failed: sqs.IQueue) -> dict[str, list[cloudwatch.IMetric]]:
    waiting: list[cloudwatch.IMetric] = [
        waiting_messages(uploads, "waiting"),
        waiting_messages(failed, "failed uploads (dead-letter queue)"),
    ]
    return {"Uploads in the queues": waiting, "Oldest upload in s": [oldest_message_s(uploads, "oldest")]}


def _graph(title: str, metrics: list[cloudwatch.IMetric], width: int) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=metrics, width=width, left_y_axis=cloudwatch.YAxisProps(min=0, show_units=False))
