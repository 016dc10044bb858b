"""The dump bucket: training data, data sets, models and captured traffic, each prefix with its own lifecycle."""

from typing import cast

from aws_cdk import Duration
from aws_cdk import aws_s3 as s3
from constructs import Construct

from deployment.settings import Settings
from stacks.constructs.acknowledge import VERSIONS, acknowledge
from stacks.constructs.removal_policy import data_removal_policy
from stacks.constructs.storage.bucket import create_private_bucket

ACCESS_LOG_DAYS = 90


class DumpBucket(Construct):
    """The bucket, and one beside it for the log of who read and wrote it.

    raw/ and datasets/  what models are trained from: rarely read after 30 days (IA) and 90 (Glacier), and at once when it is
    models/             never moved: an endpoint reads its archive whenever it starts an instance, and cannot wait for Glacier
    capture/            requests and answers, where capture is on; expires
    """

    bucket: s3.Bucket

    def __init__(self, scope: Construct, name: str, *, settings: Settings) -> None:
        super().__init__(scope, name)
        removal = data_removal_policy(settings)
        expiry = s3.LifecycleRule(id="access-logs", expiration=Duration.days(ACCESS_LOG_DAYS))
        logs = create_private_bucket(self, "AccessLogs", removal_policy=removal, lifecycle=[expiry], with_key=False)
        acknowledge(
            logs,
            {
                "CKV_AWS_18": "this is the access log: logging its own writes would never end",
                VERSIONS: "S3 writes each file of the log once, under a name of its own",
            },
        )
        self.bucket = create_private_bucket(self, "Dump", removal_policy=removal, versioned=True, lifecycle=_lifecycle(settings), logs=logs)
        if settings.start_on_data:
            # Level 1: the level 2 property would add a Lambda function that sets what CloudFormation can set.
            to_event_bridge = s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
            cast(s3.CfnBucket, self.bucket.node.default_child).notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
                event_bridge_configuration=to_event_bridge
            )


def _lifecycle(settings: Settings) -> list[s3.LifecycleRule]:
    """Return the rules: one a training prefix, one for capture, one for versions that were overwritten or deleted."""
    cooling = [
        s3.Transition(storage_class=s3.StorageClass.INFREQUENT_ACCESS, transition_after=Duration.days(settings.training_data_ia_days)),
        # Jobs read it without waiting; what is in any other Glacier class has to be restored before.
        s3.Transition(
            storage_class=s3.StorageClass.GLACIER_INSTANT_RETRIEVAL, transition_after=Duration.days(settings.training_data_glacier_days)
        ),
    ]
    return [
        *(s3.LifecycleRule(id=f"archive-{prefix}", prefix=f"{prefix}/", transitions=cooling) for prefix in ("raw", "datasets")),
        s3.LifecycleRule(id="expire-capture", prefix="capture/", expiration=Duration.days(settings.capture_days)),
        s3.LifecycleRule(
            id="noncurrent",
            noncurrent_version_expiration=Duration.days(settings.noncurrent_days),
            expired_object_delete_marker=True,
        ),
    ]
