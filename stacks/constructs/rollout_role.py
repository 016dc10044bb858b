"""CloudFormation's role during a rollout: it may replace the model behind one endpoint, and nothing else."""

from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from deployment.settings import Settings
from deployment.stages import stack_name
from stacks.constructs.acknowledge import INLINE_POLICY, acknowledge
from stacks.constructs.encryption import volume_statements
from stacks.constructs.sagemaker import sagemaker_arn


def create_rollout_role(
    scope: Construct, settings: Settings, *, endpoint_stack: str, packages_arn: str, bootstrap_version_arn: str
) -> iam.Role:
    """Return the role.

    Args:    endpoint_stack: the stack that is updated.
             packages_arn: of the group's packages.
             bootstrap_version_arn: the parameter by which every CDK stack refuses an old toolkit; CloudFormation reads it at each update.
    """
    role = iam.Role(
        scope,
        "CloudFormationRole",
        assumed_by=iam.ServicePrincipal("cloudformation.amazonaws.com"),
        description=f"CloudFormation while it rolls a model out for {settings.name}",
    )
    endpoint = sagemaker_arn(scope, "endpoint", settings.endpoint_name)
    # Models and configurations have no fixed names: a named one could not be replaced. The stage's tag says which may be deleted.
    models, configs = sagemaker_arn(scope, "model", "*"), sagemaker_arn(scope, "endpoint-config", "*")
    of_stage = {"StringEquals": {"aws:ResourceTag/inferstack:stage": settings.stage}}
    storage = Stack.of(scope).format_arn(
        service="cloudformation", resource="stack", resource_name=f"{stack_name(settings.stage, 'Storage')}/*"
    )
    passed = f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:role/{endpoint_stack}-EndpointRole*"
    statements = [
        iam.PolicyStatement(actions=["sagemaker:CreateModel", "sagemaker:DescribeModel"], resources=[models]),
        iam.PolicyStatement(actions=["sagemaker:DescribeModelPackage"], resources=[packages_arn]),
        iam.PolicyStatement(actions=["sagemaker:CreateEndpointConfig", "sagemaker:DescribeEndpointConfig"], resources=[configs]),
        iam.PolicyStatement(actions=["sagemaker:AddTags", "sagemaker:ListTags"], resources=[models, configs, endpoint]),
        iam.PolicyStatement(actions=["sagemaker:DescribeEndpoint"], resources=[endpoint]),
        iam.PolicyStatement(actions=["sagemaker:UpdateEndpoint"], resources=[endpoint, configs]),
        iam.PolicyStatement(actions=["sagemaker:DeleteModel"], resources=[models], conditions=of_stage),
        iam.PolicyStatement(actions=["sagemaker:DeleteEndpointConfig"], resources=[configs], conditions=of_stage),
        iam.PolicyStatement(
            actions=["iam:PassRole"], resources=[passed], conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
        ),
        # The template refers to that stack's outputs, and every update resolves them anew.
        iam.PolicyStatement(actions=["cloudformation:DescribeStacks"], resources=[storage]),
        # CloudFormation may read anew what an attribute of the model's properties stands for: its role's ARN.
        iam.PolicyStatement(actions=["iam:GetRole"], resources=[passed]),
        iam.PolicyStatement(actions=["ssm:GetParameters"], resources=[bootstrap_version_arn]),
    ]
    if not settings.is_serverless:
        # SageMaker's documentation leaves open whose role reads the alarms that roll a deployment back: this one, or the model's.
        alarms = f"arn:{Aws.PARTITION}:cloudwatch:{Aws.REGION}:{Aws.ACCOUNT_ID}:alarm:{endpoint_stack}-*"
        statements.append(iam.PolicyStatement(actions=["cloudwatch:DescribeAlarms"], resources=[alarms]))
    if settings.is_volume_encrypted:
        statements += volume_statements(scope)
    for statement in statements:
        role.add_to_policy(statement)
    acknowledge(
        role,
        {
            "IAM5": "no action is a wildcard; in a resource it stands for names that CloudFormation chooses",
            INLINE_POLICY: "the policy is for this role alone, and goes with it",
        },
    )
    return role
