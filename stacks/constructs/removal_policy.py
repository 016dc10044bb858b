"""What happens to data when its stack is deleted."""

from aws_cdk import RemovalPolicy

from deployment.settings import Settings


def data_removal_policy(settings: Settings) -> RemovalPolicy:
    """Return the policy of resources with data: they are kept if the settings say so."""
    return RemovalPolicy.RETAIN if settings.retain_data else RemovalPolicy.DESTROY
