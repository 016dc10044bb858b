"""The way back from the dead-letter queue: whatever is refused or cut short, nothing is lost, and nothing goes round for ever."""

# ruff: noqa: N803 - boto3 names its arguments so

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner, Result

from cli import dead_letters
from cli.aws import Queues
from cli.main import app
from tests.unit.cli.world import FakeApi, outside

QUEUES = Queues("uploads", "dead")
OUTPUTS = MappingProxyType({"UploadQueueUrl": "uploads", "DeadLetterQueueUrl": "dead"})


def event(key: str) -> str:
    return json.dumps({"Records": [{"s3": {"object": {"key": key}}}]})


@dataclass
class FakeSqs:
    """Two queues. What is received is hidden until `reappear`, or until its visibility is changed.

    Args:    refuse: bodies that the upload queue does not take.
             poison: bodies that come back to the dead-letter queue as soon as the upload queue has them.
             undeletable: whether deletes are refused.
             crash_on: the call at which the connection breaks.
             cap: how many a receive brings at most: SQS often brings fewer than there are.
    """

    dead: list[dict[str, Any]] = field(default_factory=list)
    uploads: list[dict[str, Any]] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    refuse: set[str] = field(default_factory=set)
    poison: set[str] = field(default_factory=set)
    undeletable: bool = False
    crash_on: str = ""
    cap: int = 10
    batches: list[int] = field(default_factory=list)
    number: int = 0

    def put(self, body: str, **more: Any) -> None:
        self.number += 1
        sent = {"SentTimestamp": str(1000 * (1000 - self.number)), "ApproximateReceiveCount": "4"}
        id_ = f"m{self.number}"
        self.dead.append({"MessageId": id_, "ReceiptHandle": f"r-{id_}", "Body": body, "Attributes": sent, **more})

    def get_queue_attributes(self, QueueUrl: str, AttributeNames: list[str]) -> dict[str, Any]:
        assert QueueUrl == "dead"
        return {"Attributes": {"ApproximateNumberOfMessages": str(len(self.dead) - len(self.hidden))}}

    def receive_message(self, QueueUrl: str, MaxNumberOfMessages: int, VisibilityTimeout: int, WaitTimeSeconds: int, **_: Any) -> Any:
        self._maybe_crash("receive")
        assert QueueUrl == "dead"
        assert 1 <= MaxNumberOfMessages <= 10
        assert VisibilityTimeout > 0
        found = [each for each in self.dead if each["MessageId"] not in self.hidden][: min(MaxNumberOfMessages, self.cap)]
        self.hidden |= {each["MessageId"] for each in found}
        return {"Messages": found} if found else {}

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> Any:
        self._maybe_crash("send")
        assert QueueUrl == "uploads"
        self.batches.append(len(Entries))
        taken = [each for each in Entries if each["MessageBody"] not in self.refuse]
        for each in taken:
            self.uploads.append(each)
            if each["MessageBody"] in self.poison:
                self.put(each["MessageBody"])
        failed = [{"Id": each["Id"], "Code": "InternalError", "Message": "try later"} for each in Entries if each not in taken]
        return {"Successful": [{"Id": each["Id"]} for each in taken], **({"Failed": failed} if failed else {})}

    def delete_message_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> Any:
        self._maybe_crash("delete")
        assert QueueUrl == "dead"
        if self.undeletable:
            return {"Failed": [{"Id": each["Id"], "Code": "InternalError"} for each in Entries]}
        gone = {each["ReceiptHandle"] for each in Entries}
        self.hidden -= {each["MessageId"] for each in self.dead if each["ReceiptHandle"] in gone}
        self.dead = [each for each in self.dead if each["ReceiptHandle"] not in gone]
        return {"Successful": [{"Id": each["Id"]} for each in Entries]}

    def change_message_visibility_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> None:
        assert len(Entries) <= 10
        assert all(each["VisibilityTimeout"] == 0 for each in Entries)
        self.hidden -= {each["ReceiptHandle"].removeprefix("r-") for each in Entries}

    def reappear(self) -> None:
        self.hidden.clear()

    def _maybe_crash(self, call: str) -> None:
        if call == self.crash_on:
            raise ConnectionError(call)


