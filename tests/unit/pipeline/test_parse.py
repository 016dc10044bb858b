"""What a pipeline's definition may ask of this machine, and what its expressions stand for."""

import json
from typing import Any

import pytest

from pipeline.runner.parse import UnsupportedDefinitionError, bind_parameters, parse_definition
from pipeline.runner.resolve import Scope, resolve
from tests.unit.pipeline.small_pipelines import NOTHING, condition, fail, processing, text, training

STEP = processing("One", NOTHING)


def change(step: dict[str, Any], *path: str, to: Any) -> dict[str, Any]:
    """Return the step with a part of its arguments changed."""
    copy = json.loads(json.dumps(step))
    at = copy["Arguments"]
    for name in path[:-1]:
        at = at[int(name)] if isinstance(at, list) else at[name]
    at[path[-1]] = to
    return copy  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ({"Name": "Tune", "Type": "Tuning", "Arguments": {}}, "step Tune is of type Tuning; this runner knows Processing"),
        ({**STEP, "Surprise": 1}, "step One has Surprise, which this runner does not know"),
        (fail("F", {"Std:Upper": "x"}), "step F uses Std:Upper; this runner knows Std:Join"),
        (condition("C", 1, 2, [], [], comparison="Contains"), "step C has a condition Contains"),
        (change(training("T", NOTHING), "AlgorithmSpecification", "TrainingInputMode", to="Pipe"), "step T has TrainingInputMode 'Pipe'"),
        (change(training("T", NOTHING), "InputDataConfig", "0", "InputMode", to="FastFile"), "step T has InputMode 'FastFile'"),
        (change(training("T", NOTHING), "ResourceConfig", "InstanceCount", to=2), "step T has InstanceCount 2"),
        (change(training("T", NOTHING), "VpcConfig", to={"Subnets": []}), "step T has VpcConfig"),
        (change(training("T", NOTHING), "InputDataConfig", "0", "CompressionType", to="Gzip"), "step T has CompressionType 'Gzip'"),
        (change(STEP, "AppSpecification", "ContainerEntrypoint", to=["/bin/sh"]), "step One has ContainerEntrypoint"),
        (change(STEP, "ProcessingResources", "ClusterConfig", "InstanceCount", to=3), "step One has InstanceCount 3"),
        (change(STEP, "ProcessingOutputConfig", "Outputs", "0", "S3Output", "S3UploadMode", to="Continuous"), "S3UploadMode 'Continuous'"),
        (change(STEP, "NetworkConfig", to={"VpcConfig": {"Subnets": ["s"]}}), "step One has VpcConfig"),
        ({**STEP, "DependsOn": ["Nobody"]}, "step One refers to Nobody, which is not a step of the pipeline"),
        (fail("F", {"Get": "Steps.Nobody.X"}), "step F refers to Nobody"),
        (fail("F", {"Get": "Stages.One.X"}), "step F gets Stages.One.X; this runner knows Parameters, Execution and Steps"),
        (condition("C", 1, 2, [], [condition("D", 1, 2, [], [])]), "step C contains the condition step D; SageMaker does not allow that"),
        (condition("C", 1, 2, [fail("F", {"Get": "Steps.Nobody.X"})], []), "step F refers to Nobody"),
    ],
)
def test_refuses_by_name_what_only_aws_can_do(step: dict[str, Any], message: str) -> None:
    with pytest.raises(UnsupportedDefinitionError) as error:
        parse_definition(text(step))
    assert message in str(error.value)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"Steps": [{}]}', '{"Steps": 1}'])
def test_refuses_what_is_no_definition(content: str) -> None:
    with pytest.raises(UnsupportedDefinitionError, match="not a pipeline definition"):
        parse_definition(content)


def test_refuses_two_steps_of_one_name_even_in_a_branch() -> None:
    with pytest.raises(UnsupportedDefinitionError, match="more than one step has the name F"):
        parse_definition(text(condition("C", 1, 2, [fail("F", "a")], [fail("F", "b")])))


def test_takes_what_says_in_words_what_is_done_anyway() -> None:
    step = change(training("T", NOTHING), "InputDataConfig", "0", "CompressionType", to="None")
    step = change(change(step, "InputDataConfig", "0", "InputMode", to="File"), "VpcConfig", to=None)
    (parsed,) = parse_definition(text(step)).steps
    assert (parsed.name, parsed.type, parsed.arguments) == ("T", "Training", step["Arguments"])


def test_knows_the_steps_of_every_branch() -> None:
    parsed = parse_definition(text(STEP, condition("Check", 1, 2, [fail("A", "a"), fail("B", "b")], [fail("C", "c")])))
    assert [step.name for step in parsed.all_steps()] == ["One", "Check", "A", "B", "C"]


@pytest.mark.parametrize(("config", "cached"), [({"Enabled": False}, False), ({"Enabled": True, "ExpireAfter": "P1D"}, True), (None, True)])
def test_takes_up_earlier_results_unless_the_step_forbids_it(config: dict[str, Any] | None, cached: bool) -> None:
    (parsed,) = parse_definition(text({**STEP, **({"CacheConfig": config} if config else {})})).steps
    assert parsed.is_cacheable is cached


