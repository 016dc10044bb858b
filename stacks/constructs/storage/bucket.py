"""The bucket that every other one is created from: private, over TLS only, encrypted."""

from collections.abc import Sequence

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.constructs.acknowledge import BUCKET_KEY, REPLICATION, acknowledge
from stacks.constructs.encryption import find_key


def create_private_bucket(
    scope: Construct,
    name: str,
    *,
    removal_policy: RemovalPolicy,
    versioned: bool = False,
    lifecycle: Sequence[s3.LifecycleRule] = (),
    logs: s3.IBucket | None = None,
    cors: Sequence[s3.CorsRule] | None = None,
    with_key: bool = True,
) -> s3.Bucket:
    """Return a bucket that only identities of this account (and services that a policy allows) can read, over TLS 1.2.

    Args:    versioned: keep what is overwritten or deleted, for as long as the lifecycle says.
             lifecycle: the rules beside the one that removes what is left of aborted uploads.
             cors: which pages may use it.
             with_key: encrypt it with the customer's key, if there is one; not what CloudFront reads, nor what S3 itself writes.
             logs: where requests to it are logged, under its own name.
    """
    tidy = s3.LifecycleRule(id="aborted-uploads", abort_incomplete_multipart_upload_after=Duration.days(7))
    key = find_key(scope) if with_key else None
    bucket = s3.Bucket(
        scope,
        name,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        encryption=s3.BucketEncryption.KMS if key else s3.BucketEncryption.S3_MANAGED,
        encryption_key=key,
        bucket_key_enabled=True if key else None,  # one request to KMS for many objects
        enforce_ssl=True,
        minimum_tls_version=1.2,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        versioned=versioned,
        lifecycle_rules=[tidy, *lifecycle],
        server_access_logs_bucket=logs,
        server_access_logs_prefix=f"{name.lower()}/" if logs else None,
        removal_policy=removal_policy,
        cors=cors,
    )
    acknowledge(bucket, {REPLICATION: "S3 keeps each object in several data centres, and a stage is in one region"})
    if key is None:
        acknowledge(bucket, {BUCKET_KEY: "S3 encrypts each object with a key of its own; who may read the bucket decides who can decrypt"})
    return bucket
