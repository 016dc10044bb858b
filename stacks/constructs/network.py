"""The settings' VPC, if they name one: functions and SageMaker's machines have their network interfaces in its subnets."""

from collections.abc import Sequence
from typing import cast

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from deployment.settings import Settings
from stacks.constructs.acknowledge import acknowledge

# What AWS asks of a role whose machines are in a VPC. Interfaces are named while they are created, and describing takes no resource.
OF_LAMBDA = (
    *("ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"),
    *("ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"),
)
OF_SAGEMAKER = (
    *("ec2:CreateNetworkInterface", "ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface"),
    *("ec2:DeleteNetworkInterfacePermission", "ec2:DescribeDhcpOptions", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups"),
    *("ec2:DescribeSubnets", "ec2:DescribeVpcs"),
)


def put_into_network(function: lambda_.Function, settings: Settings) -> None:
    """Put a function into the VPC, if there is one."""
    if settings.vpc:
        resource = cast(lambda_.CfnFunction, function.node.default_child)
        resource.vpc_config = lambda_.CfnFunction.VpcConfigProperty(
            subnet_ids=settings.subnets, security_group_ids=settings.security_groups
        )


def function_network_statements(settings: Settings) -> Sequence[iam.PolicyStatement]:
    """Return what lets Lambda create a function's network interfaces, and not the function's own code; nothing without a VPC."""
    if not settings.vpc:
        return []
    # Any function's code: only one has the role, and of a long name CloudFormation cuts the stack's.
    functions = f"arn:{Aws.PARTITION}:lambda:{Aws.REGION}:{Aws.ACCOUNT_ID}:function:*"
    return [
        iam.PolicyStatement(actions=list(OF_LAMBDA), resources=["*"]),
        iam.PolicyStatement(
            effect=iam.Effect.DENY,
            actions=list(OF_LAMBDA),
            resources=["*"],
            conditions={"ArnLike": {"lambda:SourceFunctionArn": functions}},
        ),
    ]


def allow_network(role: iam.Role, settings: Settings) -> None:
    """Let SageMaker create the network interfaces of the role's machines, if there is a VPC."""
    if settings.vpc:
        role.add_to_policy(iam.PolicyStatement(actions=list(OF_SAGEMAKER), resources=["*"]))
        _accept(role, "CKV_AWS_109", "CKV_AWS_111")
        acknowledge(role, {"IAM5[Resource::*]": "a network interface is named while it is created, and describing takes no resource"})


def accept_function_network(role: iam.Role, settings: Settings) -> None:
    """Say why a function's role may create network interfaces everywhere, if there is a VPC."""
    if settings.vpc:
        _accept(role, "CKV_AWS_111")


def _accept(role: iam.Role, *rules: str) -> None:
    reason = "AWS documents no narrower resource for the network interfaces that it creates as a role"
    acknowledge(role.node.find_child("DefaultPolicy"), {rules: reason})
