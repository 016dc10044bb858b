"""The HTTP API: each route to its function, throttled, logged, and authorized before a function runs."""

import json
from collections.abc import Iterator, Sequence
from typing import cast

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from deployment.settings import Settings
from functions.shared.http.routes import Route
from stacks.constructs.acknowledge import acknowledge
from stacks.constructs.alarms import ERRORS_PER_MIN, aws_metric, create_alarm
from stacks.constructs.function import Function
from stacks.constructs.log_group import create_log_group
from stacks.constructs.web.auth import Auth
from stacks.constructs.web.unique import unique_part

LATENCY_MS = 3_000
OPEN_RATE_PER_S, OPEN_BURST = 5, 20  # of a route without a sign-in: more than monitors ask, and a few dollars a day at most
DELIVERED = "/aws/vendedlogs"  # what the names of log groups begin with that AWS's services may write to by one line for all

# One JSON object for each request, without headers, query and body: what users send, and their identity, is not logged.
LOGGED = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "method": "$context.httpMethod",
    "route": "$context.routeKey",
    "status": "$context.status",
    "responseBytes": "$context.responseLength",
    "latencyMs": "$context.responseLatency",
    "integrationMs": "$context.integrationLatency",
    "integrationError": "$context.integrationErrorMessage",
    "error": "$context.error.message",
    "ip": "$context.identity.sourceIp",
}


class Api(Construct):
    """The API in front of the functions.

    api        for its metrics
    url        where it answers, without a slash at the end; the emulator's own address when deployed there
    functions  those added so far
    """

    api: apigateway.HttpApi
    url: str
    functions: list[Function]

    def __init__(self, scope: Construct, name: str, *, settings: Settings, auth: Auth, page_url: str) -> None:
        super().__init__(scope, name)
        self._stage, self._authorizer = settings.stage, auth.authorizer
        everywhere = "*" in settings.cors_origins
        self.api = apigateway.HttpApi(
            self,
            "HttpApi",
            create_default_stage=False,
            cors_preflight=apigateway.CorsPreflightOptions(
                allow_origins=["*"] if everywhere else [page_url, *settings.cors_origins],
                allow_methods=[apigateway.CorsHttpMethod.GET, apigateway.CorsHttpMethod.POST],
                allow_headers=[
                    "authorization",
                    "content-type",
                    "accept",
                    "x-amz-date",
                    "x-amz-security-token",
                    "x-amz-content-sha256",
                    "idempotency-key",
                ],
                expose_headers=["location", "retry-after", "x-request-id", "x-prediction-id", "x-notes", "apigw-requestid"],
                max_age=Duration.hours(1),
            ),
        )
        self._http_stage = stage = apigateway.HttpStage(
            self,
            "Stage",
            http_api=self.api,
            stage_name="$default",
            auto_deploy=True,
            detailed_metrics_enabled=False,  # by route: each would bill, and the log names the route
            throttle=apigateway.ThrottleSettings(rate_limit=settings.throttle_rate_per_s, burst_limit=settings.throttle_burst),
        )
        # One policy of CloudWatch Logs names each group that AWS's services write to, by 5,120 characters in all, and a group that is gone
        # too: with a name like this the API needs no line of it.
        group = create_log_group(self, "AccessLogs", settings, name=f"{DELIVERED}/{Stack.of(self).stack_name}-{unique_part()}")
        access_log = apigateway.CfnStage.AccessLogSettingsProperty(destination_arn=group.log_group_arn, format=json.dumps(LOGGED))
        cast(apigateway.CfnStage, stage.node.default_child).access_log_settings = access_log
        self.url = self.api.api_endpoint
        CfnOutput(Stack.of(self), "ApiUrl", value=self.url)
        self.functions = []
        self._alarms = list(self._create_alarms())

    def list_alarms(self) -> list[cloudwatch.Alarm]:
        """Return the alarms on its errors and latency, and those of the functions added so far."""
        return [*self._alarms, *(alarm for function in self.functions for alarm in function.alarms)]

    def _create_alarms(self) -> Iterator[cloudwatch.Alarm]:
        dimensions, name = {"ApiId": self.api.api_id}, f"inferstack-{self._stage}"
        errors = aws_metric("AWS/ApiGateway", "5xx", dimensions, "Sum")
        latency = aws_metric("AWS/ApiGateway", "Latency", dimensions, "p99")
        stack = Stack.of(self)
        yield create_alarm(
            stack, "ApiErrors", errors, ERRORS_PER_MIN, f"{name}: the API answers 5xx more than {ERRORS_PER_MIN} times a minute"
        )
        yield create_alarm(stack, "ApiLatency", latency, LATENCY_MS, f"{name}: the API takes over {LATENCY_MS // 1000} s at p99")

    def add_function(self, function: Function, routes: Sequence[Route]) -> None:
        """Let a function answer the routes of its routes.py."""
        self.functions.append(function)
        integration = integrations.HttpLambdaIntegration(function.name.title(), function.function)
        for route in routes:
            authorizer = None if route.is_open else self._authorizer
            method = apigateway.HttpMethod[route.method]
            (added,) = self.api.add_routes(path=route.path, methods=[method], integration=integration, authorizer=authorizer)
            if route.is_open:
                self._throttle(route, added)
            if authorizer is None:
                acknowledge(added, {"APIG4": "open for monitors, or local, where nobody else can reach it"})

    def _throttle(self, route: Route, added: apigateway.HttpRoute) -> None:
        """Keep a route that asks nobody to sign in from using up what the API answers to those who did."""
        stage = cast(apigateway.CfnStage, self._http_stage.node.default_child)
        limits = {"ThrottlingRateLimit": OPEN_RATE_PER_S, "ThrottlingBurstLimit": OPEN_BURST}
        stage.add_property_override(f"RouteSettings.{route.method} {route.path}", limits)
        stage.node.add_dependency(added)  # API Gateway takes no settings of a route that is not there yet
