"""Who asks AWS, and in which region."""

from collections.abc import Mapping

from cli.finding import Finding
from deployment.settings import Settings


def judge_region(settings: Settings, environment: Mapping[str, str], configured: str | None) -> Finding:
    """Return which region a deploy goes to, and whether all that reads the environment agrees on it.

    Args:    configured: what boto3 finds by itself, in AWS_DEFAULT_REGION or the profile; it does not read AWS_REGION, which cdk obeys.
    """
    asked, fix = environment.get("AWS_REGION"), "set AWS_REGION and AWS_DEFAULT_REGION, or `aws configure set region …`"
    if settings.region:
        return Finding("region", True, f"{settings.region}, by -c region")
    if not asked and not configured:
        return Finding("region", False, "none; cdk would take us-east-1", fix)
    if asked and configured and asked != configured:
        found = f"AWS_REGION is {asked}, which cdk and this command obey; AWS_DEFAULT_REGION or the profile says {configured}"
        return Finding("region", False, found, "let both name one region: programs with boto3 read only the second")
    return Finding("region", True, asked or configured or "")


def judge_identity(account: str, arn: str, settings: Settings) -> Finding:
    """Return whose credentials these are, and whether they are of the account that is deployed to."""
    if settings.account and settings.account != account:
        return Finding("identity", False, f"{arn} of {account}", f"use credentials of {settings.account}, which -c account names")
    return Finding("identity", True, f"{arn} of {account}")
