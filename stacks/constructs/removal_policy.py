"""What happens to data when its stack is deleted."""

from aws_cdk import RemovalPolicy

from deployment.settings import Settings


def data_removal_policy(settings: Settings) -> RemovalPolicy:
    """Return the policy of resources with data: they are kept if the settings say so.

    Not those of a first deployment that is rolled back, which hold nothing yet: one with a name would be in the way of the next.
    """
    return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if settings.retain_data else RemovalPolicy.DESTROY
