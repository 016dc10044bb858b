"""Each job of each recipe's pipeline, whole as it is when its step runs, beside the shape of SageMaker's request."""

import json
from dataclasses import replace

import pytest

from deployment.stages import settings_for
from emulator.sagemaker.shapes import require_shape
from pipeline.definition import build_definition
from pipeline.runner.job_arguments import describe_job
from pipeline.runner.parse import bind_parameters, parse_definition
from pipeline.runner.resolve import Scope, resolve
from recipes.recipe import list_names, load
from tests.infra.any_pipeline import PLACE

LONGEST = replace(
    PLACE, bucket="b" * 63, code_url=f"s3://{'a' * 63}/{'0' * 64}.zip", encryption_key=f"arn:aws:kms:eu-west-1:111122223333:key/{'0' * 36}"
)
EXECUTION = "abcdef012345"


@pytest.mark.parametrize("name", list_names())
@pytest.mark.parametrize("options", [{}, {"training_gpu_instance_type": "ml.g5.xlarge", "training_spot": False}])
def test_is_a_request_that_sagemaker_takes(name: str, options: dict[str, object]) -> None:
    recipe = load(name)
    settings = settings_for("prod", recipe=name, endpoint_kind="cpu", **options)
    definition = parse_definition(json.dumps(build_definition(recipe, settings, LONGEST)))
    scope = Scope(bind_parameters(definition.parameters, {}), {"PipelineExecutionId": EXECUTION, "PipelineName": settings.pipeline_name})
    jobs = [step for step in definition.steps if step.type in {"Processing", "Training"}]
    assert len(jobs) == len(recipe.candidates) + 2
    for step in jobs:
        arguments, job = resolve(step.arguments, scope), f"pipelines-{EXECUTION}-{step.name}"
        require_shape(f"Create{step.type}Job", {f"{step.type}JobName": job, **arguments})
        scope.steps[step.name] = describe_job(step.type, job, arguments)
