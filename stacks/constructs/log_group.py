"""A log group that forgets."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct

from deployment.settings import Settings


def log_group(
    scope: Construct, id_: str, settings: Settings, *, name: str | None = None, removal_policy: RemovalPolicy | None = None
) -> logs.LogGroup:
    """Return a log group kept for as long as the settings say.

    Args:    name: only where AWS dictates it.
             removal_policy: the settings' when left out; a named group cannot be kept, since a later stack could not create it again.
    """
    kept = RemovalPolicy.RETAIN if settings.retain_data else RemovalPolicy.DESTROY
    # CDK's enumeration stands for the number of days: set where CloudFormation takes the number.
    group = logs.LogGroup(scope, id_, log_group_name=name, removal_policy=removal_policy or kept)
    group.node.default_child.retention_in_days = settings.log_retention_days  # type: ignore[union-attr]
    return group
