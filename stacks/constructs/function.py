"""A Lambda function whose role has the given statements only: CDK's grants cannot add to it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from deployment.bundle import find_bundle, locate
from deployment.settings import Settings
from functions.shared.environment import write_environment
from stacks.constructs.acknowledge import (
    FUNCTION_CONCURRENCY,
    FUNCTION_DEAD_LETTERS,
    FUNCTION_KEY,
    FUNCTION_NETWORK,
    INLINE_POLICY,
    RUNTIME,
    TRACING,
    Rules,
    acknowledge,
)
from stacks.constructs.alarms import ERRORS_PER_MIN, PERIOD, create_alarm, write_owner
from stacks.constructs.encryption import find_key, use_statements
from stacks.constructs.log_group import create_log_group
from stacks.constructs.network import accept_function_network, function_network_statements, put_into_network

ALARMS = ERRORS, THROTTLES = "Errors", "Throttles"  # of a function behind the API, after its id
ARCHITECTURE = {"arm64": lambda_.Architecture.ARM_64, "x86_64": lambda_.Architecture.X86_64}


@dataclass(frozen=True, slots=True)
class QueueAlarm:
    """The alarm of a function behind a queue: on its first error, since nobody waits for its answer and sees one.

    Args:    text: what has happened.
             at_once: whether one minute with an error raises it.
    """

    text: str
    at_once: bool = False


class Function(Construct):
    """A function of lambda/functions/, from its bundle, that writes to its own log group and does only what `allow` says.

    Args:    function: its name, which is its folder's.
             config: the dataclass that it reads from its environment.
             allow: the statements of its role, beside its logs.
             timeout_s, memory_mb: the settings' for functions behind the API when left out.
             reserved: how many of it may run at once, which the account keeps free for it; 0 for no such limit and no such promise.
             queue_alarm: of a function behind a queue; when left out, the alarms are those of a function behind the API.

    name, function
    alarms  on its errors, and on its throttles unless a queue tries again
    """

    name: str
    function: lambda_.Function
    alarms: Sequence[cloudwatch.Alarm]

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        settings: Settings,
        function: str,
        config: Any,
        allow: Sequence[iam.PolicyStatement],
        timeout_s: int | None = None,
        memory_mb: int | None = None,
        reserved: int = 0,
        queue_alarm: QueueAlarm | None = None,
    ) -> None:
        super().__init__(scope, name)
        self.name = function
        bundle = find_bundle(settings, function)
        group = create_log_group(self, "Logs", settings)
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"), description=f"The {function} function")
        # The group's ARN ends in ":*", its streams: the only wildcard a function's role has.
        write = iam.PolicyStatement(actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[group.log_group_arn])
        # Lambda decrypts the environment by a grant, which does not outlive its role: the statement does.
        key, actions = find_key(self), {action for statement in allow for action in statement.actions}
        for statement in (
            write,
            *allow,
            *use_statements(self, actions, also=["lambda"]),
            *function_network_statements(settings),
            *([_trace_statement()] if settings.tracing else []),
        ):
            role.add_to_policy(statement)
        acknowledge(role, {INLINE_POLICY: "the policy is for this role alone, and goes with it"})
        if any(resource.endswith("*") for statement in allow for resource in statement.resources):
            acknowledge(role, {"IAM5": "no action is a wildcard; in a resource it stands for names that are known only at run time"})
        if settings.tracing or settings.vpc or any("*" in statement.resources for statement in allow):
            acknowledge(role, {"IAM5[Resource::*]": "X-Ray and statistics take no resource; a network interface is named while created"})
        accept_function_network(role, settings)
        self.function = lambda_.Function(
            self,
            "Function",
            code=lambda_.Code.from_asset(str(locate(bundle))),
            handler=bundle.handler,
            runtime=lambda_.Runtime(f"python{bundle.python}", lambda_.RuntimeFamily.PYTHON),
            architecture=ARCHITECTURE[bundle.architecture],
            memory_size=memory_mb or settings.function_memory_mb,
            timeout=Duration.seconds(timeout_s or settings.function_timeout_s),
            reserved_concurrent_executions=reserved or None,
            environment=write_environment(config),
            environment_encryption=key,
            role=role.without_policy_updates(),
            log_group=group,
            tracing=lambda_.Tracing.ACTIVE if settings.tracing else lambda_.Tracing.DISABLED,
            description=f"{Stack.of(self).stack_name}: {function}",
        )
        put_into_network(self.function, settings)
        self.function.node.add_dependency(role)
        acknowledge(self.function, _accept(settings, is_behind_queue=queue_alarm is not None, is_reserved=reserved > 0))
        if key is None:
            acknowledge(
                self.function,
                {FUNCTION_KEY: "Lambda encrypts its environment with a key of its own; only who may read its configuration sees it"},
            )
        self.alarms = list(self._create_alarms(write_owner(self), queue_alarm))

    def _create_alarms(self, project: str, queue_alarm: QueueAlarm | None) -> Iterator[cloudwatch.Alarm]:
        stack, id_, about = Stack.of(self), self.node.id, f"{project}: the {self.name} function"
        errors, throttles = self.function.metric_errors(period=PERIOD), self.function.metric_throttles(period=PERIOD)
        if queue_alarm is not None:
            yield create_alarm(stack, f"{id_}{ERRORS}", errors, 0, f"{project}: {queue_alarm.text}", at_once=queue_alarm.at_once)
            return
        yield create_alarm(stack, f"{id_}{ERRORS}", errors, ERRORS_PER_MIN, f"{about} crashes")
        yield create_alarm(stack, f"{id_}{THROTTLES}", throttles, ERRORS_PER_MIN, f"{about} is throttled")


def _trace_statement() -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=["xray:PutTraceSegments", "xray:PutTelemetryRecords"], resources=["*"])


def _accept(settings: Settings, *, is_behind_queue: bool, is_reserved: bool) -> dict[Rules, str]:
    """Return why a function is not as others' rules want it."""
    caller = "its queue has the dead-letter queue" if is_behind_queue else "API Gateway waits for the answer"
    reasons: dict[Rules, str] = {
        RUNTIME: "the settings' version, which the bundle was built for",
        FUNCTION_DEAD_LETTERS: f"{caller}; a dead-letter queue of Lambda's takes only what is invoked asynchronously",
    }
    if not is_reserved:
        limit = "the queue's source" if is_behind_queue else "the API's throttle"
        reasons[FUNCTION_CONCURRENCY] = f"{limit} is the limit; what is reserved is taken from all other functions of the account"
    if not settings.vpc:
        reasons[FUNCTION_NETWORK] = "it talks to AWS's services only, over TLS and signed, and nothing listens in it"
    if not settings.tracing:
        reasons[TRACING] = "the settings trace nothing in this stage"
    return reasons
