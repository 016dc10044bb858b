"""The results bucket: what uploads were answered, and what people say of predictions. Each area expires."""

from aws_cdk import Duration
from aws_cdk import aws_s3 as s3
from constructs import Construct

from deployment.settings import Settings
from functions.shared import areas
from stacks.constructs.acknowledge import ACCESS_LOG, VERSIONS, acknowledge
from stacks.constructs.removal_policy import data_removal_policy
from stacks.constructs.storage.bucket import create_private_bucket


def create_results_bucket(scope: Construct, settings: Settings) -> s3.Bucket:
    """Return the bucket of answered uploads. Nothing reacts to what is written there, so no write can start another.

    jobs/         results of uploads through the API, by owner         expire
    inbox/        results of what operators copied                     expire
    feedback/     what people say of predictions                       expires
    transform/    what Batch Transform reads and writes                expires after a week
    idempotency/  which job a key was used for                         expires after a day
    allowances/   how many labels a caller gave in an hour             expires after a day
    """
    bucket = create_private_bucket(
        scope,
        "Results",
        removal_policy=data_removal_policy(settings),
        lifecycle=[
            s3.LifecycleRule(id=f"expire-{prefix}", prefix=f"{prefix}/", expiration=Duration.days(days))
            for prefix, days in (
                *((prefix, settings.result_days) for prefix in (areas.JOBS, areas.INBOX, areas.FEEDBACK)),
                (areas.TRANSFORM, 7),
                (areas.IDEMPOTENCY, 1),
                (areas.ALLOWANCES, 1),
            )
        ],
    )
    acknowledge(
        bucket,
        {
            ACCESS_LOG: "each object is written by one function, which logs it",
            VERSIONS: "a result is written once, and a second write is refused; what a caller has used up needs no past",
        },
    )
    return bucket
