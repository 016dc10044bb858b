"""The training pipeline as the templates have it: what each job's role may touch, what may start it, and its images."""

import json
import re
from typing import Any

import pytest

from deployment.training_regions import ACCOUNTS
from pipeline.runner.parse import parse_definition
from tests.grants import as_list

JOBS = ("Prepare", "Train", "Evaluate")


def flat(value: Any) -> str:
    """Return a resolved-looking text of a Fn::Join, references by their name."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        return "".join(flat(part) for part in value["Fn::Join"][1])
    return f"<{next(iter(value))}>"


def role(stage: Any, kind: str) -> str:
    (found,) = [name.split("/")[1] for name in stage.resources("AWS::IAM::Role") if name.split("/")[1].startswith(f"Training{kind}Role")]
    return str(found)


def objects(stage: Any, kind: str, action: str) -> list[str]:
    """Return the keys of the dump bucket that a job may do this to."""
    found = [flat(r) for s in stage.statements(role(stage, kind)) if action in as_list(s["Action"]) for r in as_list(s["Resource"])]
    return sorted(key.partition("/")[2] for key in found if "<Fn::GetStackOutput>/" in key)


def definition(stage: Any) -> str:
    return flat(stage.one("AWS::SageMaker::Pipeline")["PipelineDefinition"]["PipelineDefinitionBody"])


@pytest.mark.parametrize(
    ("kind", "reads", "writes"),
    [
        ("Prepare", ["raw/digits/*"], ["datasets/digits/*"]),
        (
            "Train",
            ["checkpoints/digits/*", "datasets/digits/*/train/*", "datasets/digits/*/validation/*"],
            ["checkpoints/digits/*", "models/digits/*/candidates/*"],
        ),
        (
            "Evaluate",
            ["datasets/digits/*/test/*", "datasets/digits/*/validation/*", "models/*"],
            ["models/digits/*/best/model.tar.gz", "models/digits/*/evaluation/*"],
        ),
    ],
)
def test_lets_each_job_read_and_write_its_own_prefixes(stage: Any, kind: str, reads: list[str], writes: list[str]) -> None:
    assert objects(stage, kind, "s3:GetObject") == reads
    assert objects(stage, kind, "s3:PutObject") == writes


@pytest.mark.parametrize(
    ("kind", "prefixes"), [("Prepare", ["raw/"]), ("Train", ["datasets/", "checkpoints/"]), ("Evaluate", ["datasets/", "models/"])]
)
def test_lets_each_job_list_what_is_of_its_recipe(stage: Any, kind: str, prefixes: list[str]) -> None:
    """And not of another recipe whose name begins alike."""
    lists = [s for s in stage.statements(role(stage, kind)) if "s3:ListBucket" in as_list(s["Action"])]
    assert all("s3:prefix" in s["Condition"]["StringLike"] for s in lists)
    ours = [each for s in lists for each in as_list(s["Condition"]["StringLike"]["s3:prefix"]) if "/" in flat(each)]
    assert {prefix.partition("/")[0] + "/" for prefix in ours} == set(prefixes)
    assert [prefix for prefix in ours if not re.fullmatch(r"[a-z]+/digits(/.*)?", prefix)] == []


@pytest.mark.parametrize("kind", [*JOBS, "Executions"])
def test_lets_sagemaker_be_a_job_only_for_this_account(stage: Any, kind: str) -> None:
    (trust,) = stage.templates["Training"]["Resources"][role(stage, kind)]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_lets_the_pipeline_pass_the_jobs_roles_to_sagemaker_and_nothing_else(stage: Any) -> None:
    (passing,) = [s for s in stage.statements(role(stage, "Executions")) if "iam:PassRole" in as_list(s["Action"])]
    assert sorted(r["Fn::GetAtt"][0] for r in passing["Resource"]) == sorted(role(stage, kind) for kind in JOBS)
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


def test_deploys_a_definition_that_can_be_executed(stage: Any) -> None:
    steps = [step.name for step in parse_definition(definition(stage)).all_steps()]
    assert steps[:3] == ["Prepare", "Train-cnn", "Train-xgboost"]
    assert steps[-3:] == ["IsGoodEnough", "Register", "NotGoodEnough"]


def test_runs_the_zip_that_its_roles_may_read(stage: Any) -> None:
    (file,) = set(re.findall(r"/code/([0-9a-f]{64}\.zip)", definition(stage)))
    for kind in JOBS:
        assert file in json.dumps([s["Resource"] for s in stage.statements(role(stage, kind)) if "s3:GetObject" in as_list(s["Action"])])


def test_is_deployed_with_every_new_server_image(stage: Any) -> None:
    """The cdk CLI skips a stack whose template is as before, and the image's address is in no template: another stack's output holds it."""
    from deployment import image_context

    source = stage.settings.serving_image if stage.settings.serving_image != "codebuild" else image_context.build().name
    assert source in stage.one("AWS::SageMaker::Pipeline")["PipelineDescription"]


def test_finds_its_image_in_every_region(stage: Any) -> None:
    (mapping,) = [m for m in stage.templates["Training"]["Mappings"].values() if "eu-west-1" in m]
    assert {region: entry["account"] for region, entry in mapping.items()} == ACCOUNTS
    assert "/pytorch:2.13-cpu-amzn2023-sagemaker" in definition(stage)


def test_starts_by_itself_only_where_that_is_set_and_only_by_the_marker(stage: Any, every_option: Any) -> None:
    assert "NotificationConfiguration" not in json.dumps(stage.templates["Storage"])
    assert not [r for r in stage.templates["Training"]["Resources"].values() if r["Type"] == "AWS::Events::Rule"]
    (rule,) = [r["Properties"] for r in every_option.templates["Training"]["Resources"].values() if r["Type"] == "AWS::Events::Rule"]
    assert rule["EventPattern"]["detail"]["object"] == {"key": ["raw/digits/_READY"]}
    assert rule["EventPattern"]["detail"]["bucket"]["name"]
    (target,) = rule["Targets"]
    parameters = {each["Name"]: each["Value"] for each in target["SageMakerPipelineParameters"]["PipelineParameterList"]}
    assert parameters == {"DataPrefix": "raw/digits", "StartedBy": "event"}  # which trains a delivery once
    assert parameters.keys() <= parse_definition(definition(every_option)).parameters.keys()
    (allowed,) = every_option.statements(target["RoleArn"]["Fn::GetAtt"][0])
    assert (allowed["Action"], flat(allowed["Resource"])) == ("sagemaker:StartPipelineExecution", flat(target["Arn"]))
    assert flat(target["Arn"]).endswith(":pipeline/inferstack-dev-digits")
    assert "EventBridgeEnabled" in json.dumps(every_option.templates["Storage"])


def test_trains_on_a_gpu_only_what_profits_from_one(every_option: Any) -> None:
    steps = {step.name: step.arguments for step in parse_definition(definition(every_option)).all_steps()}
    kinds = {name: (a["ResourceConfig"]["InstanceType"]["Get"], "cu133" in a["AlgorithmSpecification"]["TrainingImage"])
             for name, a in steps.items() if name.startswith("Train-")}  # fmt: skip
    assert kinds.pop("Train-cnn") == ("Parameters.GpuInstanceType", True)
    assert set(kinds.values()) == {("Parameters.TrainingInstanceType", False)}
    assert "EnableManagedSpotTraining" not in steps["Train-cnn"]
    assert steps["Register"]["ModelApprovalStatus"] == "Approved"
