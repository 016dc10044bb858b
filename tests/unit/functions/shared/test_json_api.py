"""SQS and EventBridge by our client: what moto takes, what is asked again."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from functions.shared.aws.address import Address
from functions.shared.aws.credentials import Credentials
from functions.shared.aws.hosts import find_events, find_sqs
from functions.shared.aws.http_response import Answer
from functions.shared.aws.json_api import EventBridge, Sqs
from functions.shared.aws.retries import Refused
from tests.moto_aws import REGION, create_client, empty_account
from tests.moto_s3 import MotoSender

CREDENTIALS = Credentials("any", "any")


@pytest.fixture(autouse=True)
def account() -> Iterator[None]:
    with empty_account():
        yield


def create(kind: Any, address: Address, sender: Any = None) -> Any:
    return kind(address, REGION, lambda: CREDENTIALS, sender or MotoSender(address), wait_s=1, attempts=3, sleep=lambda _: None)


def test_sends_and_hides_messages() -> None:
    theirs = create_client("sqs")
    url = theirs.create_queue(QueueName="uploads")["QueueUrl"]
    ours = create(Sqs, find_sqs({}, REGION))
    id_ = ours.send_message(QueueUrl=url, MessageBody='{"a": "ü"}')["MessageId"]
    (message,) = theirs.receive_message(QueueUrl=url)["Messages"]
    assert (message["MessageId"], message["Body"]) == (id_, '{"a": "ü"}')
    ours.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    assert theirs.receive_message(QueueUrl=url)["Messages"][0]["MessageId"] == id_
    with pytest.raises(Refused, match=r"NonExistentQueue|QueueDoesNotExist"):
        ours.send_message(QueueUrl=f"{url}-none", MessageBody="a")


def test_puts_events() -> None:
    ours = create(EventBridge, find_events({}, REGION))
    done = ours.put_events(Entries=[{"Source": "inferstack", "DetailType": "any", "Detail": "{}"}])
    assert (done["FailedEntryCount"], len(done["Entries"])) == (0, 1)


@dataclass
class Script:
    """Gives one answer a request."""

    answers: list[Answer]
    sent: list[tuple[str, Mapping[str, str], Any]] = field(default_factory=list)

    def send(self, _: str, target: str, headers: Mapping[str, str], body: bytes, **__: Any) -> Answer:
        self.sent.append((target, headers, json.loads(body)))
        return self.answers[min(len(self.sent), len(self.answers)) - 1]


def test_asks_again_what_is_throttled_and_says_why_it_gave_up() -> None:
    throttled = Answer(400, {}, b'{"__type":"com.amazonaws.events#ThrottlingException","message":"slow"}', True)
    script = Script([throttled, throttled, Answer(200, {}, b'{"FailedEntryCount":0}', True)])
    assert create(EventBridge, find_events({}, REGION), script).put_events(Entries=[]) == {"FailedEntryCount": 0}
    target, headers, body = script.sent[-1]
    assert (target, headers["x-amz-target"], body) == ("/", "AWSEvents.PutEvents", {"Entries": []})
    with pytest.raises(Refused, match=r"ThrottlingException \(400\): slow"):
        create(EventBridge, find_events({}, REGION), Script([throttled])).put_events(Entries=[])


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"message": 1}'])
def test_names_the_status_of_an_error_without_a_name(body: bytes) -> None:
    with pytest.raises(Refused, match="403"):
        create(Sqs, find_sqs({}, REGION), Script([Answer(403, {}, body, True)])).send_message(QueueUrl="q", MessageBody="a")
