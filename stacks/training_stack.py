"""The training pipeline, which needs the buckets and the server's image, and which nothing else needs."""

from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct

from deployment.settings import Settings
from stacks.constructs.notebook import Notebook
from stacks.constructs.pipeline import Pipeline


class TrainingStack(Stack):
    """The pipeline, of which nothing costs anything until it is started; and, where it is asked for, a notebook instance."""

    def __init__(
        self, scope: Construct, name: str, *, settings: Settings, dump_bucket: s3.IBucket, serving_image: str, **stack: Any
    ) -> None:
        super().__init__(scope, name, **stack)
        Pipeline(self, "Training", settings=settings, dump_bucket=dump_bucket, serving_image=serving_image)
        if settings.notebook:
            Notebook(self, "Notebook", settings=settings, dump_bucket=dump_bucket)