def with_dead(count: int, **more: Any) -> FakeSqs:
    sqs = FakeSqs(**more)
    for number in range(count):
        sqs.put(event(f"{number}"))
    return sqs


def bodies(messages: list[dict[str, Any]]) -> list[str]:
    return sorted(each.get("Body") or each["MessageBody"] for each in messages)


@pytest.mark.parametrize(("count", "cap"), [(0, 10), (1, 10), (10, 10), (23, 10), (7, 2)])
def test_moves_all_there_is_and_empties_the_dead_letter_queue(count: int, cap: int) -> None:
    sqs = with_dead(count, cap=cap)
    before = bodies(sqs.dead)
    moved = dead_letters.redrive(sqs, QUEUES)
    assert (moved.found, moved.moved, moved.doubled, moved.kept) == (count, count, 0, [])
    assert (bodies(sqs.uploads), sqs.dead) == (before, [])


def test_does_nothing_the_second_time() -> None:
    sqs = with_dead(3)
    dead_letters.redrive(sqs, QUEUES)
    assert dead_letters.redrive(sqs, QUEUES).moved == 0
    assert len(sqs.uploads) == 3


def test_keeps_what_the_upload_queue_does_not_take() -> None:
    sqs = with_dead(5, refuse={event("1"), event("3")})
    moved = dead_letters.redrive(sqs, QUEUES)
    assert (moved.moved, moved.kept) == (3, ["1: try later", "3: try later"])
    assert bodies(sqs.dead) == [event("1"), event("3")]
    assert bodies(sqs.uploads) == [event("0"), event("2"), event("4")]


def test_deletes_nothing_when_all_is_refused() -> None:
    sqs = with_dead(2, refuse={event("0"), event("1")}, crash_on="delete")
    assert dead_letters.redrive(sqs, QUEUES).moved == 0
    assert len(sqs.dead) == 2


@pytest.mark.parametrize("call", ["receive", "send", "delete"])
def test_loses_nothing_when_it_is_cut_short(call: str) -> None:
    sqs = with_dead(12)
    everything = set(bodies(sqs.dead))
    sqs.crash_on = call
    with pytest.raises(ConnectionError):
        dead_letters.redrive(sqs, QUEUES)
    assert set(bodies(sqs.dead)) | set(bodies(sqs.uploads)) == everything
    sqs.crash_on = ""
    sqs.reappear()
    dead_letters.redrive(sqs, QUEUES)
    assert (sqs.dead, set(bodies(sqs.uploads))) == ([], everything)


def test_moves_poison_once_and_not_for_ever() -> None:
    sqs = with_dead(3, poison={event("0"), event("1"), event("2")})
    assert dead_letters.redrive(sqs, QUEUES).moved == 3
    assert len(sqs.uploads) == 3
    assert len(sqs.dead) == 3


def test_says_how_many_are_in_both_queues_now() -> None:
    sqs = with_dead(3, undeletable=True)
    moved = dead_letters.redrive(sqs, QUEUES)
    assert (moved.moved, moved.doubled) == (3, 3)


def test_takes_a_message_along_as_it_is() -> None:
    sqs = FakeSqs()
    attributes = {"ERROR_CODE": {"StringValue": "SDK_CLIENT_ERROR", "DataType": "String"}}
    sqs.put("any body", MessageAttributes=attributes)
    dead_letters.redrive(sqs, QUEUES)
    assert (sqs.uploads[0]["MessageBody"], sqs.uploads[0]["MessageAttributes"]) == ("any body", attributes)


def test_sends_large_messages_in_batches_that_are_taken() -> None:
    sqs = FakeSqs()
    for number in range(5):
        sqs.put(str(number) + "x" * 90_000)
    assert dead_letters.redrive(sqs, QUEUES).moved == 5
    assert sqs.batches == [2, 2, 1]