def test_knows_what_a_step_needs() -> None:
    made = {"Get": "Steps.One.ProcessingOutputConfig.Outputs['made'].S3Output.S3Uri"}
    parsed = parse_definition(
        text(STEP, {**processing("Two", NOTHING, inputs={"in": made}), "DependsOn": ["Three"]}, processing("Three", NOTHING))
    )
    assert {step.name: step.needs for step in parsed.steps} == {"One": set(), "Two": {"One", "Three"}, "Three": set()}


PARAMETERS = (
    {"Name": "Rate", "Type": "Float", "DefaultValue": 0.5},
    {"Name": "Count", "Type": "Integer", "DefaultValue": 3},
    {"Name": "Wanted", "Type": "String"},
    {"Name": "Kind", "Type": "String", "DefaultValue": "a", "EnumValues": ["a", "b"]},
    {"Name": "On", "Type": "Boolean", "DefaultValue": True},
    {"Name": "Size", "Type": "Integer", "DefaultValue": 1, "EnumValues": [1, 2]},
)


def test_gives_each_parameter_its_type() -> None:
    definition = parse_definition(text(parameters=PARAMETERS))
    assert bind_parameters(definition.parameters, {"Wanted": "x", "Rate": "0.25", "Count": "7", "On": "false", "Size": "2"}) == {
        "Rate": 0.25,
        "Count": 7,
        "Wanted": "x",
        "Kind": "a",
        "On": False,
        "Size": 2,
    }


def test_a_default_has_its_parameters_type_too() -> None:
    parsed = bind_parameters(parse_definition(text(parameters=({"Name": "Rate", "Type": "Float", "DefaultValue": "1"},))).parameters, {})
    assert (parsed, type(parsed["Rate"])) == ({"Rate": 1.0}, float)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "parameter Wanted has no default"),
        ({"Wanted": "x", "Rat": 1}, "no parameter Rat; the pipeline has Rate, Count"),
        ({"Wanted": "x", "Count": "many"}, "Count is 'many'; expected Integer"),
        ({"Wanted": "x", "Kind": "c"}, "Kind is 'c'; expected one of a, b"),
        ({"Wanted": "x", "Size": "3"}, "Size is 3; expected one of 1, 2"),
        ({"Wanted": "x", "On": "yes"}, "On is 'yes'; expected Boolean"),
    ],
)
def test_says_what_is_wrong_with_a_parameter(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        bind_parameters(parse_definition(text(parameters=PARAMETERS)).parameters, given)


SCOPE = Scope(
    {"Bucket": "dump", "Threshold": 0.9},
    {"PipelineExecutionId": "abc"},
    {"Train": {"ModelArtifacts": {"S3ModelArtifacts": "s3://m"}, "Outputs": {"made": {"S3Uri": "s3://o"}}, "List": [{"A": 1}]}},
    {("Evaluate", "Figures"): {"best": {"score": 0.99}, "all": [{}, {"of.it": 2}]}},
)


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ({"Get": "Parameters.Threshold"}, 0.9),
        ({"Get": "Execution.PipelineExecutionId"}, "abc"),
        ({"Get": "Steps.Train.Outputs['made']"}, {"S3Uri": "s3://o"}),
        ({"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}, "s3://m"),
        ({"Get": "Steps.Train.Outputs['made'].S3Uri"}, "s3://o"),
        ({"Get": "Steps.Train.List[0].A"}, 1),
        (
            {"Std:Join": {"On": "/", "Values": ["s3:/", {"Get": "Parameters.Bucket"}, {"Std:Join": {"On": "-", "Values": ["a", 1]}}]}},
            "s3://dump/a-1",
        ),
        ({"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Figures"}, "Path": "best.score"}}, 0.99),
        ({"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Figures"}, "Path": "all[1]['of.it']"}}, 2),
        (
            {
                "Std:Join": {
                    "On": "",
                    "Values": [
                        {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Figures"}, "Path": "best.score"}},
                        "!",
                    ],
                }
            },
            "0.99!",
        ),
        ({"a": [{"Get": "Parameters.Bucket"}, "plain"]}, {"a": ["dump", "plain"]}),
    ],
)
def test_puts_what_an_expression_means_in_its_place(value: Any, meant: Any) -> None:
    assert resolve(value, SCOPE) == meant


@pytest.mark.parametrize(
    "value",
    [
        {"Get": "Parameters.Nothing"},
        {"Get": "Steps.Later.X"},
        {"Get": "Steps.Train.List[4].A"},
        {"Get": "Steps.Train.List['first'].A"},
        {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts.Bucket"},
        {"Get": "Execution.Nothing"},
        {"Get": "Stages.Train.ModelArtifacts"},
        {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Other"}, "Path": "best"}},
        {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Figures"}, "Path": "worst"}},
    ],
)
def test_says_what_is_not_there(value: Any) -> None:
    with pytest.raises(ValueError, match="have no"):
        resolve(value, SCOPE)
