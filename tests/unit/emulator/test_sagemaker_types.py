"""What CloudFormation does with a model package group, whose packages outlive every update."""

from pathlib import Path
from typing import Any

import pytest

from emulator.cloudformation.sagemaker_types import types
from emulator.ministack_adapter import ResourceType
from emulator.sagemaker.errors import SageMakerError
from tests.unit.emulator.sagemaker_world import World

GROUP = {"ModelPackageGroupName": "digits", "ModelPackageGroupDescription": "of digits", "Tags": [{"Key": "a", "Value": "1"}]}
ARN = "arn:aws:sagemaker:us-east-1:000000000000:model-package-group/digits"


class Made:
    """A group that CloudFormation made, and whether its stack is being destroyed."""

    def __init__(self, world: World) -> None:
        self.sagemaker, self.destroyed = world.client(), False
        self.type: ResourceType = types(world.control, lambda arn: self.destroyed and arn == ARN)["AWS::SageMaker::ModelPackageGroup"]
        self.physical_id, self.attributes = self.type.create("Group", GROUP, "stack")

    def names(self) -> list[str]:
        return [each["ModelPackageGroupName"] for each in self.sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"]]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(World(tmp_path))


def test_makes_a_group_with_its_arn(made: Made) -> None:
    assert (made.physical_id, made.attributes["ModelPackageGroupArn"]) == (ARN, ARN)
    assert made.names() == ["digits"]


def test_keeps_the_group_when_only_its_tags_change(made: Made) -> None:
    changed: dict[str, Any] = {**GROUP, "Tags": [{"Key": "a", "Value": "2"}]}
    assert made.type.update(ARN, dict(GROUP), changed, "stack")[0] == ARN
    assert made.sagemaker.list_tags(ResourceArn=ARN)["Tags"] == [{"Key": "a", "Value": "2"}]


def test_replaces_no_group_under_its_own_name(made: Made) -> None:
    with pytest.raises(RuntimeError, match="custom-named resource"):
        made.type.update(ARN, dict(GROUP), {**GROUP, "ModelPackageGroupDescription": "other"}, "stack")
    assert made.type.update(ARN, dict(GROUP), {**GROUP, "ModelPackageGroupName": "letters"}, "stack")[0] != ARN
    assert sorted(made.names()) == ["digits", "letters"]


def test_drops_a_group_with_packages_only_with_its_stack(made: Made) -> None:
    for _ in range(2):
        made.sagemaker.create_model_package(ModelPackageGroupName="digits")
    with pytest.raises(SageMakerError, match="2 Model Package"):
        made.type.delete(ARN, dict(GROUP))
    assert made.names() == ["digits"]
    made.destroyed = True
    made.type.delete(ARN, dict(GROUP))
    assert made.names() == []
