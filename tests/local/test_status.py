"""GET /status on the running stack: whole, and by a role that reads what it names."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from functions.shared.jobs import Job
from local.run_state import RunState
from tests.local.conftest import Client, acting_as, create_role
from tests.local.test_stack import ask


@pytest.fixture
def jobs(stack: RunState, client: Client) -> Iterator[list[Job]]:
    """A job under way and one that failed, of a caller and of the inbox each: none that waits for anything."""
    s3, made, now = client("s3"), [], datetime.now(UTC)
    keys = []
    for number in range(2):
        caller, dropped = Job.new("any-caller", "a.csv", int(now.timestamp() * 1000)), Job.of_upload(f"inbox/{uuid4().hex}.csv", "any")
        assert dropped
        for job in (caller, dropped):
            objects = {"started.json": {"started_at": now.isoformat(), "name": "private.csv"}}
            if job is caller:
                objects["job.json"] = {"created_at": now.isoformat(), "name": "private.csv"}
            if number:
                error = {"code": "malformed", "title": "Malformed input", "detail": "private.csv"}
                objects["summary.json"] = {**objects["started.json"], "state": "failed", "error": error}
            for name, document in objects.items():
                s3.put_object(Bucket=stack.results_bucket, Key=job.key(name), Body=json.dumps(document).encode())
                keys.append({"Key": job.key(name)})
            made.append(job)
    yield made
    s3.delete_objects(Bucket=stack.results_bucket, Delete={"Objects": keys})


def read_status(state: RunState, **headers: str) -> dict[str, Any]:
    status, _, body = ask(f"{state.api_url}/status", **headers)
    assert (status, body["unread"]) == (200, [])
    found: dict[str, Any] = body
    return found


def test_tells_what_runs(stack: RunState, client: Client, jobs: list[Job]) -> None:
    status = read_status(stack)
    assert (status["endpoint"]["name"], status["endpoint"]["kind"], status["endpoint"]["state"]) == (
        stack.endpoint,
        "serverless",
        "InService",
    )
    assert status["models"]["is_newest"]
    assert status["uploads"]["dead_letters"] >= 0
    states = {each["id"]: (each["source"], each["state"], each["problem"]) for each in status["jobs"]["newest"]}
    expected = [
        ("api", "processing", None),
        ("inbox", "processing", None),
        ("api", "failed", "malformed"),
        ("inbox", "failed", "malformed"),
    ]
    assert [states[job.id] for job in jobs] == expected
    assert "private" not in json.dumps(status)
    assert "any-caller" not in json.dumps(status)
    everything = {each["AlarmName"] for each in client("cloudwatch").describe_alarms()["MetricAlarms"]}
    named = {each["name"] for each in status["alarms"]["alarms"]}
    assert (named, status["alarms"]["missing"]) == ({name for name in everything if name.startswith("Inferstack-local-")}, [])


def test_tells_of_an_alarm_and_of_an_upload_that_waits(stack: RunState, client: Client) -> None:
    cloudwatch, sqs = client("cloudwatch"), client("sqs")
    (url,) = [each for each in sqs.list_queues()["QueueUrls"] if "UploadsDeadLetters" in each]
    alarm = "Inferstack-local-Web-DeadLetters"
    before = read_status(stack)["uploads"]["dead_letters"]
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="any")
    receipt = sqs.send_message(QueueUrl=url, MessageBody="{}")
    status = read_status(stack)
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="OK", StateReason="any")
    for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)["Messages"]:
        if message["MessageId"] == receipt["MessageId"]:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert status["uploads"]["dead_letters"] == before + 1
    assert (status["alarms"]["alarms"][0]["name"], status["alarms"]["alarms"][0]["state"]) == (alarm, "ALARM")


def test_reads_the_alarms_that_its_policy_names_and_no_others(stack: RunState, client: Client) -> None:
    mine, other = "Inferstack-local-Web-DeadLetters", "Inferstack-local-Web-OldestUpload"
    arn = f"arn:aws:cloudwatch:us-east-1:000000000000:alarm:{mine}"
    role = create_role(client, "reads-an-alarm", "lambda.amazonaws.com", ["cloudwatch:DescribeAlarms"], arn)
    cloudwatch = acting_as(stack, client, role)("cloudwatch")
    (found,) = cloudwatch.describe_alarms(AlarmNames=[mine])["MetricAlarms"]
    assert found["AlarmName"] == mine
    for request in ({"AlarmNames": [mine, other]}, {"AlarmNamePrefix": mine}, {}):
        with pytest.raises(ClientError, match="not authorized to perform: cloudwatch:DescribeAlarms"):
            cloudwatch.describe_alarms(**request)


def test_knows_how_long_a_message_has_waited(client: Client) -> None:
    sqs, cloudwatch = client("sqs"), client("cloudwatch")
    name = f"any-{uuid4().hex[:8]}"
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="any")
    now, hour = datetime.now(UTC), timedelta(hours=1)
    points = cloudwatch.get_metric_statistics(
        Namespace="AWS/SQS",
        MetricName="ApproximateAgeOfOldestMessage",
        Dimensions=[{"Name": "QueueName", "Value": name}],
        StartTime=now - hour,
        EndTime=now + hour,
        Period=60,
        Statistics=["Maximum"],
    )["Datapoints"]
    sqs.delete_queue(QueueUrl=url)
    assert [0 <= point["Maximum"] < 60 for point in points] == [True]
