"""The local SageMaker, through plain boto3 clients: endpoints that are real servers, changes without a moment in between, AWS's errors."""

import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from local.run_state import RunState
from tests.arrays import npy_of
from tests.local.conftest import Client, config

LIMIT_S = 60
Make = Callable[..., str]


BODY = npy_of(np.zeros((1, 28, 28), np.uint8))


def wait(client: Client, name: str, status: str = "InService") -> dict[str, Any]:
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        described: dict[str, Any] = client("sagemaker").describe_endpoint(EndpointName=name)
        if described["EndpointStatus"] == status:
            return described
        time.sleep(0.1)
    raise AssertionError(described)


def invoke(client: Client, name: str, body: bytes = BODY, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client("sagemaker-runtime").invoke_endpoint(
        EndpointName=name, Body=body, ContentType="application/x-npy", **more
    )
    return answer


class Load:
    """Threads that invoke without a pause, and what they got."""

    def __init__(self, client: Client, name: str) -> None:
        self.outcomes: Counter[str] = Counter()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(client("sagemaker-runtime"), name)) for _ in range(4)]

    def _run(self, runtime: Any, name: str) -> None:
        while not self._stop.is_set():
            try:
                answer = runtime.invoke_endpoint(EndpointName=name, Body=BODY, ContentType="application/x-npy")
                answer["Body"].read()
                self.outcomes[answer["InvokedProductionVariant"]] += 1
            except (ClientError, BotoCoreError) as error:
                self.outcomes[f"failed: {error}"] += 1

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        time.sleep(0.3)
        self._stop.set()
        for thread in self._threads:
            thread.join()


def test_is_not_ready_while_it_starts_and_answers_by_weight(client: Client, endpoint: Make, archive: str) -> None:
    name = endpoint(("a", archive, 1), ("b", archive, 3), ("idle", archive, 0))
    with pytest.raises(ClientError) as early:
        invoke(client, name)
    assert early.value.response["Error"]["Code"] == "ModelNotReadyException"
    assert early.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    variants = wait(client, name)["ProductionVariants"]
    assert {variant["VariantName"]: variant["CurrentWeight"] for variant in variants} == {"a": 1, "b": 3, "idle": 0}

    seen = Counter(invoke(client, name)["InvokedProductionVariant"] for _ in range(120))
    assert seen["idle"] == 0
    assert seen["b"] > seen["a"] > 0
    assert invoke(client, name, TargetVariant="idle")["InvokedProductionVariant"] == "idle"

    client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName=name, DesiredWeightsAndCapacities=[{"VariantName": "a", "DesiredWeight": 0}, {"VariantName": "b", "DesiredWeight": 0}]
    )
    client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName=name, DesiredWeightsAndCapacities=[{"VariantName": "idle", "DesiredWeight": 1}]
    )
    assert invoke(client, name)["InvokedProductionVariant"] == "idle"


def test_moves_to_a_new_configuration_without_a_failed_request(client: Client, endpoint: Make, archive: str) -> None:
    name = endpoint(("old", archive, 1))
    wait(client, name)
    with Load(client, name) as load:
        client("sagemaker").update_endpoint(EndpointName=name, EndpointConfigName=config(client, ("new", archive, 1)))
        wait(client, name)
    assert set(load.outcomes) == {"old", "new"}


def test_keeps_what_runs_when_the_new_model_is_broken(client: Client, endpoint: Make, archive: str, broken_archive: str) -> None:
    name = endpoint(("old", archive, 1))
    before = wait(client, name)["EndpointConfigName"]
    with Load(client, name) as load:
        client("sagemaker").update_endpoint(EndpointName=name, EndpointConfigName=config(client, ("new", broken_archive, 1)))
        described = wait(client, name)
    assert described["EndpointConfigName"] == before
    assert "sha256" in described["FailureReason"]
    assert set(load.outcomes) == {"old"}


def test_fails_to_create_with_the_servers_reason(client: Client, endpoint: Make, broken_archive: str) -> None:
    name = endpoint(("only", broken_archive, 1))
    assert "sha256" in wait(client, name, "Failed")["FailureReason"]
    with pytest.raises(ClientError, match="cannot be invoked"):
        invoke(client, name)


def test_starts_a_server_again_that_was_killed(client: Client, endpoint: Make, archive: str) -> None:
    name = endpoint(("only", archive, 1))
    wait(client, name)
    for pid in servers(name):
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        try:
            invoke(client, name)
            break
        except ClientError:
            time.sleep(0.2)
    assert invoke(client, name)["InvokedProductionVariant"] == "only"


def test_leaves_no_server_when_it_is_deleted(client: Client, archive: str) -> None:
    name = "test-deleted"
    client("sagemaker").create_endpoint(EndpointName=name, EndpointConfigName=config(client, ("only", archive, 1)))
    wait(client, name)
    assert servers(name)
    client("sagemaker").delete_endpoint(EndpointName=name)
    deadline = time.monotonic() + LIMIT_S
    while servers(name) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not servers(name)
    with pytest.raises(ClientError, match="Could not find endpoint"):
        client("sagemaker").describe_endpoint(EndpointName=name)


def test_speaks_of_errors_as_aws_does(stack: RunState, client: Client) -> None:
    def refused(**request: Any) -> dict[str, Any]:
        with pytest.raises(ClientError) as caught:
            client("sagemaker-runtime").invoke_endpoint(**{"EndpointName": stack.endpoint, "Body": BODY, **request})
        return caught.value.response

    missing = refused(EndpointName="nowhere")
    assert (missing["Error"]["Code"], missing["Error"]["Message"]) == (
        "ValidationError",
        "Endpoint nowhere of account 000000000000 not found.",
    )
    assert refused(TargetVariant="nobody")["Error"]["Code"] == "ValidationError"
    failed = refused(Body=b"not json", ContentType="application/json")
    assert (failed["Error"]["Code"], failed["OriginalStatusCode"]) == ("ModelError", 400)
    assert "malformed" in failed["OriginalMessage"]
    # The stack's endpoint is serverless, which takes 4 MB.
    oversize = refused(Body=bytes((4 << 20) + 1))
    assert (oversize["Error"]["Code"], oversize["ResponseMetadata"]["HTTPStatusCode"]) == ("ValidationError", 400)
    assert "has oversize body" in oversize["Error"]["Message"]


@pytest.mark.parametrize("accept", ["application/json", "text/csv", "application/x-npy"])
def test_leaves_the_containers_content_type_as_it_is(stack: RunState, client: Client, accept: str) -> None:
    assert invoke(client, stack.endpoint, Accept=accept)["ContentType"] == accept


def test_refuses_names_that_are_taken_and_models_that_are_not_there(client: Client, archive: str) -> None:
    name = config(client, ("only", archive, 1))
    sagemaker = client("sagemaker")
    variant = {"VariantName": "only", "ModelName": f"{name}-only", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    with pytest.raises(ClientError, match="already existing"):
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    with pytest.raises(ClientError, match="Could not find model"):
        sagemaker.create_endpoint_config(EndpointConfigName="other", ProductionVariants=[{**variant, "ModelName": "nobody"}])


def servers(endpoint_name: str) -> list[int]:
    """Return the server processes whose log is named after the endpoint."""
    listed = subprocess.run(["pgrep", "-f", "[-]m serving"], capture_output=True, text=True, check=False).stdout.split()
    found = []
    for pid in map(int, listed):
        try:
            if endpoint_name in str(Path(f"/proc/{pid}/fd/1").readlink()):
                found.append(pid)
        except OSError:
            continue
    return found
