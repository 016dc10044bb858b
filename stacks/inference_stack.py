"""The model server: its image and the endpoint that runs it."""

from typing import Any

from aws_cdk import CfnOutput, Fn, Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct

from deployment.settings import Settings
from functions.rollout.interface import CONFIG_OUTPUT
from stacks.constructs.alarms import list_names, notify
from stacks.constructs.encryption import use_key
from stacks.constructs.inference.endpoint import Endpoint
from stacks.constructs.inference.serving_image import ImageReference, ServingImage

SERVING_IMAGE, SERVING_REPOSITORY = "ServingImage", "ServingRepository"


class InferenceStack(Stack):
    """The endpoint. Other stacks know its name from the settings, so no export blocks its updates.

    Args:    images: the name of the repository that the server's image is built to.
             image: the server's, where another stack builds it.

    image        the one that every model is served by, for other stacks
    alarm_names  of the endpoint's alarms
    """

    image: ImageReference
    alarm_names: list[str]

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        settings: Settings,
        dump_bucket: s3.IBucket,
        results_bucket: s3.IBucket,
        images: str,
        image: ImageReference | None = None,
        encryption_key: str,
        **stack: Any,
    ) -> None:
        super().__init__(scope, name, **stack)
        use_key(self, encryption_key)
        own = image or self._build_image(settings, images)
        self.image = image or ImageReference(
            uri=Fn.get_stack_output(self.stack_name, SERVING_IMAGE),
            repository_arn=Fn.get_stack_output(self.stack_name, SERVING_REPOSITORY) if own.repository_arn else "",
            source=own.source,
        )
        if image:  # what it is made from, so that a change of it reaches this stack
            CfnOutput(self, SERVING_IMAGE, value=image.uri, description=f"The model server of {image.source}")
        endpoint = Endpoint(self, "Endpoint", settings=settings, image=own, dump_bucket=dump_bucket, results_bucket=results_bucket)
        notify(self, settings, endpoint.alarms)
        self.alarm_names = list_names(endpoint.alarms)
        CfnOutput(self, "EndpointName", value=settings.endpoint_name)
        CfnOutput(self, CONFIG_OUTPUT, value=endpoint.config_name)

    def _build_image(self, settings: Settings, images: str) -> ImageReference:
        image = ServingImage(self, "Image", settings=settings, repository=images).reference
        CfnOutput(self, SERVING_IMAGE, value=image.uri)
        if image.repository_arn:
            CfnOutput(self, SERVING_REPOSITORY, value=image.repository_arn)
        return image
