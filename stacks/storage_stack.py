"""The data, which stays when the other stacks are deleted: the dump bucket and the results bucket."""

from typing import Any

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct

from deployment.settings import Settings
from stacks.constructs.storage import DumpBucket, create_results_bucket


class StorageStack(Stack):
    """The buckets, in their own stack so that the others can be deleted without them."""

    dump_bucket: s3.Bucket
    results_bucket: s3.Bucket

    def __init__(self, scope: Construct, name: str, *, settings: Settings, **stack: Any) -> None:
        super().__init__(scope, name, **stack)
        self.dump_bucket = DumpBucket(self, "DumpBucket", settings=settings).bucket
        self.results_bucket = create_results_bucket(self, settings)
        CfnOutput(self, "DumpBucketName", value=self.dump_bucket.bucket_name)
