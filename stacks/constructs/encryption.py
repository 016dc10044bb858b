"""The customer's key, if the settings name one: what a stage keeps is encrypted with it, and a role may use it for what it does only."""

from collections.abc import Collection, Mapping, Sequence
from typing import cast

from aws_cdk import Aws, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from deployment.settings import Settings
from stacks.constructs.removal_policy import data_removal_policy

CREATE = "create"
NAME = "EncryptionKey"
READ, WRITE = "kms:Decrypt", "kms:GenerateDataKey"
# Which service decrypts with the key for a role that does this: the parts of an upload are read again to join them, and SQS reads the
# data key that it encrypts with. And which encrypts.
READERS = {"s3:GetObject": "s3", "s3:PutObject": "s3", "sqs:ReceiveMessage": "sqs", "sqs:SendMessage": "sqs"}
WRITERS = {"s3:PutObject": "s3", "sqs:SendMessage": "sqs"}
# What the account may allow by policies of IAM: all but what is for other accounts and for key material of one's own.
OF_ACCOUNT = (
    *("CancelKeyDeletion", "CreateAlias", "CreateGrant", "Decrypt", "DeleteAlias", "DescribeKey", "DisableKey", "DisableKeyRotation"),
    *("EnableKey", "EnableKeyRotation", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GetKeyPolicy"),
    *("GetKeyRotationStatus", "ListGrants", "ListKeyPolicies", "ListKeyRotations", "ListResourceTags", "PutKeyPolicy", "ReEncryptFrom"),
    *("ReEncryptTo", "RetireGrant", "RevokeGrant", "RotateKeyOnDemand", "ScheduleKeyDeletion", "TagResource", "UntagResource"),
    *("UpdateAlias", "UpdateKeyDescription"),
)
OF_LOGS = ("Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "DescribeKey")
SENDERS = ("s3", "cloudwatch", "budgets")  # into queues and topics that are encrypted


def provide_key(stack: Stack, settings: Settings) -> str:
    """Return the ARN of the key that the settings name, or of a new one if they say so; empty for none."""
    arn = _create_key(stack, settings) if settings.encryption_key == CREATE else settings.encryption_key
    use_key(stack, arn)
    return arn


def use_key(stack: Stack, arn: str) -> None:
    """Let the stack's constructs find the key, if there is one."""
    if arn:
        kms.Key.from_key_arn(stack, NAME, arn)


def find_key(scope: Construct) -> kms.IKey | None:
    """Return the key of the scope's stack, or None where each service uses one of its own."""
    return cast(kms.IKey | None, Stack.of(scope).node.try_find_child(NAME))


def find_key_arn(scope: Construct) -> str | None:
    """Return the key's ARN, or None where there is none."""
    key = find_key(scope)
    return key.key_arn if key else None


def use_statements(scope: Construct, actions: Collection[str], *, also: Sequence[str] = ()) -> list[iam.PolicyStatement]:
    """Return what a role that does these actions needs of the key, by the services that it asks; nothing where there is no key.

    Args:    also: services that decrypt with the key for the role, whatever it does.
    """
    key = find_key(scope)
    if key is None:
        return []
    uses = {
        READ: {service for action, service in READERS.items() if action in actions} | set(also),
        WRITE: {service for action, service in WRITERS.items() if action in actions},
    }
    return [
        iam.PolicyStatement(actions=[use], resources=[key.key_arn], conditions=_via(services)) for use, services in uses.items() if services
    ]


def _via(services: Collection[str]) -> dict[str, object]:
    return {"StringEquals": {"kms:ViaService": sorted(f"{service}.{Aws.REGION}.amazonaws.com" for service in services)}}


def volume_statements(scope: Construct) -> list[iam.PolicyStatement]:
    """Return what a role needs for SageMaker to encrypt a machine's volume with the key: nothing where there is none.

    A grant of the role's own could let anybody use the key, of another account too; SageMaker asks for one on the role's behalf.
    """
    key = find_key(scope)
    if key is None:
        return []
    on_behalf = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    return [
        iam.PolicyStatement(actions=["kms:CreateGrant"], resources=[key.key_arn], conditions=on_behalf),
        iam.PolicyStatement(actions=["kms:DescribeKey"], resources=[key.key_arn]),
    ]


def allow_job_key(role: iam.Role) -> None:
    """Let a job of SageMaker read and write encrypted objects, and encrypt its volume."""
    for statement in (*use_statements(role, ("s3:GetObject", "s3:PutObject")), *volume_statements(role)):
        role.add_to_policy(statement)


def _create_key(stack: Stack, settings: Settings) -> str:
    of_account = {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
    log_groups = f"arn:{Aws.PARTITION}:logs:{Aws.REGION}:{Aws.ACCOUNT_ID}:log-group:*"
    statements = [
        _let(iam.AccountRootPrincipal(), [f"kms:{action}" for action in OF_ACCOUNT]),
        *(_let(iam.ServicePrincipal(f"{name}.amazonaws.com"), [READ, WRITE], of_account) for name in SENDERS),
        _let(iam.ServicePrincipal("events.amazonaws.com"), [READ, WRITE]),  # EventBridge says nothing of the account when it uses a key
        _let(
            iam.ServicePrincipal(f"logs.{Aws.REGION}.amazonaws.com"),
            [f"kms:{action}" for action in OF_LOGS],
            {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
        ),
    ]
    key = kms.Key(
        stack,
        "Key",
        description=f"What {settings.name} keeps",
        enable_key_rotation=True,
        pending_window=Duration.days(30),
        removal_policy=data_removal_policy(settings),
        policy=iam.PolicyDocument(statements=statements),
    )
    return key.key_arn


def _let(who: iam.IPrincipal, actions: Sequence[str], conditions: Mapping[str, object] | None = None) -> iam.PolicyStatement:
    return iam.PolicyStatement(principals=[who], actions=list(actions), resources=["*"], conditions=conditions)  # "*" is the key itself
