"""From an approval to the endpoint, on the running stack: registry, event, queue, function and CloudFormation, all as deployed."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from cli.services import Services
from local import cdk
from local.run_state import RunState
from tests.local.conftest import Client, acting_as, find_role
from training.comparison import champion

STACK = "Inferstack-local-Inference"
PICTURE = b'{"instances": [' + b"[" + b",".join([b"[" + b",".join([b"0"] * 28) + b"]"] * 28) + b"]" + b"]}"
Register = Callable[[str], int]


@pytest.fixture(scope="module")
def register(client: Client) -> Iterator[Register]:
    """Return a maker of versions, from archives; what the deployment came with serves again afterwards."""
    sagemaker, cloudformation, made = client("sagemaker"), client("cloudformation"), list[str]()

    def make(archive: str) -> int:
        specification = {
            "Containers": [{"Image": "inferstack/serving", "ModelDataUrl": archive}],
            "SupportedContentTypes": ["application/x-npy"],
            "SupportedResponseMIMETypes": ["application/json"],
        }
        arn = sagemaker.create_model_package(
            ModelPackageGroupName="inferstack-local-digits",
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification=specification,
        )["ModelPackageArn"]
        made.append(arn)
        return int(arn.rsplit("/", 1)[1])

    yield make
    for arn in made:
        sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Rejected")
    wait_for_own_model(cloudformation)


def wait_for_own_model(cloudformation: Any) -> None:
    """Wait until the function has gone back to what the deployment came with, since nothing is approved any more."""
    deadline = time.monotonic() + 60
    while any(each["ParameterKey"] == "ModelPackageArn" and each["ParameterValue"] for each in settled(cloudformation)["Parameters"]):
        assert time.monotonic() < deadline
        time.sleep(0.2)


def settled(cloudformation: Any) -> dict[str, Any]:
    """Return the stack once nothing changes it."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        stack: dict[str, Any] = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        if not stack["StackStatus"].endswith("_IN_PROGRESS"):
            return stack
        time.sleep(0.2)
    pytest.fail("the stack still changes after a minute")


def models(client: Client, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["models", *arguments], obj=Services(connect_aws=lambda _: client))


class Caller(threading.Thread):
    """Asks the API all the while, and keeps what it is answered."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._url, self._ended = url, threading.Event()
        self.statuses: list[int] = []

    def run(self) -> None:
        while not self._ended.is_set():
            request = Request(f"{self._url}/predictions", PICTURE, {"content-type": "application/json"})
            try:
                with urlopen(request, timeout=30) as answer:
                    self.statuses.append(answer.status)
            except OSError as error:
                self.statuses.append(getattr(error, "code", 0))

    def __enter__(self) -> "Caller":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join(30)


def fetch_as_evaluation(stack: RunState, client: Client, path: Path) -> bool:
    """Fetch the model that serves as an evaluation of the training pipeline does, with its role."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(champion, "create_client", acting_as(stack, client, find_role(client, "Training", "TrainingEvaluateRole")))
        return champion.fetch_model(stack.endpoint, path)


def test_serves_what_is_approved_and_answers_all_the_while(
    stack: RunState, client: Client, register: Register, archive: str, tmp_path: Path
) -> None:
    version = register(archive)
    with Caller(stack.api_url) as caller:
        result = models(client, "approve", str(version), "--wait")
    assert result.exit_code == 0, result.output
    assert f"version {version} serves" in result.stdout
    found = settled(client("cloudformation"))
    named = {each["ParameterKey"]: each["ParameterValue"] for each in found["Parameters"]}["ModelPackageArn"]
    assert named.endswith(f"/{version}")
    config = client("sagemaker").describe_endpoint_config(
        EndpointConfigName=client("sagemaker").describe_endpoint(EndpointName=stack.endpoint)["EndpointConfigName"]
    )
    model = client("sagemaker").describe_model(ModelName=config["ProductionVariants"][0]["ModelName"])
    assert model["PrimaryContainer"]["ModelPackageName"] == named
    with urlopen(f"{stack.api_url}/status") as answer:
        told = json.load(answer)["models"]
    assert told["variants"] == [{"name": "AllTraffic", "version": version}]
    assert (told["approved"]["version"], told["is_newest"]) == (version, True)
    assert fetch_as_evaluation(stack, client, tmp_path / "model.tar.gz")
    assert len(caller.statuses) > 3
    assert set(caller.statuses) == {200}


