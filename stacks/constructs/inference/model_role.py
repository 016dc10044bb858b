"""The role that the model server's container runs as, behind the endpoint and in Batch Transform."""

from aws_cdk import ArnFormat, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from deployment.settings import Settings
from functions.shared import areas
from stacks.constructs.acknowledge import acknowledge
from stacks.constructs.conditions import under
from stacks.constructs.encryption import allow_job_key
from stacks.constructs.inference.serving_image import ImageReference
from stacks.constructs.log_group import create_log_group
from stacks.constructs.sagemaker import allow, allow_telemetry, create_sagemaker_role


def create_model_role(
    scope: Construct, settings: Settings, *, image: ImageReference, dump_bucket: s3.IBucket, results_bucket: s3.IBucket
) -> iam.Role:
    """Return the role: its image, its log group, its metrics, every registered model, and the files of Batch Transform."""
    group = create_log_group(
        scope, "Logs", settings, name=f"/aws/sagemaker/Endpoints/{settings.endpoint_name}", removal_policy=RemovalPolicy.DESTROY
    )
    role = create_sagemaker_role(scope, "Role", f"The model server of {settings.name}")
    allow_telemetry(role, group.log_group_arn, {"StringEquals": "/aws/sagemaker/Endpoints"})
    # Batch Transform has a group of its own, which SageMaker creates with the first job of the account.
    transform_logs = Stack.of(scope).format_arn(
        service="logs", resource="log-group", resource_name="/aws/sagemaker/TransformJobs*", arn_format=ArnFormat.COLON_RESOURCE_NAME
    )
    allow_telemetry(role, transform_logs, {"StringEquals": "/aws/sagemaker/TransformJobs"})
    image.grant_pull(role)
    acknowledge(
        role,
        {
            "IAM5[Resource::*]": "metrics and registry tokens take no resource; a namespace narrows the first",
            "IAM5": "the names of what Batch Transform reads and writes are known only at run time",
        },
    )
    _grant_batch_transform(role, results_bucket)
    # The archive of a model package: its key is known only when a pipeline registers it.
    allow(role, ["s3:GetObject"], [dump_bucket.arn_for_objects("models/*")])
    allow_job_key(role)  # Batch Transform runs as this role
    return role


def _grant_batch_transform(role: iam.Role, bucket: s3.IBucket) -> None:
    """Let Batch Transform, which runs as the model's role, read its input and write its output beside it."""
    allow(role, ["s3:GetObject"], [bucket.arn_for_objects(f"{areas.TRANSFORM}/*/input/*")])
    allow(role, ["s3:PutObject"], [bucket.arn_for_objects(f"{areas.TRANSFORM}/*/output/*")])
    allow(role, ["s3:ListBucket"], [bucket.bucket_arn], under(f"{areas.TRANSFORM}/*"))
