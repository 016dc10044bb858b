"""The HTTP API: each route to its function, throttled, logged, and checked before anything runs."""

import json
from collections.abc import Sequence

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from deployment.settings import Settings
from functions.shared.http.routes import Route
from stacks.constructs.acknowledged import acknowledge
from stacks.constructs.auth import Auth
from stacks.constructs.log_group import log_group

# One JSON object a request. No header, no query, no body: what people send, and who they say they are, stays out of the logs.
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

    api  for its metrics
    url  where it answers, without a slash at the end; the emulator's own address when deployed there
    """

    api: apigateway.HttpApi
    url: str

    def __init__(self, scope: Construct, name: str, *, settings: Settings, auth: Auth, page_url: str) -> None:
        super().__init__(scope, name)
        self._authorizer = auth.authorizer
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
                expose_headers=["location", "retry-after", "x-request-id", "apigw-requestid"],
                max_age=Duration.hours(1),
            ),
        )
        stage = apigateway.HttpStage(
            self,
            "Stage",
            http_api=self.api,
            stage_name="$default",
            auto_deploy=True,
            detailed_metrics_enabled=True,
            throttle=apigateway.ThrottleSettings(rate_limit=settings.throttle_rate_per_s, burst_limit=settings.throttle_burst),
        )
        access_log = apigateway.CfnStage.AccessLogSettingsProperty(
            destination_arn=log_group(self, "AccessLogs", settings).log_group_arn, format=json.dumps(LOGGED)
        )
        stage.node.default_child.access_log_settings = access_log  # type: ignore[union-attr]
        self.url = self.api.api_endpoint
        CfnOutput(self, "ApiUrl", value=self.url).override_logical_id("ApiUrl")

    def add_function(self, name: str, function: lambda_.Function, routes: Sequence[Route]) -> None:
        """Let a function answer its routes.

        Args:    name: the function's folder in lambda/functions.
                 routes: of its routes.py.
        """
        integration = integrations.HttpLambdaIntegration(name.title(), function)
        for route in routes:
            authorizer = None if route.is_open else self._authorizer
            method = apigateway.HttpMethod[route.method]
            (added,) = self.api.add_routes(path=route.path, methods=[method], integration=integration, authorizer=authorizer)
            if authorizer is None:
                acknowledge(added, {"APIG4": "open to monitors, or local, where nobody else can reach it"})
