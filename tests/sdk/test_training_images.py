"""AWS's training images beside those that SageMaker's SDK names."""

import re
from typing import Any

import pytest
from botocore.loaders import create_loader

from deployment.training_regions import ACCOUNTS
from tests.infra.training_images import deployed, images_of, stack_in, template_of


def suffix_of(region: str) -> str:
    """Return how a region's addresses end, as AWS::URLSuffix does, out of AWS's own list of partitions."""
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
