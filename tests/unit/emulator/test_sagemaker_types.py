"""What CloudFormation does with a model package group, whose packages outlive every update."""

from pathlib import Path
from typing import Any

import pytest

from emulator.cloudformation.resource_type import ResourceRequest, ResourceType
from emulator.cloudformation.sagemaker_types import resource_types
from emulator.sagemaker.errors import SageMakerError
from tests.unit.emulator.sagemaker.local_sagemaker import LocalSageMaker

GROUP = {"ModelPackageGroupName": "digits", "ModelPackageGroupDescription": "of digits", "Tags": [{"Key": "a", "Value": "1"}]}
ARN = "arn:aws:sagemaker:us-east-1:000000000000:model-package-group/digits"


class DeployedGroup:
    """A group that CloudFormation created."""

    def __init__(self, local: LocalSageMaker) -> None:
        self.sagemaker = local.client
        self.type: ResourceType = resource_types(local.control_plane.operations)["AWS::SageMaker::ModelPackageGroup"]
        self.physical_id, self.attributes = self.type.create(ResourceRequest(GROUP))

    def update(self, properties: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        return self.type.update(ResourceRequest(properties, GROUP, physical_id=ARN))

    def names(self) -> list[str]:
        return [each["ModelPackageGroupName"] for each in self.sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"]]


@pytest.fixture
def group(tmp_path: Path) -> DeployedGroup:
    return DeployedGroup(LocalSageMaker(tmp_path))


def test_makes_a_group_with_its_arn(group: DeployedGroup) -> None:
    assert (group.physical_id, group.attributes["ModelPackageGroupArn"]) == (ARN, ARN)
    assert group.names() == ["digits"]


def test_keeps_the_group_when_only_its_tags_change(group: DeployedGroup) -> None:
    changed: dict[str, Any] = {**GROUP, "Tags": [{"Key": "a", "Value": "2"}]}
    assert group.update(changed)[0] == ARN
    assert group.sagemaker.list_tags(ResourceArn=ARN)["Tags"] == [{"Key": "a", "Value": "2"}]


def test_replaces_no_group_under_its_own_name(group: DeployedGroup) -> None:
    with pytest.raises(RuntimeError, match="custom-named resource"):
        group.update({**GROUP, "ModelPackageGroupDescription": "other"})
    assert group.update({**GROUP, "ModelPackageGroupName": "letters"})[0] != ARN
    assert sorted(group.names()) == ["digits", "letters"]


def test_deletes_no_group_that_has_packages(group: DeployedGroup) -> None:
    arns = [group.sagemaker.create_model_package(ModelPackageGroupName="digits")["ModelPackageArn"] for _ in range(2)]
    with pytest.raises(SageMakerError, match="2 Model Package") as refused:
        group.type.delete(ResourceRequest(GROUP, physical_id=ARN))
    assert refused.value.code == "ConflictException"
    assert group.names() == ["digits"]
    for arn in arns:
        group.sagemaker.delete_model_package(ModelPackageName=arn)
    group.type.delete(ResourceRequest(GROUP, physical_id=ARN))
    assert group.names() == []
