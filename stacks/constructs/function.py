"""A Lambda function whose role has the given statements only: CDK's grants cannot add to it."""

from collections.abc import Sequence
from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from deployment.bundle import function_bundle, locate
from deployment.settings import Settings
from functions.shared.environment import write_environment
from stacks.constructs.acknowledge import acknowledge
from stacks.constructs.log_group import create_log_group

ARCHITECTURE = {"arm64": lambda_.Architecture.ARM_64, "x86_64": lambda_.Architecture.X86_64}


class Function(Construct):
    """A function of lambda/functions/, from its bundle, that writes to its own log group and does only what `allow` says.

    Args:    function: its name, which is its folder's.
             config: the dataclass that it reads from its environment.
             allow: the statements of its role, beside its logs.
             timeout_s, memory_mb: the settings' for functions behind the API when left out.

    name, function
    """

    name: str
    function: lambda_.Function

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
    ) -> None:
        super().__init__(scope, name)
        self.name = function
        bundle = function_bundle(settings, function)
        group = create_log_group(self, "Logs", settings)
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"), description=f"The {function} function")
        # The group's ARN ends in ":*", its streams: the only wildcard a function's role has.
        write = iam.PolicyStatement(actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[group.log_group_arn])
        for statement in (write, *allow):
            role.add_to_policy(statement)
        acknowledge(
            role,
            {"IAM5": "no action is a wildcard; in a resource it stands for objects under a prefix, or for names known only at run time"},
        )
        self.function = lambda_.Function(
            self,
            "Function",
            code=lambda_.Code.from_asset(str(locate(bundle))),
            handler=bundle.handler,
            runtime=lambda_.Runtime(f"python{bundle.python}", lambda_.RuntimeFamily.PYTHON),
            architecture=ARCHITECTURE[bundle.architecture],
            memory_size=memory_mb or settings.function_memory_mb,
            timeout=Duration.seconds(timeout_s or settings.function_timeout_s),
            environment=write_environment(config),
            role=role.without_policy_updates(),
            log_group=group,
            description=f"{Stack.of(self).stack_name}: {function}",
        )
        self.function.node.add_dependency(role)
        acknowledge(self.function, {"L1": "the settings' version, which the bundle was built for"})
