"""The data, which stays when the other stacks are deleted: the dump bucket, the results bucket and the versions of the model."""

from typing import Any

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from deployment.settings import Settings
from stacks.constructs.removal_policy import data_removal_policy
from stacks.constructs.storage import DumpBucket, create_results_bucket


class StorageStack(Stack):
    """The data, in its own stack so that the others can be deleted without it, and deployed again beside it.

    Where data is retained, CloudFormation deletes this stack only after somebody has taken its protection away: what a deleted stack leaves
    behind has lost its stack, and the next deployment can neither find the buckets nor create a group of the same name.
    """

    dump_bucket: s3.Bucket
    results_bucket: s3.Bucket

    def __init__(self, scope: Construct, name: str, *, settings: Settings, **stack: Any) -> None:
        super().__init__(scope, name, termination_protection=settings.retain_data, **stack)
        self.dump_bucket = DumpBucket(self, "DumpBucket", settings=settings).bucket
        self.results_bucket = create_results_bucket(self, settings)
        group = sagemaker.CfnModelPackageGroup(
            self,
            "Models",
            model_package_group_name=settings.model_group,
            model_package_group_description=f"Models of {settings.name}: the newest approved one serves",
        )
        group.apply_removal_policy(data_removal_policy(settings))
        CfnOutput(self, "DumpBucketName", value=self.dump_bucket.bucket_name)
        CfnOutput(self, "ModelPackageGroupName", value=settings.model_group)
