"""Batch Transform, through plain boto3 clients: the shipped model answers every object, and the end is told by an event."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from botocore.exceptions import ClientError

from local.run_state import RunState
from tests.arrays import npy_of
from tests.local.conftest import ROLE, Client, create_queue_for_events

LIMIT_S = 60
Job = dict[str, Any]
Run = Callable[..., Job]
LINE = b",".join([b"0"] * 784)


def npy(count: int) -> bytes:
    return npy_of(np.zeros((count, 28, 28), np.uint8))


@pytest.fixture(scope="module")
def model(client: Client, archive: str) -> str:
    """A model with the shipped archive."""
    name = f"transform-{uuid4().hex[:8]}"
    client("sagemaker").create_model(
        ModelName=name,
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": "inferstack/serving", "ModelDataUrl": archive},
    )
    return name


@pytest.fixture
def job(client: Client, stack: RunState, model: str) -> Callable[..., str]:
    """Return a starter of jobs over objects, by path below the input; it returns the job's name."""

    def create(objects: dict[str, bytes], content_type: str = "application/x-npy", **more: Any) -> str:
        name = f"job-{uuid4().hex[:8]}"
        for path, content in objects.items():
            client("s3").put_object(Bucket=stack.dump_bucket, Key=f"transform/{name}/in/{path}", Body=content)
        place = f"s3://{stack.dump_bucket}/transform/{name}"
        source, target = more.pop("TransformInput", {}), more.pop("TransformOutput", {})
        s3_source = {"S3DataType": "S3Prefix", "S3Uri": f"{place}/in/"}
        client("sagemaker").create_transform_job(
            **{
                "TransformJobName": name,
                "ModelName": model,
                "TransformInput": {"DataSource": {"S3DataSource": s3_source}, "ContentType": content_type, **source},
                "TransformOutput": {"S3OutputPath": f"{place}/out", **target},
                "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
                **more,
            }
        )
        return name

    return create


def ended(client: Client, name: str) -> Job:
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        described: Job = client("sagemaker").describe_transform_job(TransformJobName=name)
        if described["TransformJobStatus"] in {"Completed", "Failed", "Stopped"}:
            return described
        time.sleep(0.1)
    raise AssertionError(described)


def written(client: Client, stack: RunState, name: str) -> dict[str, bytes]:
    """Return what the job wrote, by path below its output."""
    s3, prefix = client("s3"), f"transform/{name}/out/"
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=stack.dump_bucket, Prefix=prefix).get("Contents", [])]
    return {key.removeprefix(prefix): s3.get_object(Bucket=stack.dump_bucket, Key=key)["Body"].read() for key in keys}


@pytest.fixture
def told(client: Client) -> Iterator[Callable[[str, int], list[Job]]]:
    """Return what a rule on the default bus lets into a queue: (job's name, how many) → the events' details."""
    bus, sqs, name = client("events"), client("sqs"), f"transform-{uuid4().hex[:8]}"
    queue, arn = create_queue_for_events(client, name)
    bus.put_rule(Name=name, EventPattern=json.dumps({"source": ["aws.sagemaker"], "detail-type": ["SageMaker Transform Job State Change"]}))
    bus.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])

    def wait(job: str, count: int) -> list[Job]:
        found: list[Job] = []
        deadline = time.monotonic() + LIMIT_S
        while len(found) < count and time.monotonic() < deadline:
            for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", []):
                event = json.loads(message["Body"])
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
                if event["detail"]["TransformJobName"] == job:
                    found.append(event["detail"])
        return found

    yield wait
    bus.remove_targets(Rule=name, Ids=["queue"])
    bus.delete_rule(Name=name)
    sqs.delete_queue(QueueUrl=queue)


def test_answers_every_object_and_tells_the_bus(
    client: Client, stack: RunState, job: Callable[..., str], told: Callable[[str, int], list[Job]]
) -> None:
    name = job({"00000.npy": npy(3), "deep/00001.npy": npy(2)}, MaxConcurrentTransforms=2, TransformOutput={"Accept": "application/json"})
    described = ended(client, name)
    assert described["TransformJobStatus"] == "Completed"
    assert described["TransformEndTime"] >= described["TransformStartTime"]
    answers = {path: len(json.loads(body)["predictions"]) for path, body in written(client, stack, name).items()}
    assert answers == {"00000.npy.out": 3, "deep/00001.npy.out": 2}

    started, finished = told(name, 2)
    assert (started["TransformJobStatus"], finished["TransformJobStatus"]) == ("InProgress", "Completed")
    assert finished["TransformJobArn"] == described["TransformJobArn"]
    assert finished["TransformOutput"] == described["TransformOutput"]
    assert finished["TransformEndTime"] == int(described["TransformEndTime"].timestamp() * 1000)


