"""AWS's training images, as a template has them."""

import re
from typing import Any

import pytest

from deployment.training_regions import ACCOUNTS
from recipes.errors import InvalidSettings
from tests.infra.conftest import as_list


def stack_in(region: str | None = None) -> Any:
    """Return a stack for a region, or for whichever it will be deployed to."""
    import aws_cdk as cdk

    return cdk.Stack(cdk.App(), "Any", env=cdk.Environment(region=region))


def images_of(stack: Any) -> Any:
    from stacks.constructs.training_images import TrainingImages

    return TrainingImages(stack, "Images")


def template_of(stack: Any) -> dict[str, Any]:
    from aws_cdk.assertions import Template

    return dict(Template.from_stack(stack).to_json())


def deployed(value: Any, template: dict[str, Any], region: str, suffix: str) -> str:
    """Return the text that CloudFormation makes of a value, in a region whose addresses end in suffix."""
    if isinstance(value, str):
        return value
    ((kind, argument),) = value.items()
    if kind == "Ref":
        return {"AWS::Region": region, "AWS::URLSuffix": suffix, "AWS::Partition": "aws"}[argument]
    if kind == "Fn::FindInMap":
        name, first, second = argument
        return str(template["Mappings"][name][deployed(first, template, region, suffix)][second])
    assert kind == "Fn::Join"
    return str(argument[0].join(deployed(each, template, region, suffix) for each in argument[1]))


def suffix_of(region: str) -> str:
    """Return how a region's addresses end, as AWS::URLSuffix does, out of AWS's own list of partitions."""
    from botocore.loaders import create_loader

    partitions = create_loader().load_data("endpoints")["partitions"]
    return next(str(each["dnsSuffix"]) for each in partitions if re.match(each["regionRegex"], region))


@pytest.mark.parametrize("gpu", [False, True], ids=["cpu", "gpu"])
def test_it_should_name_the_image_the_sdk_names_in_every_region(sdk: dict[str, Any], gpu: bool) -> None:
    stack = stack_in()
    uri = stack.resolve(images_of(stack).uri(gpu=gpu))
    template = template_of(stack)
    ours = {region: deployed(uri, template, region, suffix_of(region)) for region in ACCOUNTS}
    assert ours == sdk["images"]["gpu" if gpu else "cpu"]
    assert len(ours) > 40


def test_it_should_run_the_torch_that_the_laptop_runs() -> None:
    from deployment.paths import ROOT
    from deployment.training_regions import CPU_TAG, GPU_TAG

    torch = (ROOT / "requirements/torch.txt").read_text().split("==")[1].split(" ")[0]
    assert {tag.split("-")[0] for tag in (CPU_TAG, GPU_TAG)} == {torch.rpartition(".")[0]}


def test_it_should_let_a_role_pull_from_that_repository_alone() -> None:
    from aws_cdk import aws_iam as iam

    stack = stack_in()
    images = images_of(stack)
    images.grant_pull(iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com")))
    template = template_of(stack)
    (policy,) = [each["Properties"] for each in template["Resources"].values() if each["Type"] == "AWS::IAM::Policy"]
    allowed = {
        action: [deployed(resource, template, "eu-west-1", "amazonaws.com") for resource in as_list(statement["Resource"])]
        for statement in policy["PolicyDocument"]["Statement"]
        for action in as_list(statement["Action"])
    }
    repository = ["arn:aws:ecr:eu-west-1:763104351884:repository/pytorch"]
    assert allowed == {
        "ecr:BatchCheckLayerAvailability": repository,
        "ecr:BatchGetImage": repository,
        "ecr:GetDownloadUrlForLayer": repository,
        "ecr:GetAuthorizationToken": ["*"],
    }


def test_it_should_refuse_a_region_without_images_and_name_those_with() -> None:
    with pytest.raises(InvalidSettings, match="nowhere-1") as refused:
        images_of(stack_in("nowhere-1"))
    assert "eu-central-1" in str(refused.value.advice)
