"""What SQS and CloudWatch refuse of a request, as the emulator refuses it: our code keeps to these limits."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.local.conftest import Client


@pytest.fixture
def queue(client: Client) -> Iterator[str]:
    sqs = client("sqs")
    url = sqs.create_queue(QueueName=f"limits-{uuid4().hex}")["QueueUrl"]
    yield url
    sqs.delete_queue(QueueUrl=url)


@pytest.mark.parametrize(
    ("operation", "taken", "refused"),
    [
        ("send_message", {"DelaySeconds": 900}, {"DelaySeconds": 901}),
        ("send_message", {"MessageGroupId": "AROA1-2_3.x" + "y" * 117}, {"MessageGroupId": "x" * 129}),
        ("send_message", {"MessageGroupId": "somebody"}, {"MessageGroupId": "some body"}),
        ("receive_message", {"VisibilityTimeout": 43_200}, {"VisibilityTimeout": 43_201}),
        ("receive_message", {"WaitTimeSeconds": 0}, {"WaitTimeSeconds": 21}),
    ],
)
def test_takes_what_sqs_takes_and_no_more(
    operation: str, taken: dict[str, Any], refused: dict[str, Any], queue: str, client: Client
) -> None:
    call = getattr(client("sqs"), operation)
    body = {"MessageBody": "any"} if operation == "send_message" else {}
    call(QueueUrl=queue, **body, **taken)
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        call(QueueUrl=queue, **body, **refused)


def test_hides_a_message_for_twelve_hours_at_most_and_refuses_one_of_a_batch(queue: str, client: Client) -> None:
    sqs = client("sqs")
    entries = [{"Id": "good", "MessageBody": "any"}, {"Id": "bad", "MessageBody": "any", "DelaySeconds": 901}]
    sent = sqs.send_message_batch(QueueUrl=queue, Entries=entries)
    assert [[each["Id"] for each in sent[state]] for state in ("Successful", "Failed")] == [["good"], ["bad"]]
    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    hide = {"QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"]}
    sqs.change_message_visibility(**hide, VisibilityTimeout=43_200)
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        sqs.change_message_visibility(**hide, VisibilityTimeout=43_201)


def test_tells_no_more_points_and_alarms_at_once_than_cloudwatch_does(client: Client) -> None:
    cloudwatch, now = client("cloudwatch"), datetime.now(UTC)

    def ask(span: timedelta, period_s: int) -> None:
        metric = {"Namespace": "AWS/SQS", "MetricName": "NumberOfMessagesSent", "Statistics": ["Sum"]}
        cloudwatch.get_metric_statistics(**metric, StartTime=now - span, EndTime=now, Period=period_s)

    ask(timedelta(days=1), 60)
    for span, period_s, problem in (
        (timedelta(days=2), 60, "more datapoints"),
        (timedelta(hours=1), 90, "Period must be"),
        (timedelta(0), 60, "StartTime must be less"),
    ):
        with pytest.raises(ClientError, match=problem):
            ask(span, period_s)
    cloudwatch.describe_alarms(AlarmNames=[str(number) for number in range(100)])
    with pytest.raises(ClientError, match="ValidationError"):
        cloudwatch.describe_alarms(AlarmNames=[str(number) for number in range(101)])
