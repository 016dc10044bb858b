"""A Lambda function with a role written by hand: what it may do stands here, and nothing is added behind it."""

from collections.abc import Mapping, Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from deployment import bundle
from deployment.settings import Settings
from stacks.constructs.acknowledged import acknowledge
from stacks.constructs.log_group import log_group

ARCHITECTURE = {"arm64": lambda_.Architecture.ARM_64, "x86_64": lambda_.Architecture.X86_64}


class Function(Construct):
    """A function from its bundle, that writes to its own log group and does only what `allow` says.

    Args:    code: the bundle, built before.
             handler: module.function.
             environment: what its config reads.
             allow: the statements of its role, beside its logs.
             timeout_s, memory_mb: the settings' for functions behind the API when left out.
    """

    function: lambda_.Function

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        settings: Settings,
        code: bundle.Bundle,
        handler: str,
        environment: Mapping[str, str],
        allow: Sequence[iam.PolicyStatement],
        timeout_s: int | None = None,
        memory_mb: int | None = None,
    ) -> None:
        super().__init__(scope, name)
        group = log_group(self, "Logs", settings)
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"), description=f"The {code.function} function")
        # The group's ARN ends in ":*", its streams: the only wildcard a function's role has.
        write = iam.PolicyStatement(actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[group.log_group_arn])
        for statement in (write, *allow):
            role.add_to_policy(statement)
        acknowledge(
            role,
            {"IAM5": "no action is a wildcard; in a resource one stands for the objects under a prefix, or for names made while running"},
        )
        self.function = lambda_.Function(
            self,
            "Function",
            code=lambda_.Code.from_asset(str(bundle.built(code))),
            handler=handler,
            runtime=lambda_.Runtime(f"python{code.python}", lambda_.RuntimeFamily.PYTHON),
            architecture=ARCHITECTURE[code.architecture],
            memory_size=memory_mb or settings.function_memory_mb,
            timeout=Duration.seconds(timeout_s or settings.function_timeout_s),
            environment=dict(environment),
            role=role.without_policy_updates(),
            log_group=group,
            description=f"{Stack.of(self).stack_name}: {code.function}",
        )
        self.function.node.add_dependency(role)
        acknowledge(self.function, {"L1": "the settings' version, which the bundle was built for"})
