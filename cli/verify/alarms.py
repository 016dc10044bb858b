"""Whether an alarm reaches somebody: none is raised, each has an action, its topic lets CloudWatch publish, and somebody listens."""

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from cli.stage.aws import translate_aws_errors
from cli.verify.check import Check, CheckSkipped, require
from cli.verify.deployment import Deployment

CLOUDWATCH = "cloudwatch.amazonaws.com"
AWS_KEY = "alias/aws/sns"  # its policy cannot be changed, and does not let CloudWatch in


def list_checks() -> list[Check]:
    """Return the checks."""
    return [
        Check("alarms", "none is raised", check_states, "docs/operating.md says where each alarm is explained"),
        Check("alarms", "topic lets CloudWatch publish", check_topics, "allow cloudwatch.amazonaws.com sns:Publish in the topic's policy"),
        Check("alarms", "somebody listens", check_subscriptions, "open the mail of AWS Notifications and confirm the subscription"),
    ]


def check_states(deployment: Deployment) -> str:
    """Look at the state of each alarm."""
    alarms = _read_alarms(deployment)
    require(alarms, "the stage has no alarm")
    raised = [each["AlarmName"] for each in alarms if each["StateValue"] == "ALARM"]
    require(not raised, f"raised: {', '.join(raised)}")
    return f"{len(alarms)} alarms, none raised"


def check_topics(deployment: Deployment) -> str:
    """Look at the policy and the key of each topic that an alarm names."""
    sns, topics = deployment.clients("sns"), _find_topics(deployment)
    for topic, alarm in topics.items():
        with translate_aws_errors():
            attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
        require(may_publish(json.loads(attributes["Policy"]), topic, alarm), f"the policy of {topic} does not let CloudWatch publish")
        require(attributes.get("KmsMasterKeyId", "") != AWS_KEY, f"{topic} is encrypted with {AWS_KEY}, which CloudWatch may not use")
    return f"{len(topics)} {'topic takes' if len(topics) == 1 else 'topics take'} CloudWatch's messages"


def check_subscriptions(deployment: Deployment) -> str:
    """Look for a confirmed subscription of each topic."""
    sns = deployment.clients("sns")
    with translate_aws_errors():
        found = {topic: sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] for topic in _find_topics(deployment)}
    if not any(found.values()):
        raise CheckSkipped("nobody has subscribed to the alarms: deploy with -c alarm_email=… to get mail")
    for topic, subscriptions in found.items():
        confirmed = [each for each in subscriptions if each["SubscriptionArn"].startswith("arn:")]
        waiting = [str(each["Endpoint"]) for each in subscriptions if each not in confirmed]
        require(confirmed, f"nobody listens to {topic}; not confirmed: {', '.join(waiting) or 'nobody'}")
    return "each topic has a confirmed subscription"


def may_publish(policy: Mapping[str, Any], topic: str, alarm: str) -> bool:
    """Return whether a topic's policy lets CloudWatch publish for an alarm of its account, over TLS: an allow, and no deny.

    Args:    topic, alarm: their ARNs.
    """
    account = alarm.split(":")[4]
    context = {"aws:SecureTransport": "true", "aws:SourceAccount": account, "AWS:SourceOwner": account, "aws:SourceArn": alarm}
    effects = {each["Effect"] for each in policy.get("Statement", []) if _applies(each, topic, context)}
    return effects == {"Allow"}


def _applies(statement: Mapping[str, Any], topic: str, context: Mapping[str, str]) -> bool:
    return (
        _is_about_cloudwatch(statement.get("Principal", {}))
        and any(fnmatchcase("sns:publish", action.lower()) for action in _list(statement.get("Action", [])))
        and any(fnmatchcase(topic, resource) for resource in _list(statement.get("Resource", [])))
        and all(
            _holds(operator, key, _list(expected), context)
            for operator, conditions in statement.get("Condition", {}).items()
            for key, expected in conditions.items()
        )
    )


def _is_about_cloudwatch(principal: Any) -> bool:
    if principal == "*":
        return True
    # SNS's default statement names every AWS principal: it is how services publish where no other policy is.
    return CLOUDWATCH in _list(principal.get("Service", [])) or "*" in _list(principal.get("AWS", []))


def _holds(operator: str, key: str, expected: list[str], context: Mapping[str, str]) -> bool:
    """Return whether a condition holds; what is not known here does not."""
    known = {name.lower(): value for name, value in context.items()}
    value = known.get(key.lower())
    if value is None:
        return False
    if operator == "Bool":
        return value in [str(each).lower() for each in expected]
    if operator in {"StringEquals", "ArnEquals"} or operator.endswith("Like"):
        return any(fnmatchcase(value, each) for each in expected)
    return False


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _find_topics(deployment: Deployment) -> dict[str, str]:
    """Return the topics that alarms name, each with an alarm."""
    topics = {action: alarm["AlarmArn"] for alarm in _read_alarms(deployment) for action in alarm["AlarmActions"] if ":sns:" in action}
    require(topics, "no alarm has a topic")
    return topics


def _read_alarms(deployment: Deployment) -> list[dict[str, Any]]:
    names = deployment.list_resources("AWS::CloudWatch::Alarm")
    return [alarm for part in _split(names, 100) for alarm in _describe(deployment, part)]


def _describe(deployment: Deployment, names: list[str]) -> list[dict[str, Any]]:
    with translate_aws_errors():
        alarms: list[dict[str, Any]] = deployment.clients("cloudwatch").describe_alarms(AlarmNames=names, MaxRecords=100)["MetricAlarms"]
    return alarms


def _split(names: list[str], size: int) -> Iterator[list[str]]:
    return (names[start : start + size] for start in range(0, len(names), size))
