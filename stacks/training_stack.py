"""The training pipeline. It needs the buckets and the server's image; no other stack needs it."""

from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct

from deployment.settings import Settings
from stacks.constructs.notebook import Notebook
from stacks.constructs.training_pipeline import TrainingPipeline


class TrainingStack(Stack):
    """The pipeline, which costs nothing until it is started; and, if the settings say so, a notebook instance."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        settings: Settings,
        dump_bucket: s3.IBucket,
        serving_image: str,
        image_repository: str,
        image_source: str,
        **stack: Any,
    ) -> None:
        super().__init__(scope, name, **stack)
        TrainingPipeline(
            self,
            "Training",
            settings=settings,
            dump_bucket=dump_bucket,
            serving_image=serving_image,
            image_repository=image_repository,
            image_source=image_source,
        )
        if settings.notebook:
            Notebook(self, "Notebook", settings=settings, dump_bucket=dump_bucket)
