"""The pipeline's definition beside the one SageMaker's SDK makes of the same recipe."""

from collections.abc import Iterator
from typing import Any

from pipeline.steps import name_train_step
from tests.infra.any_pipeline import RECIPE, any_definition, steps

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
    names = [name_train_step(candidate) for candidate in RECIPE.candidates]
    return {path.replace("Train-*", name): pair for path, pair in expected.items() for name in (names if "*" in path else [""])}


def test_it_should_be_what_the_sdk_makes_but_for_what_is_listed(sdk: Json) -> None:
    assert differences(any_definition(), sdk["definition"]) == for_each_candidate(DIFFERENCES)


def test_it_should_have_the_sdks_steps_in_the_sdks_order(sdk: Json) -> None:
    assert [(step["Name"], step["Type"]) for step in steps(any_definition()["Steps"])] == [
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

    expected, changed = for_each_candidate(DIFFERENCES), list(each_changed(any_definition()))
    assert len(changed) > 500
    assert [each for each in changed if differences(each, sdk["definition"]) == expected] == []
