"""A log group whose entries expire."""

from typing import cast

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct

from deployment.settings import Settings
from stacks.constructs.acknowledge import LOG_KEY, acknowledge
from stacks.constructs.encryption import find_key
from stacks.constructs.removal_policy import data_removal_policy


def create_log_group(
    scope: Construct, id_: str, settings: Settings, *, name: str | None = None, removal_policy: RemovalPolicy | None = None
) -> logs.LogGroup:
    """Return a log group whose entries are kept for as long as the settings say.

    Args:    name: only where AWS dictates it, or its beginning.
             removal_policy: from the settings when left out; a group whose name a later stack would have too must go with its stack.
    """
    # CDK offers an enumeration of days; CloudFormation takes the number.
    key, removal = find_key(scope), removal_policy or data_removal_policy(settings)
    group = logs.LogGroup(scope, id_, log_group_name=name, removal_policy=removal, encryption_key=key)
    cast(logs.CfnLogGroup, group.node.default_child).retention_in_days = settings.log_retention_days
    if key is None:
        acknowledge(group, {LOG_KEY: "no line holds what people sent; CloudWatch encrypts it with a key of its own"})
    return group
