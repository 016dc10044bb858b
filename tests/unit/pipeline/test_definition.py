"""The pipeline's definition as a pure function of the recipe, the settings and the resources."""

import json
from typing import Any

import pytest

from deployment.stages import settings_for
from pipeline.definition import build_definition
from pipeline.resources import Resources
from pipeline.runner.parse import Definition, Step, bind_parameters, parse_definition
from pipeline.steps import name_train_step
from recipes.errors import InvalidSettings
from recipes.recipe import Candidate, Recipe, list_names, load

RESOURCES = Resources(
    region="eu-west-1",
    bucket="dump",
    code_url="s3://assets/code.zip",
    code_file="code.zip",
    image="cpu-image",
    gpu_image="gpu-image",
    prepare_role="prepare-role",
    train_role="train-role",
    evaluate_role="evaluate-role",
    serving_image="serving-image",
    model_group="any-group",
)
GPU = "ml.g4dn.xlarge"
# One candidate that profits from a GPU and one that does not; hyperparameters of every type.
MIXED = load("digits")._replace(
    candidates=(
        Candidate("deep", "cnn", {"epochs": 2, "rate": 0.5, "kind": "a", "on": True}, gpu=True),
        Candidate("two_words", "xgboost"),
    ),
)


def build_parsed(recipe: Recipe = MIXED, **overrides: object) -> Definition:
    return parse_definition(json.dumps(build_definition(recipe, settings_for("dev", recipe=recipe.name, **overrides), RESOURCES)))


def steps(recipe: Recipe = MIXED, **overrides: object) -> dict[str, Step]:
    return {step.name: step for step in build_parsed(recipe, **overrides).all_steps()}


def test_has_no_more_candidates_than_a_job_has_inputs_for() -> None:
    """SageMaker would say so once all of them were trained: a processing job has ten inputs."""
    seven = tuple(Candidate(f"c{number}", "xgboost") for number in range(7))
    evaluate = steps(MIXED._replace(candidates=seven))["Evaluate"]
    assert len(evaluate.arguments["ProcessingInputs"]) == 10
    with pytest.raises(InvalidSettings, match="8 candidates"):
        build_parsed(MIXED._replace(candidates=(*seven, Candidate("c7", "xgboost"))))


@pytest.mark.parametrize("name", list_names())
def test_every_recipes_pipeline_can_be_executed(name: str) -> None:
    recipe, found = load(name), steps(load(name))
    trained = [name_train_step(candidate) for candidate in recipe.candidates]
    assert list(found)[:-3] == ["Prepare", *trained, "Evaluate"]
    assert {each: found[each].needs for each in trained} == {each: {"Prepare"} for each in trained}  # so they run side by side
    assert found["Evaluate"].needs == {"Prepare", *trained}
    assert found["IsGoodEnough"].needs == {"Evaluate"}


@pytest.mark.parametrize("name", list_names())
def test_starts_without_being_told_anything(name: str) -> None:
    recipe, settings = load(name), settings_for("dev", recipe=name)
    found = bind_parameters(build_parsed(recipe).parameters, {})
    assert found == {
        "DataPrefix": f"raw/{name}",
        "Candidates": ",".join(candidate.name for candidate in recipe.candidates),
        "Threshold": recipe.threshold,
        "MinimumImprovement": 0.0,
        "MinimumRowImprovement": 0.0,
        "ChampionEndpoint": settings.endpoint_name,
        "Seed": "0",
        "Limit": "0",
        "ProcessingInstanceType": settings.training_instance_type,
        "TrainingInstanceType": settings.training_instance_type,
        **({"TestShare": str(recipe.test_share)} if recipe.test_share else {}),
    }