def test_looks_without_taking_anything_away() -> None:
    sqs = with_dead(23)
    looked = dead_letters.look(sqs, "dead", now=lambda: 1000)
    assert len(looked) == 23
    assert looked[0] == {"key": "22", "reason": "unknown", "received": 4, "age_s": 23}
    assert (len(sqs.dead), sqs.hidden) == (23, set())


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (event("inbox/a+b%2B%C3%BC.png"), "inbox/a b+ü.png"),
        ('{"detail": {"TransformJobName": "inferstack-dev-1"}}', "end of transform job inferstack-dev-1"),
        ('{"Event": "s3:TestEvent"}', "s3:TestEvent"),
        ("not JSON", "unreadable message m1"),
        ("[]", "unreadable message m1"),
        ('{"Records": []}', "unreadable message m1"),
    ],
)
def test_names_what_a_message_is_about(body: str, key: str) -> None:
    sqs = FakeSqs()
    sqs.put(body)
    assert dead_letters.look(sqs, "dead", now=lambda: 1000)[0]["key"] == key


def test_gives_the_reason_where_there_is_one() -> None:
    sqs = FakeSqs()
    sqs.put("{}", MessageAttributes={"ERROR_MESSAGE": {"StringValue": "no permission"}})
    assert dead_letters.look(sqs, "dead", now=lambda: 1000)[0]["reason"] == "no permission"


class FakeCloudFormation:
    def __init__(self, outputs: Mapping[str, str] | None) -> None:
        self.outputs = outputs

    def describe_stacks(self, StackName: str) -> dict[str, Any]:
        assert StackName == "Inferstack-dev-Web"
        if self.outputs is None:
            raise ClientError({"Error": {"Code": "ValidationError", "Message": f"Stack {StackName} does not exist"}}, "DescribeStacks")
        return {"Stacks": [{"Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in self.outputs.items()]}]}


def jobs(
    sqs: FakeSqs,
    *arguments: str,
    outputs: Mapping[str, str] | None = OUTPUTS,
    say: str = "",
) -> Result:
    clients = {"sqs": sqs, "cloudformation": FakeCloudFormation(outputs)}
    world = outside(FakeApi(), aws=lambda stage: {"dev": clients}[stage].__getitem__)
    return CliRunner().invoke(app, ["jobs", *arguments, "--stage", "dev"], obj=world, input=say)


def test_asks_before_it_moves() -> None:
    sqs = with_dead(2)
    assert jobs(sqs, "redrive", say="n\n").exit_code == 1
    assert sqs.uploads == []
    assert "2 of 2 moved back" in jobs(sqs, "redrive", say="y\n").stdout
    assert len(sqs.uploads) == 2


@pytest.mark.parametrize("option", ["--yes", "--json"])
def test_moves_unasked_where_nobody_can_answer(option: str) -> None:
    done = jobs(sqs := with_dead(2), "redrive", option)
    assert done.exit_code == 0
    assert len(sqs.uploads) == 2
    assert "?" not in done.output


def test_tells_machines_what_was_moved_and_kept() -> None:
    done = jobs(with_dead(2, refuse={event("1")}), "redrive", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout) == {"found": 2, "moved": 1, "doubled": 0, "kept": ["1: try later"]}


def test_lists_what_was_tried_in_vain() -> None:
    listed = jobs(with_dead(1), "dead")
    assert listed.stdout.splitlines()[0].split() == ["key", "reason", "received", "age_s"]
    assert json.loads(jobs(with_dead(1), "dead", "--json").stdout)[0]["key"] == "0"
    assert "nothing was tried in vain" in jobs(FakeSqs(), "dead").stdout


def test_refuses_a_stage_that_there_is_not() -> None:
    refused = CliRunner().invoke(app, ["jobs", "dead", "--stage", "nope"])
    assert refused.exit_code == 2
    assert "local, dev, prod" in refused.stderr


@pytest.mark.parametrize(("outputs", "named"), [(None, "does not exist"), ({}, "has no output UploadQueueUrl")])
def test_says_which_stack_it_did_not_find(outputs: Mapping[str, str] | None, named: str) -> None:
    from recipes.errors import InferstackError

    failure = jobs(FakeSqs(), "dead", outputs=outputs).exception
    assert isinstance(failure, InferstackError)
    assert named in failure.detail
    assert "Inferstack-dev-Web" in failure.detail
    assert failure.advice