@pytest.mark.parametrize("strategy", ["SingleRecord", "MultiRecord"])
def test_answers_line_by_line(client: Client, stack: RunState, job: Callable[..., str], strategy: str) -> None:
    name = job(
        {"rows.csv": b"\n".join([LINE] * 5)},
        "text/csv",
        BatchStrategy=strategy,
        TransformInput={"SplitType": "Line"},
        TransformOutput={"Accept": "text/csv", "AssembleWith": "Line"},
    )
    assert ended(client, name)["TransformJobStatus"] == "Completed"
    lines = written(client, stack, name)["rows.csv.out"].decode().splitlines()
    assert len(lines) == 5
    assert len(set(lines)) == 1


def test_fails_on_one_bad_object_and_still_answers_the_others(
    client: Client, stack: RunState, job: Callable[..., str], told: Callable[[str, int], list[Job]]
) -> None:
    name = job({"bad.npy": b"not an array", "good.npy": npy(1)})
    described = ended(client, name)
    assert (described["TransformJobStatus"], described["FailureReason"]) == ("Failed", "ClientError: See job logs for more information")
    assert set(written(client, stack, name)) == {"good.npy.out"}
    assert told(name, 2)[-1]["FailureReason"] == described["FailureReason"]


def test_fails_without_an_object(client: Client, job: Callable[..., str]) -> None:
    assert "No S3 objects found" in ended(client, job({}))["FailureReason"]


def test_gives_the_container_the_jobs_environment(client: Client, job: Callable[..., str]) -> None:
    assert "INFERSTACK_DEVICE" in ended(client, job({"a.npy": npy(1)}, Environment={"INFERSTACK_DEVICE": "tpu"}))["FailureReason"]


def test_stops_where_it_is(client: Client, stack: RunState, job: Callable[..., str], told: Callable[[str, int], list[Job]]) -> None:
    name = job({f"{number:05}.npy": npy(1) for number in range(40)})
    client("sagemaker").stop_transform_job(TransformJobName=name)
    assert ended(client, name)["TransformJobStatus"] == "Stopped"
    assert len(written(client, stack, name)) < 40
    assert [each["TransformJobStatus"] for each in told(name, 3)] == ["InProgress", "Stopping", "Stopped"]
    client("sagemaker").stop_transform_job(TransformJobName=name)
    assert ended(client, name)["TransformJobStatus"] == "Stopped"


def test_refuses_a_name_that_is_taken_and_a_model_that_is_not_there(client: Client, job: Callable[..., str]) -> None:
    name = job({"a.npy": npy(1)})
    with pytest.raises(ClientError) as taken:
        job({}, TransformJobName=name)
    assert (taken.value.response["Error"]["Code"], taken.value.response["ResponseMetadata"]["HTTPStatusCode"]) == ("ResourceInUse", 400)
    with pytest.raises(ClientError, match="Could not find model"):
        job({}, ModelName="nobody")
    with pytest.raises(ClientError, match="Could not find requested job"):
        client("sagemaker").describe_transform_job(TransformJobName="nothing")
    ended(client, name)


def test_lists_the_newest_first(client: Client, job: Callable[..., str]) -> None:
    first, second = job({"a.npy": npy(1)}), job({})
    ended(client, first)
    ended(client, second)
    sagemaker = client("sagemaker")
    listed = [each["TransformJobName"] for each in sagemaker.list_transform_jobs()["TransformJobSummaries"]]
    assert listed[:2] == [second, first]
    failed = sagemaker.list_transform_jobs(StatusEquals="Failed", NameContains=second)["TransformJobSummaries"]
    assert [each["TransformJobName"] for each in failed] == [second]
    assert sagemaker.list_transform_jobs(StatusEquals="Failed", NameContains=first)["TransformJobSummaries"] == []
