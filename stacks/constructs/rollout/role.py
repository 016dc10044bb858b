"""CloudFormation's role during a rollout: it may replace the model behind one endpoint, and nothing else."""

from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from deployment.settings import Settings
from deployment.stages import stack_name
from stacks.constructs.acknowledge import INLINE_POLICY, acknowledge
from stacks.constructs.conditions import Conditions
from stacks.constructs.encryption import volume_statements
from stacks.constructs.sagemaker import AS_PART_OF_CREATION, CONFIG, MODEL, generated_arn, sagemaker_arn

WHOLE_NAME = 64 - len("-ABCDEFGHIJKL")  # of a role: its stack, its logical id, and what CloudFormation adds
SURE_PART = 20


def name_endpoint_role(stack: str) -> str:
    """Return what the name of the endpoint's role is like. CloudFormation cuts a name that is too long, and AWS does not say where.

    So of a long one only the first characters of the stack and of the logical id are asked for: both stand in it wherever it is cut.
    """
    if len(f"{stack}-EndpointRole12345678") <= WHOLE_NAME:
        return f"{stack}-EndpointRole*"
    return f"{stack[:SURE_PART]}*-EndpointR*"


def create_rollout_role(
    scope: Construct, settings: Settings, *, endpoint_stack: str, image_stack: str, packages_arn: str, bootstrap_version_arn: str
) -> iam.Role:
    """Return the role.

    Args:    endpoint_stack: the stack that is updated.
             image_stack: the one whose output names the server's image; empty where that is the same.
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
    # Models and configurations have no fixed names: a named one could not be replaced. The stage is in the names that CloudFormation makes,
    # and a tag says which may be deleted.
    model, config = generated_arn(scope, settings, MODEL), generated_arn(scope, settings, CONFIG)
    tagged = {"StringEquals": {"aws:RequestTag/inferstack:stage": settings.stage}}
    of_stage = {"StringEquals": {"aws:ResourceTag/inferstack:stage": settings.stage}}
    read = [
        Stack.of(scope).format_arn(service="cloudformation", resource="stack", resource_name=f"{name}/*")
        for name in (stack_name(settings.stage, "Storage"), image_stack)
        if name
    ]
    passed = f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:role/{name_endpoint_role(endpoint_stack)}"
    statements = [
        iam.PolicyStatement(actions=["sagemaker:CreateModel"], resources=[model], conditions={**tagged, **_of_model(settings)}),
        iam.PolicyStatement(actions=["sagemaker:DescribeModel"], resources=[model]),
        iam.PolicyStatement(actions=["sagemaker:DescribeModelPackage"], resources=[packages_arn]),
        iam.PolicyStatement(
            actions=["sagemaker:CreateEndpointConfig"], resources=[config], conditions={**tagged, **_of_config(settings, model)}
        ),
        iam.PolicyStatement(actions=["sagemaker:DescribeEndpointConfig"], resources=[config]),
        iam.PolicyStatement(actions=["sagemaker:AddTags"], resources=[model, config], conditions=AS_PART_OF_CREATION),
        iam.PolicyStatement(actions=["sagemaker:ListTags"], resources=[model, config, endpoint]),
        iam.PolicyStatement(actions=["sagemaker:DescribeEndpoint"], resources=[endpoint]),
        iam.PolicyStatement(actions=["sagemaker:UpdateEndpoint"], resources=[endpoint, config]),
        iam.PolicyStatement(actions=["sagemaker:DeleteModel"], resources=[model], conditions=of_stage),
        iam.PolicyStatement(actions=["sagemaker:DeleteEndpointConfig"], resources=[config], conditions=of_stage),
        iam.PolicyStatement(
            actions=["iam:PassRole"], resources=[passed], conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
        ),
        # The template refers to those stacks' outputs, and every update resolves them anew.
        iam.PolicyStatement(actions=["cloudformation:DescribeStacks"], resources=read),
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


def _of_model(settings: Settings) -> Conditions:
    """Return what a model must be: on instances one that reaches no network, as the stage's are."""
    return {} if settings.is_serverless else {"Bool": {"sagemaker:NetworkIsolation": "true"}}


def _of_config(settings: Settings, model: str) -> Conditions:
    """Return what a configuration must be: of the stage's models, on the settings' instances or of the settings' size."""
    of_models = {"ForAllValues:ArnLike": {"sagemaker:ModelArn": model}}
    if not settings.is_serverless:
        return {**of_models, "ForAllValues:StringEquals": {"sagemaker:InstanceTypes": [settings.endpoint_instance_type]}}
    most = {
        "sagemaker:ServerlessMemorySize": settings.endpoint_memory_mb,
        "sagemaker:ServerlessMaxConcurrency": settings.serverless_concurrency,
    }
    return {**of_models, "Null": {"sagemaker:InstanceTypes": "true"}, "ForAllValues:NumericLessThanEquals": most}
