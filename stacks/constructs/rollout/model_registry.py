"""The rollout of the newest approved model package: event → queue → function → CloudFormation → endpoint."""

from collections.abc import Sequence
from math import ceil

from aws_cdk import DefaultStackSynthesizer, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from deployment.settings import Settings
from functions.rollout.config import Config
from stacks.constructs.acknowledge import SOURCE_DESTINATION, acknowledge
from stacks.constructs.alarms import create_alarm, waiting_messages, write_owner
from stacks.constructs.function import Function, QueueAlarm
from stacks.constructs.queues import QueuePair, wake_every
from stacks.constructs.rollout.role import create_rollout_role
from stacks.constructs.sagemaker import sagemaker_arn

TIMEOUT_S = 60  # of the function, which calls AWS six times
LONGEST_ROLLOUT_S = 4500  # an hour, the longest that a deployment may take, and what CloudFormation does before and after it
MOST_RECEIVES = 1000  # SQS's limit
MEMORY_MB = 256
ENDED_DEPLOYMENT = ("IN_SERVICE", "InService", "FAILED", "Failed")  # AWS's documents have both spellings of a status in an event


class ModelRegistry(Construct):
    """The queues of the group's events and the function that follows each rollout to its end.

    It knows the endpoint's stack by its name alone, so no export blocks the updates of either.

    alarms  on rollouts that failed, and the function's
    """

    alarms: list[cloudwatch.Alarm]

    def __init__(self, scope: Construct, name: str, *, settings: Settings, endpoint_stack: str, image_stack: str) -> None:
        super().__init__(scope, name)
        self._settings, self._endpoint_stack, self._image_stack = settings, endpoint_stack, image_stack
        self._queues = QueuePair(self, visibility_timeout_s=TIMEOUT_S, max_receives=count_receives(settings.rollout_poll_s))
        function = self._create_function()
        self._wake_after(
            "Changes",
            f"A version of {settings.model_group} was registered, approved or rejected",
            "SageMaker Model Package State Change",
            {"ModelPackageGroupName": [settings.model_group]},
        )
        # A deployment that SageMaker takes back without a word is no failure to CloudFormation: the function compares.
        self._wake_after(
            "EndpointChanges",
            f"A deployment of {settings.endpoint_name} has ended",
            "SageMaker Endpoint State Change",
            {"EndpointName": [settings.endpoint_name], "EndpointStatus": list(ENDED_DEPLOYMENT)},
        )
        wake_every(self, "LostEvents", Duration.days(1), self._queues, f"Looks whether {settings.endpoint_name} serves what is approved")
        self.alarms = self._create_alarms(function)

    def _wake_after(self, name: str, description: str, detail_type: str, detail: dict[str, list[str]]) -> None:
        """Send events of SageMaker to the function's queue."""
        events.Rule(
            self,
            name,
            description=description,
            event_pattern=events.EventPattern(source=["aws.sagemaker"], detail_type=[detail_type], detail=detail),
            targets=[targets.SqsQueue(self._queues.queue, dead_letter_queue=self._queues.dead_letters)],
        )

    def _create_alarms(self, function: Function) -> list[cloudwatch.Alarm]:
        stack, name = Stack.of(self), write_owner(self)
        waiting = waiting_messages(self._queues.dead_letters)
        return [
            create_alarm(stack, "RolloutDeadLetters", waiting, 0, f"{name}: rollouts wait in the dead-letter queue", at_once=True),
            *function.alarms,
        ]

    def _create_function(self) -> Function:
        settings = self._settings
        packages = sagemaker_arn(self, "model-package", f"{settings.model_group}/*")
        bootstrap_version = self._bootstrap_version_arn()
        role = create_rollout_role(
            self,
            settings,
            endpoint_stack=self._endpoint_stack,
            image_stack=self._image_stack,
            packages_arn=packages,
            bootstrap_version_arn=bootstrap_version,
        )
        function = Function(
            self,
            "Rollout",
            settings=settings,
            function="rollout",
            config=Config(
                model_group=settings.model_group,
                endpoint_name=settings.endpoint_name,
                stack_name=self._endpoint_stack,
                stack_role_arn=role.role_arn,
                queue_url=self._queues.queue.queue_url,
                poll_s=settings.rollout_poll_s,
            ),
            allow=[
                iam.PolicyStatement(actions=["sagemaker:ListModelPackages", "sagemaker:DescribeModelPackage"], resources=[packages]),
                # It takes an approval back; it gives none.
                iam.PolicyStatement(
                    actions=["sagemaker:UpdateModelPackage"],
                    resources=[packages],
                    conditions={"StringEquals": {"sagemaker:ModelApprovalStatus": "Rejected"}},
                ),
                iam.PolicyStatement(
                    actions=["sagemaker:DescribeEndpoint"], resources=[sagemaker_arn(self, "endpoint", settings.endpoint_name)]
                ),
                *self._stack_statements(role),
                iam.PolicyStatement(actions=["ssm:GetParameters"], resources=[bootstrap_version]),
                self._queues.consume_statement(),
            ],
            timeout_s=TIMEOUT_S,
            memory_mb=MEMORY_MB,
            queue_alarm=QueueAlarm("a rollout needs a person, or its function crashes", at_once=True),
        )
        source = lambda_.EventSourceMapping(
            self,
            "Source",
            target=function.function,
            event_source_arn=self._queues.queue.queue_arn,
            batch_size=1,
            report_batch_item_failures=True,
        )
        acknowledge(source, {SOURCE_DESTINATION: "only streams have one; what this queue gives up goes to its dead-letter queue"})
        return function

    def _stack_statements(self, role: iam.Role) -> Sequence[iam.PolicyStatement]:
        """Return what the function may do with the endpoint's stack: describe it, and update it with the given role and no other."""
        stack = Stack.of(self).format_arn(service="cloudformation", resource="stack", resource_name=f"{self._endpoint_stack}/*")
        return [
            iam.PolicyStatement(actions=["cloudformation:DescribeStacks", "cloudformation:DescribeStackEvents"], resources=[stack]),
            iam.PolicyStatement(
                actions=["cloudformation:UpdateStack"],
                resources=[stack],
                # No key of IAM tells the stack's own template from one in the request: what another one can do is what the role may.
                conditions={
                    "StringEquals": {"cloudformation:RoleArn": role.role_arn},
                    "Null": {"cloudformation:TemplateUrl": "true", "cloudformation:StackPolicyUrl": "true"},
                },
            ),
            iam.PolicyStatement(
                actions=["iam:PassRole"],
                resources=[role.role_arn],
                conditions={"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}},
            ),
        ]

    def _bootstrap_version_arn(self) -> str:
        qualifier = Stack.of(self).synthesizer.bootstrap_qualifier or DefaultStackSynthesizer.DEFAULT_QUALIFIER
        return Stack.of(self).format_arn(service="ssm", resource="parameter", resource_name=f"cdk-bootstrap/{qualifier}/version")


def count_receives(poll_s: int) -> int:
    """Return how often a message may be received: enough for the longest rollout, and for another that waits for it."""
    return min(MOST_RECEIVES, 2 * ceil(LONGEST_ROLLOUT_S / poll_s))
