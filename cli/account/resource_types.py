"""Whether a region has every type of resource that a stage is made of. The page's stack is last, and its services are in fewest regions."""

from collections.abc import Iterator

from cli.finding import Finding
from deployment.settings import Settings

BUDGET = "AWS::Budgets::Budget"
_CHINA, _GOV = ("cn-north-1", "cn-northwest-1"), ("us-gov-east-1", "us-gov-west-1")
_WITHOUT_EVENT_APIS = ("ap-east-2", "ap-southeast-6", "mx-central-1", *_GOV)
_WITHOUT_ENDPOINTS = ("me-central-1", "us-gov-east-1")
# Regions that have AWS's training images, and of which nothing says which types they have.
UNKNOWN = (
    *("eu-isoe-west-1", "eusc-de-east-1", "me-south-1", "me-west-1"),
    *("us-iso-east-1", "us-isob-east-1", "us-isof-east-1", "us-isof-south-1"),
)
# Of the others, those without a type: a test compares with the schemas that CloudFormation publishes.
LACKED_IN = {
    "AWS::AppSync::Api": _WITHOUT_EVENT_APIS,
    "AWS::AppSync::ChannelNamespace": _WITHOUT_EVENT_APIS,
    BUDGET: (
        *("af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-3", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5"),
        *("ap-southeast-6", "ap-southeast-7", "ca-west-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "il-central-1"),
        *("me-central-1", "mx-central-1", *_GOV),
    ),
    "AWS::CloudFront::Distribution": _GOV,
    "AWS::CloudFront::OriginAccessControl": (*_CHINA, *_GOV),
    "AWS::CloudFront::ResponseHeadersPolicy": _GOV,
    "AWS::CodeBuild::Project": ("ap-east-2", "ca-west-1", "mx-central-1"),
    "AWS::Cognito::UserPool": _CHINA,
    "AWS::Cognito::UserPoolClient": _CHINA,
    "AWS::Cognito::UserPoolDomain": _CHINA,
    "AWS::Cognito::UserPoolGroup": _CHINA,
    "AWS::SageMaker::Endpoint": _WITHOUT_ENDPOINTS,
    "AWS::SageMaker::EndpointConfig": _WITHOUT_ENDPOINTS,
    "AWS::SageMaker::Model": _WITHOUT_ENDPOINTS,
    "AWS::SageMaker::ModelPackageGroup": ("ap-east-2", "ap-south-2", "ap-southeast-4", "ap-southeast-6", *_CHINA, "us-gov-east-1"),
    "AWS::SageMaker::NotebookInstance": _WITHOUT_ENDPOINTS,
}


def list_types(settings: Settings) -> Iterator[str]:
    """Yield those of LACKED_IN that the stage's templates have."""
    is_there = {
        "AWS::Budgets::": settings.monthly_budget_usd > 0,
        "AWS::CodeBuild::": settings.is_image_built,
        "AWS::Cognito::": settings.auth == "jwt",
        "AWS::SageMaker::NotebookInstance": settings.notebook,
    }
    for type_ in LACKED_IN:
        if all(wanted for prefix, wanted in is_there.items() if type_.startswith(prefix)):
            yield type_


def judge_resource_types(settings: Settings, region: str) -> Finding:
    """Return whether CloudFormation knows all of the stage's types in the region."""
    if region in UNKNOWN:
        ask = f"aws cloudformation describe-type --type RESOURCE --type-name AWS::AppSync::Api --region {region}"
        return Finding("resource types", False, f"not published for {region}", f"ask `{ask}` and for the others, or choose another region")
    lacked = [type_ for type_ in list_types(settings) if region in LACKED_IN[type_]]
    if not lacked:
        return Finding("resource types", True, f"{region} has all")
    fix = "leave monthly_budget_usd out, or choose another region" if lacked == [BUDGET] else "choose another region"
    return Finding("resource types", False, f"CloudFormation has no {', '.join(lacked)} in {region}", fix)
