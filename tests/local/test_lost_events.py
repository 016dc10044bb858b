"""Events of SageMaker's that never come: AWS sends them as well as it can, and what waits for one must not wait for ever."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from local.run_state import RunState
from recipes import npy
from tests.local.conftest import Client

SCHEDULED = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}
LIMIT_S = 60


@pytest.fixture
def every_upload_is_large(client: Client) -> Iterator[None]:
    functions = client("lambda")
    (name,) = [each["FunctionName"] for each in functions.list_functions()["Functions"] if "UploadsProcessFunction" in each["FunctionName"]]
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": {**variables, "TRANSFORM_OVER_BYTES": "1"}})
    yield
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})


@pytest.fixture
def events_are_lost(stack_dir: Path) -> Iterator[None]:
    conditions = stack_dir / "sagemaker.json"
    conditions.write_text('{"lost_events": true}')
    yield
    conditions.unlink()


@pytest.mark.usefixtures("every_upload_is_large", "events_are_lost")
def test_finishes_an_upload_of_whose_transform_job_no_event_came(stack: RunState, client: Client) -> None:
    s3, key = client("s3"), f"inbox/{uuid4().hex}.npy"
    before = list_names(s3, stack, "transform/", ".npy.out")
    s3.put_object(Bucket=stack.uploads_bucket, Key=key, Body=npy.write(bytes(2 * 784), (2, 28, 28)))
    wait_for(lambda: [name for name in list_names(s3, stack, "transform/", ".npy.out") if name not in before])
    time.sleep(2)  # more than the job's end and its event take
    assert not list_names(s3, stack, key, "summary.json")
    (web,) = client("cloudformation").describe_stacks(StackName="Inferstack-local-Web")["Stacks"]
    queue = next(each["OutputValue"] for each in web["Outputs"] if each["OutputKey"] == "UploadQueueUrl")
    client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(SCHEDULED))
    (summary,) = wait_for(lambda: list_names(s3, stack, key, "summary.json"))
    assert json.load(s3.get_object(Bucket=stack.results_bucket, Key=summary)["Body"])["state"] == "succeeded"


def list_names(s3: Any, stack: RunState, prefix: str, end: str = "") -> list[str]:
    found = s3.list_objects_v2(Bucket=stack.results_bucket, Prefix=prefix).get("Contents", [])
    return [each["Key"] for each in found if each["Key"].endswith(end)]


def wait_for(look: Any) -> list[str]:
    deadline = time.monotonic() + LIMIT_S
    while not (found := look()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return list(found)
