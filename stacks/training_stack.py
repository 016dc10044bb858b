"""The training pipeline. It needs the buckets and the server's image; no other stack needs it."""

from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct

from deployment.settings import Settings
from stacks.constructs.encryption import use_key
from stacks.constructs.inference.serving_image import ImageReference
from stacks.constructs.training.notebook import Notebook
from stacks.constructs.training.pipeline import TrainingPipeline


class TrainingStack(Stack):
    """The pipeline, which costs nothing until it is started; and, if the settings say so, a notebook instance."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        settings: Settings,
        dump_bucket: s3.IBucket,
        image: ImageReference,
        encryption_key: str,
        **stack: Any,
    ) -> None:
        super().__init__(scope, name, **stack)
        use_key(self, encryption_key)
        TrainingPipeline(
            self,
            "Training",
            settings=settings,
            dump_bucket=dump_bucket,
            image=image,
        )
        if settings.notebook:
            Notebook(self, "Notebook", settings=settings, dump_bucket=dump_bucket)
