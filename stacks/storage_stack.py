"""What outlives everything else: the dump bucket."""

from typing import Any

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.settings import Settings
from stacks.storage import DumpBucket


class StorageStack(Stack):
    """The dump bucket, in a stack of its own so that the others can be destroyed without it."""

    dump_bucket: s3.Bucket

    def __init__(self, scope: Construct, name: str, *, settings: Settings, **stack: Any) -> None:
        super().__init__(scope, name, **stack)
        self.dump_bucket = DumpBucket(self, "DumpBucket", settings=settings).bucket
        CfnOutput(self, "DumpBucketName", value=self.dump_bucket.bucket_name)
