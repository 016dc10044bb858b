"""`inferstack pipeline` over the local SageMaker, asked by boto3's own client, and a bucket of ours; no job runs in these definitions."""

import json
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
import typer
from moto.core.models import botocore_stubber
from typer.testing import Result

from cli.main import app
from cli.services import Services
from cli.stage.aws import AwsFailed
from cli.training.pipeline_data import find_archived
from cli.training.pipeline_executions import ExecutionStatus
from cli.training.pipeline_progress import follow_execution, print_result
from recipes.recipe import load
from tests.command import CliRunner
from tests.moto_aws import REGION, Bucket, empty_account
from tests.unit.cli.world import FakeStacks
from tests.unit.emulator.sagemaker.local_sagemaker import ROLE, LocalSageMaker

NAME = "inferstack-dev-salary"
SALARIES = "YearsExperience,Salary\n1.1,39343\n"
PARAMETERS = [
    {"Name": "Score", "Type": "Float", "DefaultValue": 0.9},
    {"Name": "DataPrefix", "Type": "String", "DefaultValue": "raw/salary"},
    {"Name": "Candidates", "Type": "String", "DefaultValue": "linear,other"},
    {"Name": "Limit", "Type": "String", "DefaultValue": "0"},
    {"Name": "TestShare", "Type": "String", "DefaultValue": "0.2"},
]
REGISTER = {
    "Name": "Register",
    "Type": "RegisterModel",
    "Arguments": {
        "ModelPackageGroupName": NAME,
        "InferenceSpecification": {
            "Containers": [{"Image": "any", "ModelDataUrl": "s3://dump/model.tar.gz"}],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
    },
}
CONDITION = {"Type": "GreaterThanOrEqualTo", "LeftValue": {"Get": "Parameters.Score"}, "RightValue": 0.5}
FAIL = {"Name": "TooLow", "Type": "Fail", "Arguments": {"ErrorMessage": "the score is too low"}}
STEPS = [{"Name": "GoodEnough", "Type": "Condition", "Arguments": {"Conditions": [CONDITION], "IfSteps": [REGISTER], "ElseSteps": [FAIL]}}]


@cache
def create_s3_client() -> Any:
    """Return boto3's client, which uploads files; botocore's does not."""
    return boto3.client("s3", REGION, aws_access_key_id="any", aws_secret_access_key="any")


class World:
    """A stage with a pipeline. Its S3 is moto's; its SageMaker the emulator's, since moto's executes nothing."""

    def __init__(self, folder: Path) -> None:
        self.sagemaker, self.bucket = LocalSageMaker(folder), Bucket("dump")
        client = self.sagemaker.client
        client.meta.events.unregister("before-send", botocore_stubber)  # moto would answer too
        client.create_model_package_group(ModelPackageGroupName=NAME)
        definition = json.dumps({"Version": "2020-12-01", "Parameters": PARAMETERS, "Steps": STEPS})
        client.create_pipeline(PipelineName=NAME, PipelineDefinition=definition, RoleArn=ROLE, ClientRequestToken="t" * 32)
        stacks = FakeStacks({"Inferstack-dev-Storage": {"DumpBucketName": "dump"}})
        self.clients = {"sagemaker": client, "s3": create_s3_client(), "cloudformation": stacks}
        self.waits_s: list[float] = []

    def run(self, *words: str) -> Result:
        services = Services(connect_aws=lambda _: self.clients.__getitem__, has_local_stack=lambda: False, sleep=self.wait)
        return CliRunner().invoke(app, ["pipeline", *words], obj=services)

    def wait(self, seconds: float) -> None:
        self.waits_s.append(seconds)
        time.sleep(0.01)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.chdir(tmp_path)
    with empty_account():
        yield World(tmp_path)


def test_brings_the_data_follows_the_execution_and_says_what_to_approve(world: World) -> None:
    result = world.run("run", "salary", "--stage", "dev")
    assert result.exit_code == 0, result.output
    assert world.bucket.list_keys() == ["raw/salary/data.csv"]
    assert f"model-package/{NAME}/1" in result.output
    assert "inferstack models approve 1 --recipe salary --stage dev" in result.output


def test_leaves_data_that_is_there_as_it_is_unless_told(world: World, tmp_path: Path) -> None:
    world.bucket.put("raw/salary/data.csv", b"mine")
    assert world.run("run", "salary", "--stage", "dev", "--json").exit_code == 0
    assert world.bucket.read("raw/salary/data.csv") == b"mine"
    (tmp_path / "data.csv").write_text(SALARIES)
    assert world.run("run", "salary", "--stage", "dev", "--data", str(tmp_path)).exit_code == 0
    assert world.bucket.read("raw/salary/data.csv") == SALARIES.encode()


def test_says_how_to_restore_data_that_is_archived_and_starts_nothing(world: World) -> None:
    """Objects in Glacier are listed like any other, and no job can read them."""
    create_s3_client().put_object(Bucket="dump", Key="raw/salary/data.csv", Body=b"a", StorageClass="GLACIER")
    result = world.run("run", "salary", "--stage", "dev", "--json")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert "1 of 1 files under s3://dump/raw/salary" in document["error"]
    assert "aws s3api restore-object --bucket dump --key raw/salary/data.csv" in document["advice"]
    assert world.sagemaker.client.list_pipeline_executions(PipelineName=NAME)["PipelineExecutionSummaries"] == []


@pytest.mark.parametrize(
    ("description", "archived"),
    [
        ({}, False),
        ({"StorageClass": "STANDARD_IA"}, False),
        ({"StorageClass": "GLACIER_IR"}, False),
        ({"StorageClass": "GLACIER"}, True),
        ({"StorageClass": "DEEP_ARCHIVE"}, True),
        ({"StorageClass": "GLACIER", "RestoreStatus": {"IsRestoreInProgress": True}}, True),
        ({"StorageClass": "GLACIER", "RestoreStatus": {"IsRestoreInProgress": False, "RestoreExpiryDate": "2026-12-01"}}, False),
    ],
)
def test_knows_which_objects_can_be_read(description: dict[str, Any], archived: bool) -> None:
    assert find_archived([{"Key": "a", **description}]) == (["a"] if archived else [])


def test_fails_with_the_executions_reason(world: World) -> None:
    result = world.run("run", "salary", "--stage", "dev", "-s", "Score=0.1", "--json")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert (document["status"], "the score is too low" in document["reason"]) == ("Failed", True)
    assert [(step["name"], step["status"]) for step in document["steps"]] == [("GoodEnough", "Succeeded"), ("TooLow", "Failed")]


@pytest.mark.parametrize("as_json", [False, True])
def test_says_of_a_candidate_that_is_refused_which_condition_does_not_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    """The step's own reason names them all, without a figure: it is written before anything is measured."""
    low = {
        "condition": "accuracy of the best candidate",
        "measured": "0.7360",
        "at least": "0.995",
        "parameter": "Threshold",
        "holds": "no",
    }
    (tmp_path / "evaluation.json").write_text(json.dumps({"conditions": [low]}))
    status = ExecutionStatus("Failed", "too low or worse", [])
    with pytest.raises(typer.Exit):
        print_result("any", status, tmp_path / "index.html", "", as_json=as_json)
    shown = capsys.readouterr().out
    if as_json:
        assert json.loads(shown)["conditions"] == [low]
    else:
        assert "no     0.7360    0.995     Threshold  accuracy of the best candidate" in shown.splitlines()


class Terse:
    """SageMaker as it is in AWS, where an execution says no more than that a step failed."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def describe_pipeline_execution(self, **request: Any) -> dict[str, Any]:
        execution = self._client.describe_pipeline_execution(**request)
        return execution | ({"FailureReason": "Step failure: One or multiple steps failed."} if "FailureReason" in execution else {})


class Partial(Terse):
    """An execution that SageMaker ends with failures in it, and a step that never began."""

    def describe_pipeline_execution(self, **request: Any) -> dict[str, Any]:
        return super().describe_pipeline_execution(**request) | {"PipelineExecutionStatus": "CompletedWithFailures"}

    def get_paginator(self, _: str) -> "Partial":
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        return [{"PipelineExecutionSteps": [{"StepName": "Prepare", "StepStatus": "Failed", "FailureReason": "no capacity"}]}]


class Slow(Terse):
    """An execution that still runs at the first look."""

    looks = 0

    def describe_pipeline_execution(self, **request: Any) -> dict[str, Any]:
        self.looks += 1
        return super().describe_pipeline_execution(**request) | ({"PipelineExecutionStatus": "Executing"} if self.looks == 1 else {})


def test_ends_with_an_execution_that_completed_with_failures(world: World) -> None:
    world.clients["sagemaker"] = Partial(world.clients["sagemaker"])
    result = world.run("run", "salary", "--stage", "dev", "--json")
    document = json.loads(result.stdout)
    assert (result.exit_code, document["status"], document["reason"]) == (1, "CompletedWithFailures", "step Prepare: no capacity")
    assert document["steps"] == [{"name": "Prepare", "status": "Failed", "seconds": 0.0}]


def test_asks_an_account_seldom(world: World) -> None:
    world.clients["sagemaker"] = Slow(world.clients["sagemaker"])
    assert world.run("run", "salary", "--stage", "dev").exit_code == 0
    assert set(world.waits_s) == {5}


def test_names_the_execution_before_it_is_followed(world: World) -> None:
    result = world.run("run", "salary", "--stage", "dev", "--json")
    assert f"execution {json.loads(result.stdout)['execution']}" in result.stderr.splitlines()


def test_fails_with_the_steps_reason_where_the_execution_has_none(world: World) -> None:
    world.clients["sagemaker"] = Terse(world.clients["sagemaker"])
    document = json.loads(world.run("run", "salary", "--stage", "dev", "-s", "Score=0.1", "--json").stdout)
    assert document["reason"] == "step TooLow: the score is too low"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("-s", "Score"), "expected NAME=VALUE"),
        (("-s", "Skore=1"), "no parameter Skore; the pipeline has Score, DataPrefix, Candidates, Limit, TestShare"),
        (("-s", "Score=high"), "Score is 'high'; expected Float"),
        (("-s", "Score=nan"), "Score is nan; expected a finite number"),
        (("-s", "Score=-inf"), "Score is -inf; expected a finite number"),
        (("-s", "Candidates=lineal"), "there is no candidate lineal; the pipeline has linear, other"),
        (("-s", "Candidates=linear, cnn,x"), "there is no candidate cnn, x; the pipeline has linear, other"),
        (("-s", "Candidates=,"), "Candidates is ','; expected at least one of linear, other"),
        (("-s", "Limit=few"), "Limit is 'few'; expected a whole number, 0 or more"),
        (("-s", "Limit=1"), "Limit is 1; a model is trained on 100 instances or more"),
        (("-s", "Limit=-1"), "Limit is '-1'; expected a whole number, 0 or more"),
        (("-s", "TestShare=1.5"), "the test share is 1.5; expected more than 0 and less than 1"),
        (("-s", "TestShare=0"), "the test share is 0; expected more than 0 and less than 1"),
        (("-s", "TestShare=nan"), "the test share is nan; expected more than 0 and less than 1"),
        (("-s", "TestShare=third"), "the test share is 'third'; expected a number"),
        (("-s", "TestShare=0.99"), "a test share of 0.99 makes 0 train, 0 validation, 30 test rows"),
    ],
)
def test_says_what_is_wrong_with_a_parameter_before_anything_is_brought(world: World, words: tuple[str, ...], message: str) -> None:
    result = world.run("run", "salary", "--stage", "dev", *words)
    assert result.exit_code != 0
    assert message in result.output
    assert world.bucket.list_keys() == []
    assert world.sagemaker.client.list_pipeline_executions(PipelineName=NAME)["PipelineExecutionSummaries"] == []


def test_refuses_a_threshold_that_no_model_reaches_before_all_of_them_are_trained(world: World) -> None:
    result = world.run("run", "salary", "--folder", "out", "-s", "Threshold=98")
    assert result.exit_code == 2
    assert "error Threshold is 98.0; no score is above 1\n" in result.stderr
    assert not (Path("out") / "executions").exists()


def test_says_what_is_wrong_with_a_parameter_without_a_stack_too(world: World) -> None:
    result = world.run("run", "salary", "--folder", "out", "-s", "Candidates=lineal", "--json")
    assert result.exit_code == 2
    known = [candidate.name for candidate in load("salary").candidates]
    error = f"there is no candidate lineal; the pipeline has {', '.join(known)}"
    assert json.loads(result.stdout) == {"error": error, "advice": f"e.g. --set Candidates={','.join(known[:2])}"}
    assert not (Path("out") / "executions").exists()


@pytest.mark.parametrize(
    ("recipe", "share", "message"),
    [
        ("salary", "1", "the test share is 1; expected more than 0 and less than 1"),
        ("salary", "0.99", "a test share of 0.99 makes 0 train, 0 validation, 30 test rows"),
        ("house_price", "0.3", "house_price divides its data in one way"),
    ],
)
def test_refuses_an_impossible_share_before_anything_starts(world: World, recipe: str, share: str, message: str) -> None:
    result = world.run("run", recipe, "--folder", "out", "-s", f"TestShare={share}")
    assert result.exit_code != 0
    assert message in " ".join(result.output.split())
    assert not Path("out").exists()


def test_writes_the_marker_after_the_data(world: World) -> None:
    assert world.run("data", "salary", "--stage", "dev").exit_code == 0
    assert world.bucket.list_keys() == ["raw/salary/_READY", "raw/salary/data.csv"]


def test_lists_executions_newest_first(world: World) -> None:
    world.run("run", "salary", "--stage", "dev", "-s", "Score=0.1")
    world.run("run", "salary", "--stage", "dev")
    document = json.loads(world.run("list", "salary", "--stage", "dev", "--json").stdout)
    assert [each["status"] for each in document] == ["Succeeded", "Failed"]
    assert "too low" in document[1]["reason"]


@pytest.mark.parametrize("command", ["run", "list"])
def test_says_that_the_stage_serves_another_recipe(world: World, command: str) -> None:
    told = json.loads(world.run(command, "digits", "--stage", "dev", "--json").stdout)
    assert told["error"] == "the stage dev has no pipeline of digits: it serves another recipe"
    assert "npx cdk deploy --all -c stage=dev -c recipe=digits" in told["advice"]
    assert world.bucket.list_keys() == []


def test_says_how_to_start_the_first_execution(world: World) -> None:
    listed = world.run("list", "salary", "--stage", "dev")
    assert listed.stdout == "no execution yet; `inferstack pipeline run salary` starts one\n"


class Followed:
    """An execution that a person follows, and interrupts."""

    id = "e1"

    def __init__(self, failure: BaseException | None = None, *, keeps_results: bool = False, end: BaseException | None = None) -> None:
        self.failure, self.keeps_results, self.end = failure, keeps_results, end or KeyboardInterrupt()

    def describe(self) -> ExecutionStatus:
        raise self.end

    def stop(self) -> None:
        if self.failure:
            raise self.failure


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (None, "execution e1 is stopped"),
        (AwsFailed("no network"), "execution e1 goes on: no network; `inferstack pipeline list"),
        (KeyboardInterrupt(), "execution e1 goes on; `inferstack pipeline list"),
    ],
)
def test_says_after_ctrl_c_what_becomes_of_the_execution(
    failure: BaseException | None, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(KeyboardInterrupt):
        follow_execution(Followed(failure), lambda: None, as_json=False)
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(("keeps_results", "told"), [(True, "what is done is not done anew"), (False, "it begins anew")])
def test_promises_only_where_results_are_kept_that_the_next_run_takes_them_up(
    keeps_results: bool, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """SageMaker's cache is off: it would take what it knows for new data too."""
    with pytest.raises(KeyboardInterrupt):
        follow_execution(Followed(keeps_results=keeps_results), lambda: None, as_json=False)
    assert told in capsys.readouterr().err


def test_says_that_an_execution_goes_on_which_it_can_no_longer_follow(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(AwsFailed):
        follow_execution(Followed(end=AwsFailed("may not be described")), lambda: None, as_json=True)
    assert "execution e1 goes on; `inferstack pipeline list" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["data", "run"])
@pytest.mark.parametrize(
    ("content", "told"),
    [(b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "is not text"), (b"a,b,c\n1,2,3\n", "it has a, b, c")],
)
def test_brings_no_file_that_the_recipe_does_not_read(world: World, tmp_path: Path, command: str, content: bytes, told: str) -> None:
    (tmp_path / "mine.bin").write_bytes(content)
    result = world.run(command, "salary", "--stage", "dev", "--data", str(tmp_path / "mine.bin"))
    assert result.exit_code == 1
    assert "mine.bin is not what salary reads: mine.bin" in result.stderr
    assert told in result.stderr
    assert world.bucket.list_keys() == []


@pytest.mark.parametrize("command", ["data", "run"])
def test_brings_a_file_under_the_name_that_the_jobs_look_for(world: World, tmp_path: Path, command: str) -> None:
    (tmp_path / "salaries.csv").write_text("years,salary\n" + "1,2\n" * 10)
    assert world.run(command, "salary", "--stage", "dev", "--data", str(tmp_path / "salaries.csv")).exit_code == 0
    assert world.bucket.read("raw/salary/data.csv").startswith(b"years,salary\n1,2\n")


@pytest.mark.parametrize("command", ["data", "run"])
def test_brings_nothing_beside_what_would_be_read_too(world: World, tmp_path: Path, command: str) -> None:
    world.bucket.put("raw/salary/data.rec", b"older")
    world.bucket.put("raw/salary/", b"")  # what the console makes of a folder
    (tmp_path / "data.csv").write_text("years,salary\n" + "1,2\n" * 10)
    result = world.run(command, "salary", "--data", str(tmp_path), "--stage", "dev", "--json")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert "holds data.rec, which the pipeline would read beside what you bring" in document["error"]
    assert "aws s3 rm s3://dump/raw/salary/data.rec" in document["advice"]
    assert world.bucket.list_keys() == ["raw/salary/", "raw/salary/data.rec"]
