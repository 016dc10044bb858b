"""The data, which stays when the other stacks are deleted: buckets, users, and the versions of the model with their images."""

from typing import Any

from aws_cdk import CfnOutput, Fn, Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from deployment.settings import Settings
from stacks.constructs.acknowledge import acknowledge
from stacks.constructs.encryption import provide_key
from stacks.constructs.removal_policy import data_removal_policy
from stacks.constructs.storage.dump import DumpBucket
from stacks.constructs.storage.results import create_results_bucket
from stacks.constructs.web.user_pool import create_user_pool

IMAGES = "ImageRepositoryName"


class StorageStack(Stack):
    """The data, in its own stack so that the others can be deleted without it, and deployed again beside it.

    Where data is retained, CloudFormation deletes this stack only after somebody has taken its protection away: what a deleted stack leaves
    behind has lost its stack, and the next deployment can neither find the buckets nor create a group of the same name.

    encryption_key  the ARN of the key that everything is encrypted with; empty where each service has one of its own
    dump_bucket, results_bucket
    users   who may sign in, if the settings ask for that
    images  the name of the repository that the server's image is built to, for other stacks: a version of the model is served by the image
            that it was registered with. It is there too when the settings name another image, and so is the output that tells its name: the
            endpoint's stack, which is updated later, reads it whenever a version is rolled out
    """

    encryption_key: str
    dump_bucket: s3.Bucket
    results_bucket: s3.Bucket
    users: cognito.UserPool | None
    images: str

    def __init__(self, scope: Construct, name: str, *, settings: Settings, **stack: Any) -> None:
        super().__init__(scope, name, termination_protection=settings.retain_data, **stack)
        self.encryption_key = provide_key(self, settings)
        self.dump_bucket = DumpBucket(self, "DumpBucket", settings=settings).bucket
        self.results_bucket = create_results_bucket(self, settings)
        self.users = create_user_pool(self, settings) if settings.auth == "jwt" else None
        removal = data_removal_policy(settings)
        images = ecr.Repository(
            self,
            "Images",
            image_scan_on_push=True,
            image_tag_mutability=ecr.TagMutability.IMMUTABLE,  # each build has a tag of its own, which means one image for good
            removal_policy=removal,
            empty_on_delete=not settings.retain_data,
        )
        acknowledge(images, {"CKV_AWS_136": "the image is the server's program, which is no secret; ECR encrypts it with a key of its own"})
        for each in settings.split():
            group = sagemaker.CfnModelPackageGroup(
                self,
                "Models" if each is settings else f"Models-{each.recipe}",
                model_package_group_name=each.model_group,
                model_package_group_description=f"Models of {each.name}: the newest approved one serves",
            )
            group.apply_removal_policy(removal)
        CfnOutput(self, IMAGES, value=images.repository_name)
        self.images = Fn.get_stack_output(self.stack_name, IMAGES)
        CfnOutput(self, "DumpBucketName", value=self.dump_bucket.bucket_name)
        CfnOutput(self, "ModelPackageGroupName", value=settings.model_group)
