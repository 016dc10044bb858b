"""The way back from the dead-letter queue: whatever is refused or cut short, nothing is lost, and nothing goes round for ever."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from typer.testing import Result

from cli.jobs.dead_letters import list_messages, redrive_messages
from cli.main import app
from cli.stage.outputs import Queues
from tests.command import CliRunner
from tests.moto_aws import create_client, empty_account
from tests.unit.cli.world import FakeStacks, fake_services

STACK = "Inferstack-dev-Web"


def event(key: str) -> str:
    return json.dumps({"Records": [{"s3": {"object": {"key": key}}}]})


@dataclass
class FlakySqs:
    """SQS by moto, and what only the real one does now and then.

    Args:    refuse: bodies that the upload queue does not take.
             poison: bodies that come back to the dead-letter queue as soon as the upload queue has them.
             undeletable: whether deletes are refused.
             crash_on: the call at which the connection breaks.
             limit: how many a receive brings at most: SQS often brings fewer than there are.
             sent_at_s: when a body was sent, in place of now.
    """

    client: Any
    queues: Queues
    refuse: set[str] = field(default_factory=set)
    poison: set[str] = field(default_factory=set)
    undeletable: bool = False
    crash_on: str = ""
    limit: int = 10
    sent_at_s: dict[str, int] = field(default_factory=dict)
    batches: list[int] = field(default_factory=list)
    handles: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    def put(self, *bodies: str, **more: Any) -> None:
        for body in bodies:
            self.client.send_message(QueueUrl=self.queues.dead_letters, MessageBody=body, **more)

    def receive_message(self, **request: Any) -> dict[str, Any]:
        self._crash("receive")
        limits = {"MaxNumberOfMessages": min(request["MaxNumberOfMessages"], self.limit), "WaitTimeSeconds": 0}
        response: dict[str, Any] = self.client.receive_message(**request | limits)
        for message in response.get("Messages", []):
            self.handles.append(message["ReceiptHandle"])
            if message["Body"] in self.sent_at_s:
                message["Attributes"]["SentTimestamp"] = str(1000 * self.sent_at_s[message["Body"]])
        return response

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - AWS's names
        self._crash("send")
        self.batches.append(len(Entries))
        taken = [each for each in Entries if each["MessageBody"] not in self.refuse]
        response = self.client.send_message_batch(QueueUrl=QueueUrl, Entries=taken) if taken else {}
        self.put(*(each["MessageBody"] for each in taken if each["MessageBody"] in self.poison))
        failed = [{"Id": each["Id"], "Code": "InternalError", "Message": "try later"} for each in Entries if each not in taken]
        return {**response, **({"Failed": failed} if failed else {})}

    def delete_message_batch(self, **request: Any) -> Any:
        self._crash("delete")
        if self.undeletable:
            return {"Failed": [{"Id": each["Id"], "Code": "InternalError"} for each in request["Entries"]]}
        return self.client.delete_message_batch(**request)

    def reappear(self) -> None:
        """Make visible what was received, as if its time had passed."""
        for at in range(0, len(self.handles), 10):
            again = enumerate(self.handles[at : at + 10])  # of one that is deleted SQS says so, beside the others
            entries = [{"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0} for number, handle in again]
            self.client.change_message_visibility_batch(QueueUrl=self.queues.dead_letters, Entries=entries)
        self.handles.clear()

    def read_bodies(self, url: str) -> list[str]:
        """Return what is in a queue, hidden or not, and hide it."""
        self.reappear()
        bodies: list[str] = []
        while messages := self.client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            bodies += [message["Body"] for message in messages]
            self.handles += [message["ReceiptHandle"] for message in messages if url == self.queues.dead_letters]
        return sorted(bodies)

    @property
    def uploads(self) -> list[str]:
        return self.read_bodies(self.queues.uploads)

    @property
    def dead(self) -> list[str]:
        return self.read_bodies(self.queues.dead_letters)

    def _crash(self, call: str) -> None:
        if call == self.crash_on:
            raise ConnectionError(call)


@pytest.fixture
def sqs() -> Iterator[FlakySqs]:
    with empty_account():
        client = create_client("sqs")
        yield FlakySqs(client, Queues(*(client.create_queue(QueueName=name)["QueueUrl"] for name in ("uploads", "dead"))))


def events(count: int) -> list[str]:
    return sorted(event(f"{number}") for number in range(count))


@pytest.mark.parametrize(("count", "limit"), [(0, 10), (1, 10), (10, 10), (12, 10), (7, 2)])
def test_moves_all_there_is_and_empties_the_dead_letter_queue(sqs: FlakySqs, count: int, limit: int) -> None:
    sqs.put(*events(count))
    sqs.limit = limit
    redrive = redrive_messages(sqs, sqs.queues)
    assert (redrive.found, redrive.moved, redrive.doubled, redrive.kept) == (count, count, 0, [])
    assert (sqs.uploads, sqs.dead) == (events(count), [])


def test_keeps_whose_message_it_is(sqs: FlakySqs) -> None:
    sqs.put(event("a"), MessageGroupId="me")
    redrive_messages(sqs, sqs.queues)
    (received,) = sqs.client.receive_message(QueueUrl=sqs.queues.uploads, MessageSystemAttributeNames=["MessageGroupId"])["Messages"]
    assert received["Attributes"] == {"MessageGroupId": "me"}


def test_does_nothing_the_second_time(sqs: FlakySqs) -> None:
    sqs.put(*events(3))
    redrive_messages(sqs, sqs.queues)
    assert redrive_messages(sqs, sqs.queues).moved == 0
    assert len(sqs.uploads) == 3


def test_keeps_what_the_upload_queue_does_not_take(sqs: FlakySqs) -> None:
    sqs.put(*events(5))
    sqs.refuse = {event("1"), event("3")}
    redrive = redrive_messages(sqs, sqs.queues)
    assert (redrive.moved, sorted(redrive.kept)) == (3, ["1: try later", "3: try later"])
    assert sqs.dead == [event("1"), event("3")]
    assert sqs.uploads == [event("0"), event("2"), event("4")]


def test_deletes_nothing_when_all_is_refused(sqs: FlakySqs) -> None:
    sqs.put(*events(2))
    sqs.refuse, sqs.crash_on = set(events(2)), "delete"
    assert redrive_messages(sqs, sqs.queues).moved == 0
    assert len(sqs.dead) == 2


@pytest.mark.parametrize("call", ["receive", "send", "delete"])
def test_loses_nothing_when_it_is_interrupted(sqs: FlakySqs, call: str) -> None:
    sqs.put(*events(12))
    sqs.crash_on = call
    with pytest.raises(ConnectionError):
        redrive_messages(sqs, sqs.queues)
    sqs.crash_on = ""
    sqs.reappear()
    redrive_messages(sqs, sqs.queues)
    assert (sqs.dead, sorted(set(sqs.uploads))) == ([], events(12))


def test_moves_poison_once_and_not_for_ever(sqs: FlakySqs) -> None:
    sqs.put(*events(3))
    sqs.poison = set(events(3))
    assert redrive_messages(sqs, sqs.queues).moved == 3
    assert (sqs.uploads, sqs.dead) == (events(3), events(3))


def test_says_how_many_are_in_both_queues_now(sqs: FlakySqs) -> None:
    sqs.put(*events(3))
    sqs.undeletable = True
    redrive = redrive_messages(sqs, sqs.queues)
    assert (redrive.moved, redrive.doubled) == (3, 3)


def test_takes_a_message_along_as_it_is(sqs: FlakySqs) -> None:
    attributes = {"ERROR_CODE": {"StringValue": "SDK_CLIENT_ERROR", "DataType": "String"}}
    sqs.put("any body", MessageAttributes=attributes)
    redrive_messages(sqs, sqs.queues)
    (message,) = sqs.client.receive_message(QueueUrl=sqs.queues.uploads, MessageAttributeNames=["All"])["Messages"]
    assert (message["Body"], message["MessageAttributes"]) == ("any body", attributes)


def test_sends_large_messages_in_batches_that_are_taken(sqs: FlakySqs) -> None:
    sqs.put(*(str(number) + "x" * 90_000 for number in range(5)))
    assert redrive_messages(sqs, sqs.queues).moved == 5
    assert sqs.batches == [2, 2, 1]


def test_lists_the_oldest_first_without_taking_anything_away(sqs: FlakySqs) -> None:
    sqs.put(*events(12))
    sqs.sent_at_s = {event(f"{number}"): 1000 - number for number in range(12)}
    rows = list_messages(sqs, sqs.queues.dead_letters, now=lambda: 1001)
    assert [row["key"] for row in rows] == [str(number) for number in reversed(range(12))]
    assert rows[0] == {"key": "11", "reason": "unknown", "received": 1, "age_s": 12}
    sqs.handles.clear()
    assert sqs.dead == events(12)


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (event("inbox/a+b%2B%C3%BC.png"), "inbox/a b+ü.png"),
        ('{"detail": {"TransformJobName": "inferstack-dev-1"}}', "end of transform job inferstack-dev-1"),
        ('{"Event": "s3:TestEvent"}', "s3:TestEvent"),
        ('{"detail-type": "Scheduled Event", "detail": {}}', "search for transform jobs of whose end no event came"),
        ("not JSON", "unreadable message "),
        ("[]", "unreadable message "),
        ('{"Records": []}', "unreadable message "),
    ],
)
def test_names_what_a_message_is_about(sqs: FlakySqs, body: str, key: str) -> None:
    sqs.put(body)
    (row,) = list_messages(sqs, sqs.queues.dead_letters)
    assert row["key"].startswith(key)


def test_gives_the_reason_where_there_is_one(sqs: FlakySqs) -> None:
    sqs.put("{}", MessageAttributes={"ERROR_MESSAGE": {"StringValue": "no permission", "DataType": "String"}})
    assert list_messages(sqs, sqs.queues.dead_letters, now=time.time)[0]["reason"] == "no permission"


def jobs(sqs: FlakySqs, *arguments: str, stacks: Mapping[str, dict[str, str]] | None = None, answer: str = "") -> Result:
    outputs = {"UploadQueueUrl": sqs.queues.uploads, "DeadLetterQueueUrl": sqs.queues.dead_letters}
    clients = {"sqs": sqs, "cloudformation": FakeStacks({STACK: outputs} if stacks is None else dict(stacks))}
    services = fake_services(connect_aws=lambda stage: {"dev": clients}[stage].__getitem__)
    return CliRunner().invoke(app, ["jobs", *arguments, "--stage", "dev"], obj=services, input=answer)


def test_asks_before_it_moves(sqs: FlakySqs) -> None:
    sqs.put(*events(2))
    assert jobs(sqs, "redrive", answer="n\n").exit_code == 130
    assert sqs.uploads == []
    assert "2 of 2 moved back" in jobs(sqs, "redrive", answer="y\n").stdout
    assert len(sqs.uploads) == 2


def test_says_that_there_is_nothing_to_move(sqs: FlakySqs) -> None:
    assert jobs(sqs, "redrive").stdout == "the dead-letter queue is empty, so there is nothing to move\n"


def test_says_after_ctrl_c_what_was_moved(sqs: FlakySqs, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    sqs.put(*events(2))
    monkeypatch.setattr("cli.jobs.dead_letters._receive", interrupt)
    stopped = jobs(sqs, "redrive", "--yes")
    assert stopped.exit_code == 130
    assert "0 of 2 were moved back; the others stay in the dead-letter queue" in stopped.stderr


@pytest.mark.parametrize("option", ["--yes", "--json"])
def test_moves_unasked_where_nobody_can_answer(sqs: FlakySqs, option: str) -> None:
    sqs.put(*events(2))
    run = jobs(sqs, "redrive", option)
    assert run.exit_code == 0
    assert len(sqs.uploads) == 2
    assert "?" not in run.output


def test_reports_to_machines_what_was_moved_and_kept(sqs: FlakySqs) -> None:
    sqs.put(*events(2))
    sqs.refuse = {event("1")}
    run = jobs(sqs, "redrive", "--json")
    assert run.exit_code == 1
    assert json.loads(run.stdout) == {"found": 2, "moved": 1, "doubled": 0, "kept": ["1: try later"]}


def test_lists_the_messages(sqs: FlakySqs) -> None:
    assert "the dead-letter queue is empty" in jobs(sqs, "dead").stdout
    sqs.put(*events(1))
    assert jobs(sqs, "dead").stdout.splitlines()[0].split() == ["received", "age_s", "key", "reason"]
    assert json.loads(jobs(sqs, "dead", "--json").stdout)[0]["key"] == "0"


def test_refuses_a_stage_that_does_not_exist() -> None:
    run = CliRunner().invoke(app, ["jobs", "dead", "--stage", "nope"])
    assert run.exit_code == 2
    assert "local, dev, prod" in run.stderr


@pytest.mark.parametrize(("stacks", "message"), [({}, "the stage dev is not deployed"), ({STACK: {}}, "has no output UploadQueueUrl")])
def test_names_the_stack_it_did_not_find(sqs: FlakySqs, stacks: Mapping[str, dict[str, str]], message: str) -> None:
    failure = json.loads(jobs(sqs, "dead", "--json", stacks=stacks).stdout)
    assert message in failure["error"]
    assert STACK in failure["error"]
    assert failure["advice"]
