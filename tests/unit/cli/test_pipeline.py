"""`inferstack pipeline` over the local SageMaker, asked by boto3's own client, and a bucket of ours; no job runs in these definitions."""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from cli.outside import Outside
from tests.unit.emulator.local_sagemaker import ROLE, LocalSageMaker

NAME = "inferstack-dev-salary"
PARAMETERS = [
    {"Name": "Score", "Type": "Float", "DefaultValue": 0.9},
    {"Name": "DataPrefix", "Type": "String", "DefaultValue": "raw/salary"},
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


@dataclass
class Bucket:
    """The dump bucket: what is in it by key."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def list_objects_v2(self, **asked: Any) -> dict[str, Any]:
        found = [key for key in self.objects if key.startswith(asked["Prefix"])]
        return {"KeyCount": len(found), "Contents": [{"Key": key} for key in found]}

    def upload_file(self, path: str, bucket: str, key: str) -> None:
        assert bucket == "dump"
        self.objects[key] = Path(path).read_bytes()

    def put_object(self, **given: Any) -> None:
        self.objects[given["Key"]] = given["Body"]

    def download_file(self, bucket: str, key: str, path: str) -> None:
        Path(path).write_bytes(self.objects[key])

    def get_paginator(self, _: str) -> Any:
        pages = self.list_objects_v2
        return type("Pages", (), {"paginate": lambda _, **asked: [pages(**asked)]})()


class Stacks:
    """What the stacks say of themselves."""

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
        assert StackName == "Inferstack-dev-Storage"
        return {"Stacks": [{"Outputs": [{"OutputKey": "DumpBucketName", "OutputValue": "dump"}]}]}


class World:
    """A stage with a pipeline."""

    def __init__(self, folder: Path) -> None:
        self.sagemaker, self.bucket, self.folder = LocalSageMaker(folder), Bucket(), folder
        client = self.sagemaker.client
        client.create_model_package_group(ModelPackageGroupName=NAME)
        definition = json.dumps({"Version": "2020-12-01", "Parameters": PARAMETERS, "Steps": STEPS})
        client.create_pipeline(PipelineName=NAME, PipelineDefinition=definition, RoleArn=ROLE, ClientRequestToken="t" * 32)
        self.clients = {"sagemaker": client, "s3": self.bucket, "cloudformation": Stacks()}
        self.waits_s: list[float] = []

    def ask(self, *words: str) -> Result:
        outside = Outside(aws=lambda _: lambda service: self.clients[service], local_stack=lambda: False, sleep=self.wait)
        return CliRunner().invoke(app, ["pipeline", *words], obj=outside)

    def wait(self, wanted_s: float) -> None:
        self.waits_s.append(wanted_s)
        time.sleep(0.01)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.chdir(tmp_path)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):  # as the emulator has them; no client asks anybody for others
        monkeypatch.setenv(name, "test")
    return World(tmp_path)


def test_brings_the_data_follows_the_execution_and_says_what_to_approve(world: World) -> None:
    said = world.ask("run", "salary", "--stage", "dev")
    assert said.exit_code == 0, said.output
    assert list(world.bucket.objects) == ["raw/salary/data.csv"]
    assert f"model-package/{NAME}/1" in said.output
    assert "inferstack models approve 1 --stage dev" in said.output


def test_leaves_data_that_is_there_as_it_is_unless_told(world: World, tmp_path: Path) -> None:
    world.bucket.objects["raw/salary/data.csv"] = b"mine"
    assert world.ask("run", "salary", "--stage", "dev", "--json").exit_code == 0
    assert world.bucket.objects["raw/salary/data.csv"] == b"mine"
    (tmp_path / "data.csv").write_text("a,b\n1,2\n")
    assert world.ask("run", "salary", "--stage", "dev", "--data", str(tmp_path)).exit_code == 0
    assert world.bucket.objects["raw/salary/data.csv"] == b"a,b\n1,2\n"


def test_fails_with_the_executions_reason(world: World) -> None:
    said = world.ask("run", "salary", "--stage", "dev", "-s", "Score=0.1", "--json")
    assert said.exit_code == 1
    found = json.loads(said.stdout)
    assert (found["status"], "the score is too low" in found["reason"]) == ("Failed", True)
    assert [(step["name"], step["status"]) for step in found["steps"]] == [("GoodEnough", "Succeeded"), ("TooLow", "Failed")]


class Terse:
    """SageMaker as it is in AWS, where an execution says no more than that a step failed."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def describe_pipeline_execution(self, **asked: Any) -> dict[str, Any]:
        found = self._client.describe_pipeline_execution(**asked)
        return found | ({"FailureReason": "Step failure: One or multiple steps failed."} if "FailureReason" in found else {})


class Slow(Terse):
    """An execution that still runs at the first look."""

    looks = 0

    def describe_pipeline_execution(self, **asked: Any) -> dict[str, Any]:
        self.looks += 1
        return super().describe_pipeline_execution(**asked) | ({"PipelineExecutionStatus": "Executing"} if self.looks == 1 else {})


def test_asks_an_account_seldom(world: World) -> None:
    world.clients["sagemaker"] = Slow(world.clients["sagemaker"])
    assert world.ask("run", "salary", "--stage", "dev").exit_code == 0
    assert set(world.waits_s) == {5}


def test_names_the_execution_before_it_is_followed(world: World) -> None:
    said = world.ask("run", "salary", "--stage", "dev", "--json")
    assert said.stderr.splitlines()[0] == f"execution {json.loads(said.stdout)['execution']}"


def test_fails_with_the_steps_reason_where_the_execution_tells_none(world: World) -> None:
    world.clients["sagemaker"] = Terse(world.clients["sagemaker"])
    found = json.loads(world.ask("run", "salary", "--stage", "dev", "-s", "Score=0.1", "--json").stdout)
    assert found["reason"] == "step TooLow: the score is too low"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-s", "Score"), "expected NAME=VALUE"),
        (("-s", "Skore=1"), "no parameter Skore; the pipeline has Score, DataPrefix"),
        (("-s", "Score=high"), "Score is 'high'; expected Float"),
    ],
)
def test_says_what_is_wrong_with_a_parameter(world: World, words: tuple[str, ...], said: str) -> None:
    answer = world.ask("run", "salary", "--stage", "dev", *words)
    assert answer.exit_code != 0
    assert said in answer.output + str(answer.exception)


def test_writes_the_marker_after_the_data(world: World) -> None:
    assert world.ask("data", "salary", "--stage", "dev").exit_code == 0
    assert list(world.bucket.objects) == ["raw/salary/data.csv", "raw/salary/_READY"]


def test_lists_executions_newest_first(world: World) -> None:
    world.ask("run", "salary", "--stage", "dev", "-s", "Score=0.1")
    world.ask("run", "salary", "--stage", "dev")
    found = json.loads(world.ask("list", "salary", "--stage", "dev", "--json").stdout)
    assert [each["status"] for each in found] == ["Succeeded", "Failed"]
    assert "too low" in found[1]["reason"]
