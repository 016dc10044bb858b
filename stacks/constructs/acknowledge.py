"""Findings of others' rules that are accepted, each with its reason, at the construct that they are about.

The rules are those of cdk-nag's packs AwsSolutions, Serverless and NIST 800-53 R5, and checkov's. A pack's rule is acknowledged in the
construct's metadata, checkov's in the resource's, where its own runs find it. `make check` reads both: nothing is found that is not
acknowledged, and nothing is acknowledged that is not found.
"""

from collections.abc import Mapping, Sequence
from typing import cast

from aws_cdk import Acknowledgment, CfnResource, Validations
from constructs import IConstruct

Rules = str | tuple[str, ...]

# What several packs have a rule for. One reason answers them all.
ACCESS_LOG = ("AwsSolutions-S1", "NIST.800.53.R5-S3BucketLoggingEnabled", "CKV_AWS_18")
VERSIONS = ("NIST.800.53.R5-S3BucketVersioningEnabled", "CKV_AWS_21")
REPLICATION = "NIST.800.53.R5-S3BucketReplicationEnabled"
BUCKET_KEY = "NIST.800.53.R5-S3DefaultEncryptionKMS"
QUEUE_KEY = "CKV_AWS_27"
TOPIC_KEY = ("NIST.800.53.R5-SNSEncryptedKMS", "CKV_AWS_26")
REDRIVE = ("AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy")
SOURCE_DESTINATION = "Serverless-LambdaEventSourceMappingDestination"
LOG_KEY = ("NIST.800.53.R5-CloudWatchLogGroupEncrypted", "CKV_AWS_158")
INLINE_POLICY = "NIST.800.53.R5-IAMNoInlinePolicy"
RUNTIME = ("AwsSolutions-L1", "Serverless-LambdaLatestVersion")
FUNCTION_DEAD_LETTERS = ("Serverless-LambdaDLQ", "NIST.800.53.R5-LambdaDLQ", "CKV_AWS_116")
FUNCTION_CONCURRENCY = ("NIST.800.53.R5-LambdaConcurrency", "CKV_AWS_115")
FUNCTION_NETWORK = ("NIST.800.53.R5-LambdaInsideVPC", "CKV_AWS_117")
FUNCTION_KEY = "CKV_AWS_173"
ENDPOINT_KEY = "NIST.800.53.R5-SageMakerEndpointConfigurationKMSKeyConfigured"
SECRET_ROTATION = ("AwsSolutions-SMG4", "NIST.800.53.R5-SecretsManagerRotationEnabled")
SECRET_KEY = ("NIST.800.53.R5-SecretsManagerUsingKMSKey", "CKV_AWS_149")
FIREWALL = ("AwsSolutions-CFR2", "CKV_AWS_68")
TRACING = "Serverless-LambdaTracing"


def acknowledge(construct: IConstruct, reasons: Mapping[Rules, str]) -> None:
    """Record that the rules' findings on the construct, or on the one resource it stands for, are accepted.

    Args:    reasons: why, by the rules' names. A name without its pack's is AwsSolutions', like S1 or IAM5[Resource::*].
    """
    named = [(rule, reason) for rules, reason in reasons.items() for rule in ((rules,) if isinstance(rules, str) else rules)]
    packs = [(_qualify(rule), reason) for rule, reason in named if not _is_checkovs(rule)]
    if packs:
        Validations.of(construct).acknowledge(*(Acknowledgment(id=rule, reason=reason) for rule, reason in packs))
    skips = [{"id": rule, "comment": reason} for rule, reason in named if _is_checkovs(rule)]
    if skips:
        _skip(construct, skips)


def _is_checkovs(rule: str) -> bool:
    return rule.startswith("CKV")


def _qualify(rule: str) -> str:
    """Return a rule's name with its pack before it, as CDK reports it."""
    pack, _, name = rule.partition("-")
    return f"{pack}::{rule}" if name and pack in ("AwsSolutions", "Serverless", "NIST.800.53.R5") else f"AwsSolutions::AwsSolutions-{rule}"


def _skip(construct: IConstruct, skips: Sequence[Mapping[str, str]]) -> None:
    resource = cast(CfnResource, construct if CfnResource.is_cfn_resource(construct) else construct.node.default_child)
    before = resource.get_metadata("checkov") or {"skip": []}
    resource.add_metadata("checkov", {"skip": [*before["skip"], *skips]})