def test_rejects_what_cannot_be_served_and_serves_on(
    stack: RunState, client: Client, register: Register, archive: str, broken_archive: str
) -> None:
    good, bad = register(archive), register(broken_archive)
    assert models(client, "approve", str(good), "--wait").exit_code == 0
    with Caller(stack.api_url) as caller:
        result = models(client, "approve", str(bad), "--wait")
    assert result.exit_code == 1
    assert f"version {bad} is Rejected: rolled back: " in str(result.exception)
    assert "sha256" in str(result.exception)
    assert set(caller.statuses) == {200}
    assert models(client, "list").stdout.count(" yes ") == 1


def test_rejects_what_sagemaker_took_back_without_a_word(
    stack: RunState, stack_dir: Path, client: Client, register: Register, archive: str
) -> None:
    good, lost = register(archive), register(archive)
    assert models(client, "approve", str(good), "--wait").exit_code == 0
    conditions = stack_dir / "sagemaker.json"
    conditions.write_text('{"silent_rollback": true}')
    try:
        with ThreadPoolExecutor(1) as pool:
            # CloudFormation calls the update a success, and the stack names the version that is lost.
            waiting = pool.submit(models, client, "approve", str(lost), "--wait")
            wait_for_update(client, stack.endpoint)
            conditions.unlink()
            result = waiting.result()
    finally:
        conditions.unlink(missing_ok=True)
    assert result.exit_code == 1
    assert f"version {lost} is Rejected: rolled back: the endpoint is InService with" in str(result.exception)
    assert models(client, "approve", str(good), "--wait").exit_code == 0
    outputs = {each["OutputKey"]: each["OutputValue"] for each in settled(client("cloudformation"))["Outputs"]}
    assert client("sagemaker").describe_endpoint(EndpointName=stack.endpoint)["EndpointConfigName"] == outputs["EndpointConfigName"]


def wait_for_update(client: Client, endpoint: str) -> None:
    """Wait until an update of the endpoint has begun."""
    deadline = time.monotonic() + 60
    while client("sagemaker").describe_endpoint(EndpointName=endpoint)["EndpointStatus"] != "Updating":
        assert time.monotonic() < deadline
        time.sleep(0.02)


def package_arn(version: int) -> str:
    return f"arn:aws:sagemaker:us-east-1:000000000000:model-package/inferstack-local-digits/{version}"


def test_goes_back_to_the_version_before(client: Client, register: Register, archive: str) -> None:
    before, after = register(archive), register(archive)
    for version in (before, after):
        assert models(client, "approve", str(version), "--wait").exit_code == 0
    result = models(client, "rollback", "--reason", "any", "--wait")
    assert f"version {before} serves" in result.stdout
    assert client("sagemaker").describe_model_package(ModelPackageName=package_arn(after))["ApprovalDescription"] == (
        "rolled back by hand: any"
    )


def test_takes_the_only_approval_back(client: Client, register: Register, archive: str) -> None:
    for number in [int(each["ModelPackageVersion"]) for each in list_approved(client)]:
        client("sagemaker").update_model_package(ModelPackageArn=package_arn(number), ModelApprovalStatus="Rejected")
    assert models(client, "approve", str(register(archive)), "--wait").exit_code == 0
    result = models(client, "rollback", "--wait")
    assert result.exit_code == 0, result.output
    assert "the deployment's own model serves" in result.stdout


def list_approved(client: Client) -> list[dict[str, Any]]:
    request = {"ModelPackageGroupName": "inferstack-local-digits", "ModelApprovalStatus": "Approved"}
    approved: list[dict[str, Any]] = client("sagemaker").list_model_packages(**request)["ModelPackageSummaryList"]
    return approved


@pytest.mark.timeout(240)
def test_a_later_deploy_keeps_what_was_approved(  # noqa: PLR0917 - fixtures
    stack: RunState, stack_dir: Path, client: Client, register: Register, archive: str, tmp_path: Path
) -> None:
    version = register(archive)
    assert models(client, "approve", str(version), "--wait").exit_code == 0
    env = cdk.build_environment(stack.port, stack_dir / "cdk-home", secret_key=stack.aws["AWS_SECRET_ACCESS_KEY"])
    changed: list[str] = []
    cdk.synth(tmp_path / "cdk.out", {"log_retention_days": "3"})
    try:
        cdk.deploy(tmp_path / "cdk.out", tmp_path / "outputs.json", env, changed.append)
        found = settled(client("cloudformation"))
    finally:
        cdk.deploy(stack_dir / "cdk.out", tmp_path / "outputs.json", env, lambda _: None)
    assert not any(f"{STACK} (no changes)" in line for line in changed)
    assert found["StackStatus"] == "UPDATE_COMPLETE"
    assert {each["ParameterKey"]: each["ParameterValue"] for each in found["Parameters"]}["ModelPackageArn"].endswith(f"/{version}")
    assert models(client, "list").stdout.count(" yes ") == 1
