"""A log group whose entries expire."""

from typing import cast

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct

from deployment.settings import Settings
from stacks.constructs.acknowledge import LOG_KEY, acknowledge
from stacks.constructs.removal_policy import data_removal_policy


def create_log_group(
    scope: Construct, id_: str, settings: Settings, *, name: str | None = None, removal_policy: RemovalPolicy | None = None
) -> logs.LogGroup:
    """Return a log group whose entries are kept for as long as the settings say.

    Args:    name: only where AWS dictates it.
             removal_policy: from the settings when left out; a named group must go with its stack, or a later stack could not create it.
    """
    # CDK offers an enumeration of days; CloudFormation takes the number.
    group = logs.LogGroup(scope, id_, log_group_name=name, removal_policy=removal_policy or data_removal_policy(settings))
    cast(logs.CfnLogGroup, group.node.default_child).retention_in_days = settings.log_retention_days
    acknowledge(group, {LOG_KEY: "no line holds what people sent; CloudWatch encrypts it with a key of its own"})
    return group