def test_the_share_that_is_measured_on_goes_to_the_data_the_trainers_and_the_report() -> None:
    share = {"Get": "Parameters.TestShare"}
    found = steps(MIXED._replace(test_share=0.3))
    prepare, evaluate = (found[name].arguments["AppSpecification"]["ContainerArguments"] for name in ("Prepare", "Evaluate"))
    assert prepare[prepare.index("--test-share") + 1] == share
    assert {"Std:Join": {"On": "", "Values": ["TestShare=", share]}} in evaluate
    assert found["Train-deep"].arguments["HyperParameters"]["test_share"] == share
    assert "TestShare" not in json.dumps(build_definition(MIXED, settings_for("dev"), RESOURCES))


@pytest.mark.parametrize("name", list_names())
def test_mounts_no_more_than_the_ten_inputs_that_sagemaker_takes(name: str) -> None:
    assert len(steps(load(name))["Evaluate"].arguments["ProcessingInputs"]) <= 10


def test_registers_only_what_is_good_enough_and_no_worse_than_the_champion() -> None:
    good = steps()["IsGoodEnough"]
    assert [[step.name for step in branch] for branch in good.branches] == [["Register"], ["NotGoodEnough"]]
    compared = [(each["Type"], each["LeftValue"]["Std:JsonGet"]["Path"], each["RightValue"]) for each in good.arguments["Conditions"]]
    assert compared == [
        ("GreaterThanOrEqualTo", "best.score", {"Get": "Parameters.Threshold"}),
        ("GreaterThanOrEqualTo", "most_improvement", {"Get": "Parameters.MinimumImprovement"}),
        ("GreaterThanOrEqualTo", "row_margin", {"Get": "Parameters.MinimumRowImprovement"}),
    ]


def test_registers_the_digest_of_what_was_measured() -> None:
    good = steps()["IsGoodEnough"]
    (container,) = good.branches[0][0].arguments["InferenceSpecification"]["Containers"]
    digest = container["Environment"]["INFERSTACK_MANIFEST_SHA256"]["Std:JsonGet"]
    assert digest == {"PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Evaluation"}, "Path": "best.manifest_sha256"}


def test_gives_each_kind_of_job_its_own_role() -> None:
    found = {name: step.arguments["RoleArn"] for name, step in steps().items() if "RoleArn" in step.arguments}
    assert found == {
        "Prepare": "prepare-role",
        "Train-deep": "train-role",
        "Train-two-words": "train-role",
        "Evaluate": "evaluate-role",
    }


def test_tells_jobs_that_ask_aws_which_region_they_are_in() -> None:
    """SageMaker documents no variable for it."""
    found = {name: step.arguments.get("Environment") for name, step in steps().items() if step.type == "Processing"}
    assert found == {name: {"AWS_REGION": "eu-west-1"} for name in ("Prepare", "Evaluate")}


def test_gives_each_job_the_tags_of_the_deployment() -> None:
    def list_tags(**overrides: object) -> list[Any]:
        return [step.arguments.get("Tags") for step in build_parsed(**overrides).steps if step.type in {"Processing", "Training"}]

    assert list_tags(tags="cost-center=ml") == [[{"Key": "cost-center", "Value": "ml"}]] * 4
    assert list_tags() == [None] * 4


def test_trains_a_delivery_once_only_where_its_event_starts_it() -> None:
    """People may train the same data as often as they like."""

    def tell(**overrides: object) -> tuple[Any, list[Any]]:
        found = build_parsed(**overrides)
        (prepare,) = [step for step in found.steps if step.name == "Prepare"]
        return bind_parameters(found.parameters, {}).get("StartedBy"), prepare.arguments["AppSpecification"]["ContainerArguments"]

    started_by, arguments = tell(start_on_data=True)
    assert started_by == "hand"
    assert arguments[arguments.index("--started-by") + 1] == {"Get": "Parameters.StartedBy"}
    assert arguments[arguments.index("--marker") + 1]["Std:Join"]["Values"] == ["s3://dump", {"Get": "Parameters.DataPrefix"}, "_READY"]
    assert tell()[0] is None
    assert "--started-by" not in tell()[1]


