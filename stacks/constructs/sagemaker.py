"""What the constructs of SageMaker resources share: ARNs, and roles that SageMaker assumes for this account only."""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Aws, CfnResource, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from deployment.settings import Settings
from stacks.constructs.acknowledge import INLINE_POLICY, acknowledge

MODEL, CONFIG = "model", "config"  # the kinds of resources that CloudFormation names
AS_PART_OF_CREATION = {"Null": {"sagemaker:TaggingAction": "false"}}  # tags are given to what is being created, and to nothing else


def sagemaker_arn(scope: Construct, resource: str, name: str) -> str:
    """Return the ARN of a SageMaker resource in the scope's account and region; SageMaker writes endpoints' names in lower case."""
    name = name.lower() if resource == "endpoint" else name
    return Stack.of(scope).format_arn(service="sagemaker", resource=resource, resource_name=name)


def _prefix(settings: Settings, kind: str) -> str:
    return f"inferstack{settings.stage}{kind}"


def name_by_stage(resource: CfnResource, settings: Settings, kind: str) -> None:
    """Begin the resource's logical id with the stage, in lower case, so that the name which CloudFormation makes of it says whose it is."""
    resource.override_logical_id(_prefix(settings, kind) + Stack.of(resource).get_logical_id(resource))


def generated_arn(scope: Construct, settings: Settings, kind: str) -> str:
    """Return the ARN of the stage's resources that `name_by_stage` named.

    Their names are the stack's, the logical id's beginning and something random. All of the pattern is in lower case, as names are in
    SageMaker's ARNs.
    """
    return sagemaker_arn(scope, {MODEL: "model", CONFIG: "endpoint-config"}[kind], f"*{_prefix(settings, kind)}*")


def create_sagemaker_role(scope: Construct, id_: str, description: str) -> iam.Role:
    """Return a role that SageMaker may assume, for this account only."""
    this_account = {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
    principal = iam.ServicePrincipal("sagemaker.amazonaws.com", conditions=this_account)
    role = iam.Role(scope, id_, assumed_by=principal, description=description)
    acknowledge(role, {INLINE_POLICY: "the policy is for this role alone, and goes with it"})
    return role


def allow(role: iam.Role, actions: Sequence[str], resources: Sequence[str], conditions: Mapping[str, Any] | None = None) -> None:
    """Let the role do the actions on the resources."""
    role.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=list(resources), conditions=conditions))


def allow_pull(role: iam.Role, repository_arn: str) -> None:
    """Let the role pull the images of an ECR repository, and no others."""
    allow(role, ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], [repository_arn])
    allow(role, ["ecr:GetAuthorizationToken"], ["*"])  # takes no resource


def allow_telemetry(role: iam.Role, log_group_arn: str, namespace: Mapping[str, Any]) -> None:
    """Let the role write to its log group, and metrics in a namespace.

    Args:    namespace: an operator of conditions and the value it compares, like {"StringEquals": "/aws/sagemaker/Endpoints"}.
    """
    allow(role, ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"], [log_group_arn])
    conditions = {operator: {"cloudwatch:namespace": value} for operator, value in namespace.items()}
    allow(role, ["cloudwatch:PutMetricData"], ["*"], conditions)  # takes no resource, so the namespace narrows it
