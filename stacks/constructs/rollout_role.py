"""CloudFormation's role during a rollout: it may replace the model behind one endpoint, and nothing else."""

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from constructs import Construct

from deployment.settings import Settings
from stacks.constructs.acknowledge import acknowledge
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
    statements = [
        iam.PolicyStatement(actions=["sagemaker:CreateModel", "sagemaker:DescribeModelPackage"], resources=[models, packages_arn]),
        iam.PolicyStatement(actions=["sagemaker:CreateEndpointConfig"], resources=[configs, models]),
        iam.PolicyStatement(actions=["sagemaker:DescribeModel"], resources=[models]),
        iam.PolicyStatement(actions=["sagemaker:DescribeEndpointConfig"], resources=[configs]),
        iam.PolicyStatement(actions=["sagemaker:AddTags", "sagemaker:ListTags"], resources=[models, configs, endpoint]),
        iam.PolicyStatement(actions=["sagemaker:DescribeEndpoint"], resources=[endpoint]),
        iam.PolicyStatement(actions=["sagemaker:UpdateEndpoint"], resources=[endpoint, configs]),
        iam.PolicyStatement(actions=["sagemaker:DeleteModel"], resources=[models], conditions=of_stage),
        iam.PolicyStatement(actions=["sagemaker:DeleteEndpointConfig"], resources=[configs], conditions=of_stage),
        iam.PolicyStatement(
            actions=["iam:PassRole"],
            resources=[f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:role/{endpoint_stack}-EndpointRole*"],
            conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        ),
        # SageMaker reads the alarms that roll a deployment back with the role that started the deployment.
        iam.PolicyStatement(
            actions=["cloudwatch:DescribeAlarms"],
            resources=[f"arn:{Aws.PARTITION}:cloudwatch:{Aws.REGION}:{Aws.ACCOUNT_ID}:alarm:{endpoint_stack}-*"],
        ),
        iam.PolicyStatement(actions=["ssm:GetParameters"], resources=[bootstrap_version_arn]),
    ]
    for statement in statements:
        role.add_to_policy(statement)
    acknowledge(role, {"IAM5": "no action is a wildcard; in a resource it stands for names that CloudFormation chooses"})
    return role
