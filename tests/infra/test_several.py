"""A stage of two recipes: what each has of its own, what they share, and that the first stays as it was."""

import json
from collections import Counter
from fnmatch import fnmatchcase
from typing import Any

import pytest

from deployment.rules import MOST_RECIPES
from functions.predict.routes import SEVERAL
from stacks.constructs.rollout.role import name_endpoint_role
from tests.grants import as_list
from tests.routes import list_routes

OWN = ("Registry", "Inference", "Training")
DIGITS, STOPS = "inferstack-dev-digits", "inferstack-dev-stop-search"


@pytest.fixture(scope="module")
def one(synthesize: Any) -> Any:
    return synthesize("dev")


@pytest.fixture(scope="module")
def two(synthesize: Any) -> Any:
    return synthesize("dev", recipes="digits,stop_search")


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
        assert find_function(two, name)["Environment"]["Variables"]["ENDPOINT_NAMES"] == f"{DIGITS},{STOPS}"


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
    assert [find_function(stage, "jobs")["Environment"]["Variables"]["RECIPES"] for stage in (one, two)] == ["digits", "digits,stop_search"]


def test_watches_the_alarms_of_both(two: Any) -> None:
    alarms = {each["AlarmName"] for each in two.properties("AWS::CloudWatch::Alarm")}
    watched = find_function(two, "status")["Environment"]["Variables"]["ALARMS"].split(",")
    assert set(watched) == alarms


def test_says_whose_each_alarm_is(two: Any) -> None:
    descriptions = [each["AlarmDescription"] for each in two.properties("AWS::CloudWatch::Alarm")]
    assert len(set(descriptions)) == len(descriptions)
    assert "inferstack-dev-stop-search: rollouts wait in the dead-letter queue" in descriptions


@pytest.mark.parametrize("recipe", ["stop-search", "natural-images"])
def test_knows_the_endpoints_role_wherever_cloudformation_cuts_its_name(recipe: str) -> None:
    stack, added = f"Inferstack-prod-{recipe}-Inference", "-ABCDEFGHIJKL"
    names = [f"{stack}-EndpointRole53EB38A1"[:51] + added, f"{stack[:24]}-EndpointRole53EB38A1"[:51] + added]
    assert [fnmatchcase(name, name_endpoint_role(stack)) for name in names] == [True, True]
    assert not fnmatchcase(f"Inferstack-prod-{recipe}-Training-TrainRole53EB38A1"[:51] + added, name_endpoint_role(stack))
    assert name_endpoint_role("Inferstack-prod-Inference") == "Inferstack-prod-Inference-EndpointRole*"


LONGEST = {"AWS::Region": "ap-southeast-2", "AWS::AccountId": "1" * 12, "AWS::Partition": "aws-us-gov", "AWS::URLSuffix": "amazonaws.com"}


def write_out(value: Any) -> Any:
    """Return a policy as IAM counts it, in its characters: a name that CloudFormation makes may have 64, an ARN 128."""
    if isinstance(value, list):
        return list(map(write_out, value))
    if not isinstance(value, dict):
        return value
    match next(iter(value.items()), None):
        case ("Fn::Join", [joint, parts]):
            return joint.join(map(str, map(write_out, parts)))
        case ("Ref", name):
            return LONGEST.get(name, "n" * 64)
        case ("Fn::GetAtt" | "Fn::GetStackOutput" | "Fn::ImportValue", _):
            return "a" * 128
    return {key: write_out(inner) for key, inner in value.items()}


def test_gives_no_role_more_inline_policies_than_iam_takes_with_as_many_recipes_as_may_be(synthesize: Any) -> None:
    most = synthesize("dev", recipes="natural_images,house_price,stop_search,salary,digits")
    assert len(most.settings.recipes) == MOST_RECIPES
    sizes: Counter[str] = Counter()
    for stack, name, resource in most.all():
        if resource["Type"] == "AWS::IAM::Policy":
            for role in resource["Properties"]["Roles"]:
                document = write_out(resource["Properties"]["PolicyDocument"])
                sizes[f"{stack}/{role.get('Ref', name)}"] += len(json.dumps(document, separators=(",", ":")))
    assert max(sizes.values()) <= 10_240, sizes.most_common(3)


def test_gives_no_function_a_larger_environment_than_lambda_takes_with_as_many_recipes_as_may_be(synthesize: Any) -> None:
    most = synthesize("dev", recipes="natural_images,house_price,stop_search,salary,digits")
    sizes = {
        name: sum(len(key) + len(write_out(value)) for key, value in function.get("Environment", {}).get("Variables", {}).items())
        for name, function in ((name, each["Properties"]) for name, each in most.resources("AWS::Lambda::Function").items())
    }
    # Names may be longer: the recipes' up to 28 characters, where the longest here has 14.
    assert max(sizes.values()) <= 3_000, sizes


def test_tells_the_queue_of_uploads_by_prefixes_of_which_none_begins_with_another(two: Any) -> None:
    told = [each.get("NotificationConfiguration", {}) for each in two.properties("AWS::S3::Bucket")]
    (queues,) = [each["QueueConfigurations"] for each in told if "QueueConfigurations" in each]
    rules = [rule for queue in queues for rule in queue["Filter"]["S3Key"]["Rules"]]
    prefixes = [rule["Value"] for rule in rules if rule["Name"] == "prefix"]
    assert len(prefixes) == len(queues)
    assert not [(one, other) for one in prefixes for other in prefixes if one is not other and other.startswith(one)]
