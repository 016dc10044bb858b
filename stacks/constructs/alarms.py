"""How alarms are created, and where they are sent. Each construct creates its own; its stack collects them."""

from collections.abc import Iterable

from aws_cdk import Aws, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct, IConstruct

from deployment.settings import Settings
from stacks.constructs.acknowledge import TOPIC_KEY, acknowledge
from stacks.constructs.encryption import find_key

PERIOD = Duration.minutes(1)
ERRORS_PER_MIN = 5  # more raise the alarm of what a request waits for


def create_alarm(
    scope: Construct, id_: str, metric: cloudwatch.Metric, threshold: float, description: str, *, at_once: bool = False
) -> cloudwatch.Alarm:
    """Return an alarm on a metric that is above a threshold in two of three minutes, or at once in one; missing data raises none.

    Its name is its stack's and its id, so that who reads it can say which alarm is meant, and a policy can name it.
    """
    return cloudwatch.Alarm(
        scope,
        id_,
        alarm_name=write_name(scope, id_),
        metric=metric,
        threshold=threshold,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluation_periods=1 if at_once else 3,
        datapoints_to_alarm=1 if at_once else 2,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        alarm_description=description,
    )


def list_names(alarms: Iterable[cloudwatch.Alarm]) -> list[str]:
    """Return the names of alarms, of any stack, as plain text."""
    return [write_name(alarm, alarm.node.id) for alarm in alarms]


def write_name(scope: IConstruct, id_: str) -> str:
    """Return the name of the alarm that has this id in the scope's stack."""
    return f"{Stack.of(scope).stack_name}-{id_}"


def write_owner(scope: IConstruct) -> str:
    """Return whose an alarm is, for its description: the stage's, or of another recipe than its first, as the stack's name says it."""
    return Stack.of(scope).stack_name.rpartition("-")[0].lower()


def aws_metric(namespace: str, name: str, dimensions: dict[str, str], statistic: str) -> cloudwatch.Metric:
    """Return a metric that AWS records by itself, by the minute."""
    return cloudwatch.Metric(namespace=namespace, metric_name=name, dimensions_map=dimensions, statistic=statistic, period=PERIOD)


def waiting_messages(queue: sqs.IQueue, label: str | None = None) -> cloudwatch.Metric:
    """Return how many messages wait in a queue."""
    return queue.metric_approximate_number_of_messages_visible(period=PERIOD, statistic="Maximum", label=label)


def oldest_message_s(queue: sqs.IQueue, label: str | None = None) -> cloudwatch.Metric:
    """Return the age of a queue's oldest message in seconds."""
    return queue.metric_approximate_age_of_oldest_message(period=PERIOD, statistic="Maximum", label=label)


def let_publish(topic: sns.Topic, service: str) -> None:
    """Let a service publish to the topic for this account."""
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal(service)],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
        )
    )


def notify(scope: Construct, settings: Settings, alarms: Iterable[cloudwatch.Alarm]) -> sns.Topic:
    """Send the alarms to a topic, and return it; what it gets goes to the settings' address, if there is one, and others can subscribe."""
    key = find_key(scope)
    topic = sns.Topic(scope, "Alarms", enforce_ssl=True, master_key=key)
    # A topic's own policy takes the place of SNS's default one, which lets the account's alarms publish.
    let_publish(topic, "cloudwatch.amazonaws.com")
    if key is None:
        acknowledge(
            topic, {TOPIC_KEY: "an alarm names a metric and no person; CloudWatch may not use the key that SNS has in each account"}
        )
    if settings.alarm_email:
        mail = topic.add_subscription(subscriptions.EmailSubscription(settings.alarm_email))
        acknowledge(mail, {"Serverless-SNSRedrivePolicy": "SNS tries a mail for six hours, and the alarm stays raised"})
    for alarm in alarms:
        alarm.add_alarm_action(actions.SnsAction(topic))
    return topic
