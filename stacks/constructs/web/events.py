"""The Event API: a channel for each job, which pages subscribe to as the API's caller and functions publish to under their role."""

from aws_cdk import Aws, CfnOutput, Stack
from aws_cdk import aws_appsync as appsync
from aws_cdk import aws_iam as iam
from constructs import Construct

from deployment.paths import ROOT
from deployment.settings import Settings
from stacks.constructs.web.auth import Auth

NAMESPACE = "jobs"
HANDLERS = ROOT / "stacks" / "constructs" / "web" / "channel_handlers.js"
KEY_EXPIRES = 4_070_908_800  # 2099: the key is only for a stage without authentication, so it protects nothing


class Events(Construct):
    """The API and its one namespace.

    url           where functions publish
    page_config   what a page must know to subscribe
    """

    url: str
    page_config: dict[str, object]

    def __init__(self, scope: Construct, name: str, *, settings: Settings, auth: Auth) -> None:
        super().__init__(scope, name)
        kind = {"jwt": "AMAZON_COGNITO_USER_POOLS", "iam": "AWS_IAM", "none": "API_KEY"}[settings.auth]
        cognito = (
            appsync.CfnApi.CognitoConfigProperty(
                user_pool_id=auth.page_config["userPoolId"],
                aws_region=Aws.REGION,
                app_id_client_regex=auth.page_config["clientId"],  # as the HTTP API: without it, tokens of any client of the pool
            )
            if settings.auth == "jwt"
            else None
        )
        caller = appsync.CfnApi.AuthProviderProperty(auth_type=kind, cognito_config=cognito)
        function = appsync.CfnApi.AuthProviderProperty(auth_type="AWS_IAM")
        subscribers = [appsync.CfnApi.AuthModeProperty(auth_type=kind)]
        publishers = [appsync.CfnApi.AuthModeProperty(auth_type="AWS_IAM")]
        api = appsync.CfnApi(
            self,
            "Api",
            name=f"inferstack-{settings.stage}",
            event_config=appsync.CfnApi.EventConfigProperty(
                auth_providers=[function] if kind == "AWS_IAM" else [caller, function],
                connection_auth_modes=subscribers,
                default_publish_auth_modes=publishers,
                default_subscribe_auth_modes=subscribers,
            ),
        )
        namespace = appsync.CfnChannelNamespace(
            self,
            "Namespace",
            api_id=api.attr_api_id,
            name=NAMESPACE,
            publish_auth_modes=[appsync.CfnChannelNamespace.AuthModeProperty(auth_type="AWS_IAM")],
            subscribe_auth_modes=[appsync.CfnChannelNamespace.AuthModeProperty(auth_type=kind)],
            # The handlers compare the owner with the token's subject; IAM callers have their own policies, and a key has no owner.
            code_handlers=HANDLERS.read_text() if settings.auth == "jwt" else None,
        )
        self._namespace_arn = namespace.attr_channel_namespace_arn
        self.url = f"{settings.scheme}://{api.attr_dns_http}/event"
        realtime = f"{settings.scheme.replace('http', 'ws')}://{api.attr_dns_realtime}/event/realtime"
        how: dict[str, str] = {"kind": settings.auth}
        if settings.auth == "none":
            key = appsync.CfnApiKey(self, "Key", api_id=api.attr_api_id, expires=KEY_EXPIRES)
            how = {"kind": "apiKey", "apiKey": key.attr_api_key}
        self.page_config = {"url": self.url, "realtimeUrl": realtime, "auth": how}
        CfnOutput(Stack.of(self), "EventsUrl", value=self.url)
        CfnOutput(Stack.of(self), "EventsRealtimeUrl", value=realtime)

    def publish_statement(self) -> iam.PolicyStatement:
        """Return the statement that lets a function publish on jobs' channels."""
        return iam.PolicyStatement(actions=["appsync:EventPublish"], resources=[self._namespace_arn])
