"""What others' rules find in the helpers that CDK and its libraries add to a stack: they run during a deployment, and for no caller."""

from collections.abc import Mapping

from aws_cdk import Stack
from constructs import IConstruct

from stacks.constructs.acknowledge import (
    FUNCTION_CONCURRENCY,
    FUNCTION_DEAD_LETTERS,
    FUNCTION_KEY,
    FUNCTION_NETWORK,
    INLINE_POLICY,
    LOG_KEY,
    RUNTIME,
    TRACING,
    Rules,
    acknowledge,
)

BUCKET_DEPLOYMENT, BUILD_TRIGGER, IMAGE_BUILD = "Custom::CDKBucketDeployment", "DeployTimeBuildCustomResourceHandler", "ContainerImageBuild"
MANAGED = "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/"

FUNCTION: Mapping[Rules, str] = {
    RUNTIME: "its library chooses the runtime, and brings a newer one with a newer version",
    FUNCTION_DEAD_LETTERS: "CloudFormation waits for its answer, and rolls the deployment back without one",
    FUNCTION_CONCURRENCY: "CloudFormation calls it once in a deployment",
    FUNCTION_NETWORK: "it answers CloudFormation, which is not in the network",
    TRACING: "CloudFormation calls it once in a deployment, and its log says what it did",
}
FUNCTION_ROLE: Mapping[Rules, str] = {
    f"{MANAGED}service-role/AWSLambdaBasicExecutionRole]": "its library gives it this policy, which allows to write a log",
    INLINE_POLICY: "the policy is for this role alone, and goes with it",
}
READ_ASSETS: Mapping[Rules, str] = {
    f"IAM5[Action::s3:{action}*]": "CDK grants reading by these; the template has the whole names of the actions (named_actions.py)"
    for action in ("GetBucket", "GetObject", "List")
}
OBJECTS: Mapping[Rules, str] = {"IAM5": "files are named after what is in them"}


def acknowledge_bucket_deployment(stack: Stack) -> None:
    """Say why the function that copies the page's files is as it is."""
    for function in _find(stack, BUCKET_DEPLOYMENT):
        acknowledge(function, {**FUNCTION, FUNCTION_KEY: "its environment holds the path of a program"})
        write: dict[Rules, str] = {
            f"IAM5[Action::s3:{action}*]": "CDK grants writing by these; the template has the whole names (named_actions.py)"
            for action in ("Abort", "DeleteObject")
        }
        acknowledge(function.node.find_child("ServiceRole"), {**FUNCTION_ROLE, **READ_ASSETS, **write, **OBJECTS})


def acknowledge_image_build(stack: Stack) -> None:
    """Say why the project that builds the server's image, and the function that starts it, are as they are."""
    for function in _find(stack, BUILD_TRIGGER):
        acknowledge(function, {**FUNCTION, "Serverless-LambdaDefaultMemorySize": "it starts a build and ends: the least memory is enough"})
        acknowledge(function.node.find_child("ServiceRole"), FUNCTION_ROLE)
        acknowledge(function.node.find_child("LogGroup"), {LOG_KEY: "it holds which build was started"})
    for project in _find(stack, IMAGE_BUILD):
        acknowledge(project, {"CB4": "it keeps no artefact: the image goes to the repository"})
        reasons: dict[Rules, str] = {
            f"{MANAGED}AmazonElasticContainerRegistryPublicReadOnly]": "the base image is in the public registry",
            "IAM5[Resource::*]": "a registry's token takes no resource",
            INLINE_POLICY: "the policy is for this role alone, and goes with it",
        }
        acknowledge(project.node.find_child("Role"), {**reasons, **READ_ASSETS, **OBJECTS})


def _find(stack: Stack, prefix: str) -> list[IConstruct]:
    return [child for child in stack.node.children if child.node.id.startswith(prefix)]
