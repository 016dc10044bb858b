"""What an operator should hear of, and what rolls a deployment of the endpoint back."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from deployment.settings import Settings

if TYPE_CHECKING:
    from stacks.constructs.registry import Registry
    from stacks.constructs.uploads import Uploads

PERIOD = Duration.minutes(1)
MODEL_LATENCY_US = 1_000_000  # SageMaker measures in microseconds
API_LATENCY_MS = 3_000
OLDEST_UPLOAD_S = 900


def endpoint_alarms(scope: Construct, settings: Settings) -> list[cloudwatch.Alarm]:
    """Return the alarms on each variant's errors and latency. They name the endpoint, so they can exist before it."""
    alarms = []
    for variant in settings.variants:
        dimensions = {"EndpointName": settings.endpoint_name, "VariantName": variant.name}
        errors = metric("AWS/SageMaker", "Invocation5XXErrors", dimensions, "Sum")
        latency = metric("AWS/SageMaker", "ModelLatency", dimensions, "p99")
        alarms += [
            _alarm(
                scope, f"{variant.name}Errors", errors, 5, f"{settings.endpoint_name}: {variant.name} fails more than 5 requests a minute"
            ),
            _alarm(
                scope,
                f"{variant.name}Latency",
                latency,
                MODEL_LATENCY_US,
                f"{settings.endpoint_name}: {variant.name} takes over 1 s at p99",
            ),
        ]
    return alarms


def api_alarms(
    scope: Construct, settings: Settings, *, api: apigateway.HttpApi, functions: Mapping[str, lambda_.Function]
) -> list[cloudwatch.Alarm]:
    """Return the alarms on the API's errors and latency, and on its functions' errors and throttles."""
    dimensions = {"ApiId": api.api_id}
    name = f"inferstack-{settings.stage}"
    errors = metric("AWS/ApiGateway", "5xx", dimensions, "Sum")
    latency = metric("AWS/ApiGateway", "Latency", dimensions, "p99")
    return [
        _alarm(scope, "ApiErrors", errors, 5, f"{name}: the API answers 5xx more than 5 times a minute"),
        _alarm(scope, "ApiLatency", latency, API_LATENCY_MS, f"{name}: the API takes over 3 s at p99"),
        *(
            alarm
            for each, function in functions.items()
            for alarm in (
                _alarm(scope, f"{each.title()}Errors", function.metric_errors(period=PERIOD), 5, f"{name}: the {each} function crashes"),
                _alarm(
                    scope,
                    f"{each.title()}Throttles",
                    function.metric_throttles(period=PERIOD),
                    5,
                    f"{name}: the {each} function is throttled",
                ),
            )
        ),
    ]


def upload_alarms(scope: Construct, settings: Settings, uploads: "Uploads") -> list[cloudwatch.Alarm]:
    """Return the alarms on the upload path: what was tried in vain, what waits too long, a function that crashes."""
    name = f"inferstack-{settings.stage}"
    waiting = uploads.dead_letters.metric_approximate_number_of_messages_visible(period=PERIOD, statistic="Maximum")
    oldest = uploads.queue.metric_approximate_age_of_oldest_message(period=PERIOD, statistic="Maximum")
    crashes = uploads.function.metric_errors(period=PERIOD)
    return [
        _alarm(scope, "DeadLetters", waiting, 0, f"{name}: uploads wait in the dead-letter queue", at_once=True),
        _alarm(scope, "OldestUpload", oldest, OLDEST_UPLOAD_S, f"{name}: an upload has waited over {OLDEST_UPLOAD_S // 60} minutes"),
        _alarm(scope, "ProcessErrors", crashes, 0, f"{name}: the process_upload function crashes or runs out of time"),
    ]


def rollout_alarms(scope: Construct, settings: Settings, registry: "Registry") -> list[cloudwatch.Alarm]:
    """Return the alarms on rollouts: one that was followed in vain, and one that needs a person."""
    name = f"inferstack-{settings.stage}"
    waiting = registry.dead_letters.metric_approximate_number_of_messages_visible(period=PERIOD, statistic="Maximum")
    crashes = registry.function.metric_errors(period=PERIOD)
    return [
        _alarm(scope, "RolloutDeadLetters", waiting, 0, f"{name}: rollouts wait in the dead-letter queue", at_once=True),
        _alarm(scope, "RolloutErrors", crashes, 0, f"{name}: a rollout needs a person, or its function crashes", at_once=True),
    ]


def notify(scope: Construct, settings: Settings, alarms: Sequence[cloudwatch.Alarm]) -> None:
    """Send the alarms to the settings' address, if there is one."""
    if not settings.alarm_email:
        return
    topic = sns.Topic(scope, "Alarms", enforce_ssl=True)
    topic.add_subscription(subscriptions.EmailSubscription(settings.alarm_email))
    for alarm in alarms:
        alarm.add_alarm_action(actions.SnsAction(topic))


def metric(namespace: str, name: str, dimensions: dict[str, str], statistic: str) -> cloudwatch.Metric:
    """Return a metric of AWS's own, by the minute."""
    return cloudwatch.Metric(namespace=namespace, metric_name=name, dimensions_map=dimensions, statistic=statistic, period=PERIOD)


def _alarm(
    scope: Construct, id_: str, metric: cloudwatch.Metric, threshold: float, description: str, *, at_once: bool = False
) -> cloudwatch.Alarm:
    """Return an alarm that two of three minutes above the threshold raise, or a single one; no traffic is no trouble."""
    return cloudwatch.Alarm(
        scope,
        id_,
        metric=metric,
        threshold=threshold,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluation_periods=1 if at_once else 3,
        datapoints_to_alarm=1 if at_once else 2,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        alarm_description=description,
    )
