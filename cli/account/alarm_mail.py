"""Whether somebody gets the alarms: an address gets none before it confirms, by the link in AWS's mail."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cli.finding import Finding
from cli.stage.aws import translate_aws_errors
from cli.stage.stacks import StageStack

TOPIC = "AWS::SNS::Topic"
UNCONFIRMED = {"PendingConfirmation", "Deleted"}


def list_alarm_topics(stacks: Mapping[str, StageStack]) -> list[str]:
    """Return the ARNs of the topics that alarms go to."""
    resources = (resource for state in stacks.values() for resource in state.resources)
    return [each.id for each in resources if each.kind == TOPIC and each.logical_id.startswith("Alarms")]


def read_subscriptions(sns: Any, topics: Iterable[str]) -> list[tuple[str, str, str]]:
    """Return the subscriptions of topics: each with its topic, its address and its ARN, which says whether it is confirmed.

    Raises:  AwsFailed
    """
    with translate_aws_errors():
        return [
            (topic, each["Endpoint"], each["SubscriptionArn"])
            for topic in topics
            for page in sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
            for each in page["Subscriptions"]
        ]


def judge_alarm_mail(email: str, topics: Sequence[str], subscriptions: Iterable[tuple[str, str, str]]) -> Finding:
    """Return whether every topic of the stage has an address that has confirmed it."""
    subscriptions = list(subscriptions)
    if not email and not subscriptions:
        return Finding("alarm mail", True, "no address: nobody gets the alarms (-c alarm_email=…)")
    if not topics:
        return Finding("alarm mail", True, f"{email}, which has to confirm by a link that AWS mails")
    confirmed = {topic for topic, _, arn in subscriptions if arn not in UNCONFIRMED}
    waiting = [topic for topic in topics if topic not in confirmed]
    if not waiting:
        return Finding("alarm mail", True, "confirmed")
    addresses = ", ".join(sorted({address for topic, address, _ in subscriptions if topic in waiting})) or email or "nobody"
    again = f"aws sns subscribe --protocol email --notification-endpoint {addresses} --topic-arn {waiting[0]}"
    found = f"{addresses} has not confirmed {len(waiting)} of {len(topics)} topics, so their alarms reach nobody"
    return Finding("alarm mail", False, found, f"follow the link in AWS's mails; after two days ask for a new one: {again}")
