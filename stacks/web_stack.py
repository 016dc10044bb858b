"""What people reach: the page, the sign-in, the API and the function behind it."""

from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from predict.config import Config
from stacks import bundle
from stacks.alarms import api_alarms, notify
from stacks.api import Api
from stacks.auth import auth
from stacks.function import Function
from stacks.page import Page
from stacks.settings import Settings


class WebStack(Stack):
    """One stack, so that no export ties the page, the sign-in and the API, which all name each other.

    In this order there is no cycle: distribution → sign-in's way back → authorizer → API, open to the page's origin → the page's files.
    """

    def __init__(self, scope: Construct, name: str, *, settings: Settings, **stack: Any) -> None:
        super().__init__(scope, name, **stack)
        page = Page(self, "Page", settings=settings)
        checked = auth(self, settings, page_url=page.url)
        predict = Function(
            self,
            "Predict",
            settings=settings,
            code=bundle.predict(settings),
            handler="predict.function.handler",
            environment=Config(endpoint_name=settings.endpoint_name, recipe=settings.recipe).to_env(),
            allow=[iam.PolicyStatement(actions=["sagemaker:InvokeEndpoint"], resources=[self._endpoint_arn(settings)])],
        ).function
        api = Api(self, "Api", settings=settings, function=predict, auth=checked, page_url=page.url)
        page.publish({"apiUrl": api.url, "auth": checked.page_config, "recipe": settings.recipe, "stage": settings.stage})
        notify(self, settings, api_alarms(self, settings, api=api.api, function=predict))

    def _endpoint_arn(self, settings: Settings) -> str:
        """Return the ARN of the one endpoint: SageMaker writes names in it in lower case."""
        return self.format_arn(service="sagemaker", resource="endpoint", resource_name=settings.endpoint_name.lower())
