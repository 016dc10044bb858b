"""The pipeline's steps beside SageMaker's own list of fields, as botocore has it."""

from functools import cache
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from pipeline.definition import build_definition
from recipes.recipe import list_names, load
from tests.infra.any_pipeline import PLACE, SETTINGS, any_definition, steps

Json = dict[str, Any]
# The request that a step's arguments are, and its fields that SageMaker fills in.
REQUESTS = {
    "Processing": ("CreateProcessingJobRequest", {"ProcessingJobName": "any"}),
    "Training": ("CreateTrainingJobRequest", {"TrainingJobName": "any"}),
    "RegisterModel": ("CreateModelPackageInput", {}),
}


def resolved(value: Any) -> Any:
    """Return arguments as they are once an execution has resolved them: any text where they refer to something."""
    if isinstance(value, list):
        return [resolved(each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.keys() & {"Get", "Std:Join", "Std:JsonGet"}:
        return "text"
    return {key: resolved(each) for key, each in value.items()}


@cache
def sagemaker() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("sagemaker", "service-2"))


def invalid(step: Json) -> str:
    """Return what SageMaker would find wrong with a step's arguments, or nothing."""
    name, filled_in = REQUESTS[step["Type"]]
    return str(ParamValidator().validate({**filled_in, **resolved(step["Arguments"])}, sagemaker().shape_for(name)).generate_report())


@pytest.mark.parametrize("recipe", list_names())
def test_its_arguments_should_be_fields_that_sagemaker_takes(recipe: str) -> None:
    jobs = [step for step in steps(build_definition(load(recipe), SETTINGS, PLACE)["Steps"]) if step["Type"] in REQUESTS]
    assert {step["Type"] for step in jobs} == set(REQUESTS)
    assert {step["Name"]: invalid(step) for step in jobs} == dict.fromkeys((step["Name"] for step in jobs), "")


def test_a_field_that_sagemaker_does_not_take_should_be_told() -> None:
    (prepare, *_) = any_definition()["Steps"]
    resources = prepare["Arguments"]["ProcessingResources"]["ClusterConfig"]
    resources["VolumeSizeInGB"], resources["Volume"] = "30", 30
    said = invalid(prepare)
    assert "ClusterConfig.VolumeSizeInGB" in said
    assert 'Unknown parameter in ProcessingResources.ClusterConfig: "Volume"' in said
