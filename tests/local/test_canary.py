"""Rollouts under a canary, on a stack of its own whose endpoint runs on instances: what serves in the end is what the registry says."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from cli.services import Services
from local.run_state import RunState
from tests.conftest import bring_up
from tests.held_grants import CANARY, find_holder
from tests.local.conftest import PRETRAINED, pack, upload
from tests.local.removal import find_needs
from tests.local.test_rollout import Caller

STACK = "Inferstack-local-Inference"
SETTINGS = {
    "endpoint_kind": "cpu",
    "instances_min": "2",
    "instances_max": "2",
    "bake_s": "2",
    "capture_percent": "10",
    "start_on_data": "true",
}
LIMIT_S = 60


class GuardedStage:
    """A running stack whose endpoint is updated under a canary and its alarms."""

    def __init__(self, state: RunState, folder: Path) -> None:
        self.state, self.folder = state, folder
        self.archive = upload(self.connect, state, pack(PRETRAINED, folder), "good")

    def connect(self, service: str) -> Any:
        return boto3.client(service, **self.state.client_options())

    def register(self) -> int:
        specification = {
            "Containers": [{"Image": "inferstack/serving", "ModelDataUrl": self.archive}],
            "SupportedContentTypes": ["application/x-npy"],
            "SupportedResponseMIMETypes": ["application/json"],
        }
        package = self.connect("sagemaker").create_model_package(
            ModelPackageGroupName="inferstack-local-digits",
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification=specification,
        )
        return int(package["ModelPackageArn"].rsplit("/", 1)[1])

    def approve(self, version: int) -> Result:
        services = Services(connect_aws=lambda _: self.connect)
        return CliRunner().invoke(app, ["models", "approve", str(version), "--wait"], obj=services)

    def wait_for_update(self) -> None:
        """Wait until there is a new fleet: what happens from now on happens during the canary."""
        deadline = time.monotonic() + LIMIT_S
        while "PendingDeploymentSummary" not in self.describe():
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def describe(self) -> dict[str, Any]:
        endpoint: dict[str, Any] = self.connect("sagemaker").describe_endpoint(EndpointName=self.state.endpoint)
        return endpoint

    def read_served(self) -> str:
        """Return the package of the model that the endpoint itself serves."""
        sagemaker = self.connect("sagemaker")
        config = sagemaker.describe_endpoint_config(EndpointConfigName=self.describe()["EndpointConfigName"])
        model = sagemaker.describe_model(ModelName=config["ProductionVariants"][0]["ModelName"])
        return str(model["PrimaryContainer"].get("ModelPackageName", ""))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedStage]:
    folder = tmp_path_factory.mktemp("canary")
    with bring_up(folder, **SETTINGS) as state:
        yield GuardedStage(state, folder)


def test_serves_what_passed_the_canary(stage: GuardedStage) -> None:
    version = stage.register()
    with Caller(stage.state.api_url) as caller:
        result = stage.approve(version)
    assert f"version {version} serves" in result.output, result.exception
    assert stage.read_served().endswith(f"/{version}")
    assert set(caller.statuses) == {200}


def test_rejects_what_an_alarm_rolled_back_and_serves_on(stage: GuardedStage) -> None:
    before, version = stage.read_served(), stage.register()
    cloudwatch = stage.connect("cloudwatch")
    alarms = [each["AlarmName"] for each in cloudwatch.describe_alarms()["MetricAlarms"] if each["AlarmName"].startswith(STACK)]
    with Caller(stage.state.api_url) as caller, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(stage.approve, version)
        stage.wait_for_update()
        cloudwatch.set_alarm_state(AlarmName=alarms[0], StateValue="ALARM", StateReason="a test")
        result = waiting.result()
        cloudwatch.set_alarm_state(AlarmName=alarms[0], StateValue="OK", StateReason="the test is over")
    assert result.exit_code == 1
    assert f"version {version} is Rejected: rolled back: " in str(result.exception)
    assert f"alarm {alarms[0]} is in ALARM" in str(result.exception)
    assert stage.read_served() == before
    assert set(caller.statuses) == {200}


def test_rejects_what_was_rolled_back_without_a_word_and_serves_on(stage: GuardedStage) -> None:
    before, version = stage.read_served(), stage.register()
    conditions = stage.folder / "sagemaker.json"
    conditions.write_text('{"silent_rollback": true}')
    with Caller(stage.state.api_url) as caller, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(stage.approve, version)
        stage.wait_for_update()
        conditions.unlink()
        result = waiting.result()
        assert f"version {version} is Rejected: rolled back: the endpoint is InService with" in str(result.exception)
        assert stage.approve(int(before.rsplit("/", 1)[1])).exit_code == 0
    assert stage.read_served() == before
    assert set(caller.statuses) == {200}


def test_needs_what_only_such_a_stage_is_allowed(stage: GuardedStage) -> None:
    """To read alarms, keep a share of the traffic, start the pipeline when its data is complete, and create what runs on instances."""
    stage.connect("s3").put_object(Bucket=stage.state.dump_bucket, Key="raw/digits/_READY")
    sagemaker, deadline = stage.connect("sagemaker"), time.monotonic() + LIMIT_S
    while not sagemaker.list_pipeline_executions(PipelineName="inferstack-local-digits")["PipelineExecutionSummaries"]:
        assert time.monotonic() < deadline, "no execution was started"
        time.sleep(0.1)
    again = [{"Name": "DataPrefix", "Value": "raw/digits"}, {"Name": "StartedBy", "Value": "event"}]  # as for an event that came twice
    sagemaker.start_pipeline_execution(PipelineName="inferstack-local-digits", PipelineParameters=again)
    while len(reasons := list_reasons(sagemaker)) < 2:
        assert time.monotonic() < deadline, "the executions did not end"
        time.sleep(0.1)
    assert sorted("another execution trains this delivery of raw data" in reason for reason in reasons) == [False, True]
    held = {grant: call for grant, call in find_needs(stage.state, stage.folder, stage.connect).items() if find_holder(grant) == CANARY}
    assert len(held) == 7
    assert sorted(grant for grant, call in held.items() if call is None) == []


def list_reasons(sagemaker: Any) -> list[str]:
    """Return why the pipeline's executions failed, of those that have ended."""
    found = sagemaker.list_pipeline_executions(PipelineName="inferstack-local-digits")["PipelineExecutionSummaries"]
    described = [sagemaker.describe_pipeline_execution(PipelineExecutionArn=each["PipelineExecutionArn"]) for each in found]
    return [each.get("FailureReason", "") for each in described if each["PipelineExecutionStatus"] != "Executing"]
