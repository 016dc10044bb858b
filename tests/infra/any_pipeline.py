"""A pipeline's definition with every kind of value in it, for the tests that compare it with what AWS takes."""

import json
from collections.abc import Iterator
from typing import Any

from deployment.stages import settings_for
from pipeline.definition import build_definition
from pipeline.resources import Resources
from recipes.recipe import load

Json = dict[str, Any]
RECIPE = load("digits")._replace(test_share=0.3)  # so that every parameter is there
SETTINGS = settings_for("prod", training_gpu_instance_type="ml.g5.xlarge")  # a candidate on the CPU, one on a GPU
ROLE = "arn:aws:iam::111122223333:role"
PLACE = Resources(
    region="eu-west-1",
    bucket="dump",
    code_url="s3://assets/code.zip",
    code_file="code.zip",
    image="image",
    gpu_image="gpu-image",
    prepare_role=f"{ROLE}/prepare",
    train_role=f"{ROLE}/train",
    evaluate_role=f"{ROLE}/evaluate",
    serving_image="serving-image",
    model_group="model-group",
)


def any_definition() -> Json:
    return dict(json.loads(json.dumps(build_definition(RECIPE, SETTINGS, PLACE))))


def steps(found: list[Json]) -> Iterator[Json]:
    """Give every step, those of the branches too."""
    for step in found:
        yield step
        if step["Type"] == "Condition":
            yield from steps(step["Arguments"]["IfSteps"] + step["Arguments"]["ElseSteps"])
