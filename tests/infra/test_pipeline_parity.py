"""The pipeline's definition beside the one SageMaker's SDK makes of the same recipe, and beside SageMaker's own list of fields."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from pipeline.definition import definition, train_step
from recipes.recipe import load, names
from tests.infra.sdk import PLACE, RECIPE, SETTINGS

Json = dict[str, Any]
ABSENT = "absent"

# All that differs: where, ours, the SDK's. Whatever is not written here must be equal.
DIFFERENCES = {
    # The SDK's training jobs start what the image does, or a script of the SDK's own; it has no argument for another entrypoint.
    "Train-*/Arguments/AlgorithmSpecification/ContainerEntrypoint/0": ("python3", ABSENT),
    "Train-*/Arguments/AlgorithmSpecification/ContainerEntrypoint/1": ("/opt/ml/input/data/code/code.zip", ABSENT),
    "Train-*/Arguments/AlgorithmSpecification/ContainerArguments/0": ("train", ABSENT),
    # Every hyperparameter of ours is JSON, so that the job reads back the very number or word; the SDK leaves words bare.
    "Train-xgboost-tuned/Arguments/HyperParameters/features": ('"hog"', "hog"),
    # Defaults of SageMaker's, which the SDK writes down and we leave out.
    "Train-*/Arguments/OutputDataConfig/CompressionType": (ABSENT, "GZIP"),
    "Register/Arguments/SkipModelValidation": (ABSENT, "None"),
    "Register/Arguments/ModelMetrics/Bias": (ABSENT, {}),
    "Register/Arguments/ModelMetrics/Explainability": (ABSENT, {}),
    # What the SDK writes down to say that there is none.
    "MlflowConfig": (ABSENT, None),
    "PipelineExperimentConfig": (ABSENT, None),
    # What tells AWS's own inference images which script to run; ours runs none.
    "Register/Arguments/InferenceSpecification/Containers/0/Environment/SAGEMAKER_PROGRAM": (ABSENT, ""),
    "Register/Arguments/InferenceSpecification/Containers/0/Environment/SAGEMAKER_SUBMIT_DIRECTORY": (ABSENT, ""),
    "Register/Arguments/InferenceSpecification/Containers/0/Environment/SAGEMAKER_CONTAINER_LOG_LEVEL": (ABSENT, "20"),
    "Register/Arguments/InferenceSpecification/Containers/0/Environment/SAGEMAKER_REGION": (ABSENT, "us-east-1"),
}
# The request that a step's arguments are, and its fields that SageMaker fills in.
REQUESTS = {
    "Processing": ("CreateProcessingJobRequest", {"ProcessingJobName": "any"}),
    "Training": ("CreateTrainingJobRequest", {"TrainingJobName": "any"}),
    "RegisterModel": ("CreateModelPackageInput", {}),
}


def ours() -> Json:
    return dict(json.loads(json.dumps(definition(RECIPE, SETTINGS, PLACE))))


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Give each value with where it is; a step is where its name says, however deep it stands."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not items:
        yield path, value
    for key, each in items:
        if isinstance(each, dict) and {"Name", "Arguments"} <= each.keys():
            yield f"{path}/{key}".lstrip("/"), each["Name"]
            yield from leaves(each, each["Name"])
        else:
            yield from leaves(each, f"{path}/{key}".lstrip("/"))


def differences(one: Json, other: Json) -> dict[str, tuple[Any, Any]]:
    """Return what differs between two definitions, by where it is."""
    mine, theirs = dict(leaves(one)), dict(leaves(other))
    pairs = {path: (mine.get(path, ABSENT), theirs.get(path, ABSENT)) for path in {**mine, **theirs}}
    return {path: pair for path, pair in pairs.items() if pair[0] != pair[1]}


def for_each_candidate(expected: dict[str, tuple[Any, Any]]) -> dict[str, tuple[Any, Any]]:
    """Return the differences with one of each for every training step."""
    names = [train_step(candidate) for candidate in RECIPE.candidates]
    return {path.replace("Train-*", name): pair for path, pair in expected.items() for name in (names if "*" in path else [""])}


def steps(found: list[Json]) -> Iterator[Json]:
    """Give every step, those of the branches too."""
    for step in found:
        yield step
        if step["Type"] == "Condition":
            yield from steps(step["Arguments"]["IfSteps"] + step["Arguments"]["ElseSteps"])


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


def test_it_should_be_what_the_sdk_makes_but_for_what_is_listed(sdk: Json) -> None:
    assert differences(ours(), sdk["definition"]) == for_each_candidate(DIFFERENCES)


def test_it_should_have_the_sdks_steps_in_the_sdks_order(sdk: Json) -> None:
    assert [(step["Name"], step["Type"]) for step in steps(ours()["Steps"])] == [
        (step["Name"], step["Type"]) for step in steps(sdk["definition"]["Steps"])
    ]


def test_a_difference_should_be_found_in_every_single_value(sdk: Json) -> None:
    """So that parity means something: whatever is changed, moved to or taken from ours shows."""

    def each_changed(value: Any) -> Iterator[Any]:
        if isinstance(value, dict):
            for key in value:
                yield {other: each for other, each in value.items() if other != key}
                yield from ({**value, key: changed} for changed in each_changed(value[key]))
        elif isinstance(value, list):
            for index, each in enumerate(value):
                yield value[:index] + value[index + 1 :]
                yield from ([*value[:index], changed, *value[index + 1 :]] for changed in each_changed(each))
        else:
            yield [value, "changed"]

    expected, changed = for_each_candidate(DIFFERENCES), list(each_changed(ours()))
    assert len(changed) > 500
    assert [each for each in changed if differences(each, sdk["definition"]) == expected] == []


@pytest.mark.parametrize("recipe", names())
def test_its_arguments_should_be_fields_that_sagemaker_takes(recipe: str) -> None:
    jobs = [step for step in steps(definition(load(recipe), SETTINGS, PLACE)["Steps"]) if step["Type"] in REQUESTS]
    assert {step["Type"] for step in jobs} == set(REQUESTS)
    assert {step["Name"]: invalid(step) for step in jobs} == dict.fromkeys((step["Name"] for step in jobs), "")


def test_a_field_that_sagemaker_does_not_take_should_be_told() -> None:
    (prepare, *_) = ours()["Steps"]
    resources = prepare["Arguments"]["ProcessingResources"]["ClusterConfig"]
    resources["VolumeSizeInGB"], resources["Volume"] = "30", 30
    said = invalid(prepare)
    assert "ClusterConfig.VolumeSizeInGB" in said
    assert 'Unknown parameter in ProcessingResources.ClusterConfig: "Volume"' in said
