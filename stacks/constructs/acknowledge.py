"""Accepted findings of cdk-nag's AwsSolutions rules, each with its reason, beside the construct they are about."""

from collections.abc import Mapping

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Record that the rules' findings on the construct are accepted.

    Args:    reasons: why, by the finding's short name, like S1 or IAM5[Resource::*].
    """
    notes = [Acknowledgment(id=f"AwsSolutions::AwsSolutions-{finding}", reason=reason) for finding, reason in reasons.items()]
    Validations.of(construct).acknowledge(*notes)