def test_gives_no_trainer_the_test_split() -> None:
    for name in ("Train-deep", "Train-two-words"):
        assert [each["ChannelName"] for each in steps()[name].arguments["InputDataConfig"]] == ["code", "train", "validation"]


def test_hands_hyperparameters_over_as_text_that_says_their_type() -> None:
    given = steps()["Train-deep"].arguments["HyperParameters"]
    own = {"recipe": "digits", "candidate": "deep", "trainer": "cnn", "candidates": {"Get": "Parameters.Candidates"}}
    assert given == {**own, "seed": {"Get": "Parameters.Seed"}, "epochs": "2", "rate": "0.5", "kind": '"a"', "on": "true"}


def machine(step: Step) -> tuple[str, str]:
    """Return a training step's image and the parameter that says its instance."""
    return step.arguments["AlgorithmSpecification"]["TrainingImage"], step.arguments["ResourceConfig"]["InstanceType"]["Get"]


def list_differences(one: Any, other: Any, path: str = "") -> set[str]:
    """Return where two values differ."""
    if type(one) is not type(other) or not isinstance(one, dict | list) or (isinstance(one, list) and len(one) != len(other)):
        return set() if one == other else {path}
    keys = one.keys() | other.keys() if isinstance(one, dict) else range(len(one))
    pairs = ((one.get(key), other.get(key)) if isinstance(one, dict) else (one[key], other[key]) for key in keys)
    return {each for key, pair in zip(keys, pairs, strict=True) for each in list_differences(*pair, f"{path}/{key}")}


def test_a_gpu_changes_only_the_candidates_that_profit_from_one() -> None:
    without, with_ = steps(), steps(training_gpu_instance_type=GPU)
    assert machine(with_["Train-deep"]) == ("gpu-image", "Parameters.GpuInstanceType")
    assert machine(without["Train-deep"]) == machine(with_["Train-two-words"]) == ("cpu-image", "Parameters.TrainingInstanceType")
    assert {name for name in with_ if with_[name].arguments != without[name].arguments} == {"Train-deep"}
    changed = list_differences(without["Train-deep"].arguments, with_["Train-deep"].arguments)
    assert changed == {"/AlgorithmSpecification/TrainingImage", "/ResourceConfig/InstanceType/Get"}
    assert bind_parameters(build_parsed(training_gpu_instance_type=GPU).parameters, {})["GpuInstanceType"] == GPU
    assert "GpuInstanceType" not in bind_parameters(build_parsed().parameters, {})


def test_waits_for_cheap_capacity_only_where_it_asks_for_it() -> None:
    spot, sure = (steps(training_spot=each, training_timeout_s=900)["Train-deep"].arguments for each in (True, False))
    assert (spot["EnableManagedSpotTraining"], spot["StoppingCondition"]) == (
        True,
        {"MaxRuntimeInSeconds": 900, "MaxWaitTimeInSeconds": 1800},
    )
    assert list_differences(sure, spot) == {"/EnableManagedSpotTraining", "/StoppingCondition/MaxWaitTimeInSeconds"}


@pytest.mark.parametrize(("approval", "status"), [("manual", "PendingManualApproval"), ("automatic", "Approved")])
def test_approves_by_itself_only_where_it_is_told_to(approval: str, status: str) -> None:
    assert steps(approval=approval)["Register"].arguments["ModelApprovalStatus"] == status


def test_asks_about_the_champion_each_time() -> None:
    assert {name: step.is_cacheable for name, step in steps().items() if step.type in {"Processing", "Training"}} == {
        "Prepare": True,
        "Train-deep": True,
        "Train-two-words": True,
        "Evaluate": False,
    }


def test_is_the_same_each_time_and_plain_data() -> None:
    made = build_definition(MIXED, settings_for("dev"), RESOURCES)
    assert made == build_definition(MIXED, settings_for("dev"), RESOURCES)
    assert json.loads(json.dumps(made)) == made
