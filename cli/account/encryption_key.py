"""Whether a deployed stage keeps the key that its data is encrypted with: what another key encrypted, its roles could no longer read."""

from typing import Any

from cli.finding import Finding
from cli.stage.aws import AwsFailed, translate_aws_errors
from cli.stage.stacks import StageStack
from deployment.settings import Settings

NAME, CREATE = "encryption key", "create"


def read_key(s3: Any, bucket: str) -> str:
    """Return the key of KMS that a bucket encrypts with; empty where S3 has one of its own.

    Raises:  AwsFailed
    """
    try:
        with translate_aws_errors():
            rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    except AwsFailed as error:
        if error.aws_code == "ServerSideEncryptionConfigurationNotFoundError":
            return ""
        raise
    return str(rules[0]["ApplyServerSideEncryptionByDefault"].get("KMSMasterKeyID", ""))


def judge_key(settings: Settings, storage: StageStack, key: str) -> Finding:
    """Return whether a deploy leaves the key as it is.

    Args:    storage: the stack with the data.
             key: what its bucket encrypts with now; empty for S3's own.
    """
    is_created = any(each.kind == "AWS::KMS::Key" and key.endswith(each.id) for each in storage.resources)
    now = CREATE if is_created else key
    if not now or now == settings.encryption_key:
        return Finding(NAME, True, f"stays {key}" if key else "the data that is there has none of KMS's")
    found = f"what is there is encrypted with {key}, which a stage with encryption_key={settings.encryption_key or 'none'} may not use"
    lost = ", and CloudFormation would schedule the key's deletion" if is_created and not settings.retain_data else ""
    return Finding(NAME, False, found + lost, f"keep -c encryption_key={now}, or copy the data away first")
