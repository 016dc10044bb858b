"""The model package group, and what brings its newest approved package to the endpoint: event → queue → function → CloudFormation."""

from collections.abc import Sequence
from math import ceil

from aws_cdk import CfnOutput, DefaultStackSynthesizer, Duration, RemovalPolicy, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from deployment.settings import Settings
from functions.rollout.config import Config
from stacks.constructs.acknowledged import acknowledge
from stacks.constructs.function import Function
from stacks.constructs.rollout_role import rollout_role

KEPT = Duration.days(14)  # the most a queue keeps
LOOK_S = 60  # the function's time; it asks AWS five times
LONGEST_ROLLOUT_S = 4500  # an hour, the most a deployment may take, and what CloudFormation does around it
MOST_RECEIVES = 1000  # SQS's limit
MEMORY_MB = 256


class Registry(Construct):
    """The group, its queues and the function that follows each rollout to its end.

    It knows the endpoint's stack by its name alone, so neither holds the other's updates back.

    dead_letters what was followed in vain
    function     for its metrics
    """

    dead_letters: sqs.Queue
    function: lambda_.Function

    def __init__(self, scope: Construct, name: str, *, settings: Settings, endpoint_stack: str) -> None:
        super().__init__(scope, name)
        self._settings, self._endpoint_stack = settings, endpoint_stack
        group = sagemaker.CfnModelPackageGroup(
            self,
            "Group",
            model_package_group_name=settings.model_group,
            model_package_group_description=f"Models of {settings.endpoint_name}: the newest approved one serves",
        )
        # SageMaker removes a group only when it is empty, so no version is lost by destroying the stack.
        group.apply_removal_policy(RemovalPolicy.RETAIN if settings.retain_data else RemovalPolicy.DESTROY)
        self.dead_letters = sqs.Queue(
            self, "DeadLetters", encryption=sqs.QueueEncryption.SQS_MANAGED, enforce_ssl=True, retention_period=KEPT
        )
        acknowledge(self.dead_letters, {"SQS3": "this is the dead-letter queue"})
        self._queue = sqs.Queue(
            self,
            "Queue",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=KEPT,
            visibility_timeout=Duration.seconds(LOOK_S),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=receives(settings.rollout_poll_s)),
        )
        self.function = self._function()
        events.Rule(
            self,
            "Changes",
            description=f"A version of {settings.model_group} was registered, approved or rejected",
            event_pattern=events.EventPattern(
                source=["aws.sagemaker"],
                detail_type=["SageMaker Model Package State Change"],
                detail={"ModelPackageGroupName": [settings.model_group]},
            ),
            targets=[targets.SqsQueue(self._queue, dead_letter_queue=self.dead_letters)],
        )
        CfnOutput(self, "ModelPackageGroupName", value=settings.model_group).override_logical_id("ModelPackageGroupName")

    def _function(self) -> lambda_.Function:
        settings = self._settings
        group, packages = self._arn("model-package-group", settings.model_group), self._arn("model-package", f"{settings.model_group}/*")
        bootstrap_version = self._bootstrap_version_arn()
        role = rollout_role(
            self, settings, endpoint_stack=self._endpoint_stack, packages_arn=packages, bootstrap_version_arn=bootstrap_version
        )
        function = Function(
            self,
            "Rollout",
            settings=settings,
            function="rollout",
            config=Config(
                model_group=settings.model_group,
                stack_name=self._endpoint_stack,
                stack_role_arn=role.role_arn,
                queue_url=self._queue.queue_url,
                poll_s=settings.rollout_poll_s,
            ),
            allow=[
                iam.PolicyStatement(actions=["sagemaker:ListModelPackages"], resources=[group, packages]),
                iam.PolicyStatement(actions=["sagemaker:DescribeModelPackage", "sagemaker:UpdateModelPackage"], resources=[packages]),
                *self._stack_statements(role),
                iam.PolicyStatement(actions=["ssm:GetParameters"], resources=[bootstrap_version]),
                iam.PolicyStatement(
                    actions=["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"],
                    resources=[self._queue.queue_arn],
                ),
            ],
            timeout_s=LOOK_S,
            memory_mb=MEMORY_MB,
        ).function
        lambda_.EventSourceMapping(
            self, "Source", target=function, event_source_arn=self._queue.queue_arn, batch_size=1, report_batch_item_failures=True
        )
        return function

    def _stack_statements(self, role: iam.Role) -> Sequence[iam.PolicyStatement]:
        """Return what the function may do with the endpoint's stack: look, and update it as the role, never as who deployed it."""
        stack = Stack.of(self).format_arn(service="cloudformation", resource="stack", resource_name=f"{self._endpoint_stack}/*")
        return [
            iam.PolicyStatement(actions=["cloudformation:DescribeStacks", "cloudformation:DescribeStackEvents"], resources=[stack]),
            iam.PolicyStatement(
                actions=["cloudformation:UpdateStack"],
                resources=[stack],
                conditions={"StringEquals": {"cloudformation:RoleArn": role.role_arn}},
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

    def _arn(self, resource: str, name: str) -> str:
        return Stack.of(self).format_arn(service="sagemaker", resource=resource, resource_name=name)


def receives(poll_s: int) -> int:
    """Return how often a message may be received: enough to follow the longest rollout, and one that waits for it."""
    return min(MOST_RECEIVES, 2 * ceil(LONGEST_ROLLOUT_S / poll_s))
