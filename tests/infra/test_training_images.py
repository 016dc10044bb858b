"""AWS's training images, as a template has them."""

import pytest

from recipes.errors import InvalidSettings
from tests.grants import as_list
from tests.infra.training_images import deployed, images_of, stack_in, template_of


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
