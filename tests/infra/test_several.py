"""A stage of two recipes: what each has of its own, what they share, and that the first stays as it was."""

import json
from typing import Any

import pytest

from functions.predict.routes import SEVERAL
from tests.infra.conftest import as_list
from tests.routes import list_routes

OWN = ("Registry", "Inference", "Training")
DIGITS, STOPS = "inferstack-dev-digits", "inferstack-dev-stop-search"


@pytest.fixture(scope="module")
def one(synthesize: Any) -> Any:
    return synthesize("dev", model_dir="")


@pytest.fixture(scope="module")
def two(synthesize: Any) -> Any:
    return synthesize("dev", model_dir="", recipes="digits,stop_search")


def find_function(stage: Any, name: str) -> Any:
    functions = stage.of("Web").properties("AWS::Lambda::Function")
    return next(each for each in functions if each["Handler"] == f"functions.{name}.function.handler")


def test_adds_three_stacks_and_leaves_the_first_recipe_s_as_they_are(one: Any, two: Any) -> None:
    assert set(two.templates) == {*one.templates, *(f"stop-search-{part}" for part in OWN)}
    assert {part: two.templates[part] == one.templates[part] for part in OWN} == dict.fromkeys(OWN, True)


def test_replaces_nothing_that_the_stage_had(one: Any, two: Any) -> None:
    kept = {f"{stack}/{name}": resource for stack, name, resource in one.all()}
    now = {f"{stack}/{name}": resource for stack, name, resource in two.all()}
    assert kept.keys() <= now.keys()
    changed = {now[name]["Type"] for name in kept if now[name] != kept[name]}
    assert changed == {"AWS::Lambda::Function", "AWS::IAM::Policy", "AWS::CloudWatch::Dashboard", "Custom::CDKBucketDeployment"}


def test_has_a_group_an_endpoint_and_a_pipeline_for_each(two: Any) -> None:
    assert {each["ModelPackageGroupName"] for each in two.properties("AWS::SageMaker::ModelPackageGroup")} == {DIGITS, STOPS}
    assert {each["EndpointName"] for each in two.properties("AWS::SageMaker::Endpoint")} == {DIGITS, STOPS}
    assert {each["PipelineName"] for each in two.properties("AWS::SageMaker::Pipeline")} == {DIGITS, STOPS}


def test_builds_the_server_s_image_once(two: Any) -> None:
    assert len(two.properties("AWS::CodeBuild::Project")) == 1
    assert "ServingImage" in json.dumps(two.of("stop-search-Inference").properties("AWS::SageMaker::Model"))


def test_lets_functions_ask_the_two_endpoints_and_no_other(two: Any) -> None:
    for name in ("predict", "process_upload"):
        role = find_function(two, name)["Role"]["Fn::GetAtt"][0]
        (statement,) = [each for each in two.statements(role) if "sagemaker:InvokeEndpoint" in as_list(each["Action"])]
        asked = [resource["Fn::Join"][1][-1].rpartition("/")[2] for resource in as_list(statement["Resource"])]
        assert asked == [DIGITS, STOPS]
        assert find_function(two, name)["Environment"]["Variables"]["ENDPOINT_NAME"] == f"{DIGITS},{STOPS}"


def test_lets_a_rollout_read_the_stack_that_names_its_image(one: Any, two: Any) -> None:
    def read(stage: Any, stack: str) -> list[str]:
        return sorted(
            part
            for _, _, resource in stage.of(stack).all()
            if resource["Type"] == "AWS::IAM::Policy"
            for statement in resource["Properties"]["PolicyDocument"]["Statement"]
            if as_list(statement["Action"]) == ["cloudformation:DescribeStacks"]
            for each in as_list(statement["Resource"])
            for part in [each["Fn::Join"][1][-1].rpartition("stack/")[2]]
        )

    assert read(one, "Registry") == ["Inferstack-dev-Storage/*"]
    assert read(two, "stop-search-Registry") == ["Inferstack-dev-Inference/*", "Inferstack-dev-Storage/*"]


def test_has_the_paths_of_several_recipes_only_with_several(one: Any, two: Any) -> None:
    of_one, of_two = ({route["RouteKey"] for route in stage.properties("AWS::ApiGatewayV2::Route")} for stage in (one, two))
    assert of_two - of_one == {f"{route.method} {route.path}" for route in SEVERAL}
    assert of_two == {f"{route.method} {route.path}" for route in list_routes(several=True)}
    assert [find_function(stage, "jobs")["Environment"]["Variables"].get("RECIPES") for stage in (one, two)] == [None, "digits,stop_search"]


def test_watches_the_alarms_of_both(two: Any) -> None:
    alarms = {each["AlarmName"] for each in two.properties("AWS::CloudWatch::Alarm")}
    watched = find_function(two, "status")["Environment"]["Variables"]["ALARMS"].split(",")
    assert set(watched) == alarms


def test_says_whose_each_alarm_is(two: Any) -> None:
    descriptions = [each["AlarmDescription"] for each in two.properties("AWS::CloudWatch::Alarm")]
    assert len(set(descriptions)) == len(descriptions)
    assert "inferstack-dev-stop-search: rollouts wait in the dead-letter queue" in descriptions
