"""The bucket that uploads arrive in, and the events it sends to their queue."""

from typing import cast

from aws_cdk import Aws, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from deployment.settings import Settings
from functions.shared import areas
from stacks.constructs.acknowledge import ACCESS_LOG, acknowledge
from stacks.constructs.removal_policy import data_removal_policy
from stacks.constructs.storage.bucket import create_private_bucket

UPLOAD_AREAS = (areas.UPLOADS, areas.INBOX)
POST_FROM_ANY_PAGE = s3.CorsRule(
    # A presigned form is the permission, and S3 uses no cookies, so any page may send it.
    allowed_methods=[s3.HttpMethods.POST],
    allowed_origins=["*"],
    allowed_headers=["*"],
    max_age=3600,
)


def create_uploads_bucket(scope: Construct, settings: Settings, queue: sqs.Queue) -> s3.Bucket:
    """Return the bucket; it sends an event to the queue for each object in UPLOAD_AREAS.

    It is versioned: the version that an event names is read, even if the key is written again.
    """
    expiry = s3.LifecycleRule(
        id="expire",
        expiration=Duration.days(settings.upload_days),
        noncurrent_version_expiration=Duration.days(settings.upload_days),
    )
    bucket = create_private_bucket(
        scope,
        "Bucket",
        removal_policy=data_removal_policy(settings),
        versioned=True,
        lifecycle=[expiry],
        cors=[POST_FROM_ANY_PAGE],
    )
    acknowledge(bucket, {ACCESS_LOG: "each upload has its own job record, with its time and its state"})
    # The bucket's own property, not CDK's custom resource, whose role may change the notifications of every bucket.
    rules = [s3.CfnBucket.FilterRuleProperty(name="prefix", value=f"{area}/") for area in UPLOAD_AREAS]
    resource = cast(s3.CfnBucket, bucket.node.default_child)
    resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
        queue_configurations=[
            s3.CfnBucket.QueueConfigurationProperty(
                event="s3:ObjectCreated:*",
                queue=queue.queue_arn,
                filter=s3.CfnBucket.NotificationFilterProperty(s3_key=s3.CfnBucket.S3KeyFilterProperty(rules=[rule])),
            )
            for rule in rules
        ]
    )
    # The bucket is created after this policy, so the policy names it by a pattern: CloudFormation's names begin with the stack's.
    name = f"arn:{Aws.PARTITION}:s3:::{Stack.of(scope).stack_name.lower()}-*"
    queue.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal("s3.amazonaws.com")],
            actions=["sqs:SendMessage"],
            resources=[queue.queue_arn],
            conditions={"ArnLike": {"aws:SourceArn": name}, "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
        )
    )
    resource.node.add_dependency(queue.node.find_child("Policy"))
    return bucket
