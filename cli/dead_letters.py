"""The dead-letter queue: what lies in it, and its way back to the upload queue."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from cli.aws import Queues

AT_ONCE = 10  # messages in a request, SQS's most
BATCH_BYTES = 200_000  # below what SQS takes at once, attributes included
WAIT_S = 2  # for messages: only a long poll asks all of SQS's servers, so that its "none" means none
MOVE_S = 60  # in which a received message must be moved; then it is there again
LOOK_S = 15  # for which a message that is looked at is not there for others
MOST_SHOWN = 1000
Message = dict[str, Any]


@dataclass(slots=True)
class Moved:
    """What came of a redrive.

    Args:    found: how many lay there when it began.
             moved: how many the upload queue has taken.
             doubled: how many of these are still in the dead-letter queue too. Results are written once, so a repeat is harmless.
             kept: the reason for each that the upload queue did not take: it stays where it was.
    """

    found: int
    moved: int
    doubled: int
    kept: list[str]


def count(sqs: Any, url: str) -> int:
    """Return how many messages wait in a queue, as nearly as SQS knows."""
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(found["Attributes"]["ApproximateNumberOfMessages"])


def redrive(sqs: Any, queues: Queues, told: Callable[[Moved], object] = lambda _: None) -> Moved:
    """Move what lies in the dead-letter queue back to the upload queue.

    A message is sent before it is deleted: what is cut short between the two doubles a message and loses none. As many as lay there at
    the beginning are tried, so that one which comes back at once does not go round for ever.

    Args:    told: how far it is, after each batch.
    """
    result = Moved(found=count(sqs, queues.dead_letters), moved=0, doubled=0, kept=[])
    left = result.found
    while left > 0 and (received := _receive(sqs, queues.dead_letters, min(AT_ONCE, left), MOVE_S)):
        left -= len(received)
        for batch in _batches(received):
            _move(sqs, queues, batch, result)
        told(result)
    return result


def look(sqs: Any, url: str, *, now: Callable[[], float] = time.time) -> list[dict[str, Any]]:
    """Return what lies in the dead-letter queue, the oldest first: key, reason, times received, age in seconds. It all stays there."""
    seen: dict[str, Message] = {}
    limit = min(count(sqs, url), MOST_SHOWN)
    try:
        while len(seen) < limit and (received := _receive(sqs, url, AT_ONCE, LOOK_S)):
            known = len(seen)
            seen.update({message["MessageId"]: message for message in received})
            if len(seen) == known:  # it has begun again from the front
                break
    finally:
        _give_back(sqs, url, list(seen.values()))
    return sorted((_described(message, now()) for message in seen.values()), key=lambda row: -row["age_s"])


def _move(sqs: Any, queues: Queues, batch: Sequence[Message], result: Moved) -> None:
    """Send a batch, delete what was accepted, and add up what came of it."""
    by_id = {str(number): message for number, message in enumerate(batch)}
    sent = sqs.send_message_batch(QueueUrl=queues.uploads, Entries=[_entry(id_, message) for id_, message in by_id.items()])
    accepted = [each["Id"] for each in sent.get("Successful", [])]
    result.kept += [f"{key_of(by_id[each['Id']])}: {each.get('Message') or each.get('Code')}" for each in sent.get("Failed", [])]
    if accepted:
        result.moved += len(accepted)
        entries = [{"Id": id_, "ReceiptHandle": by_id[id_]["ReceiptHandle"]} for id_ in accepted]
        deleted = sqs.delete_message_batch(QueueUrl=queues.dead_letters, Entries=entries)
        result.doubled += len(deleted.get("Failed", []))


def _receive(sqs: Any, url: str, most: int, hidden_s: int) -> list[Message]:
    received = sqs.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=most,
        VisibilityTimeout=hidden_s,
        WaitTimeSeconds=WAIT_S,
        MessageSystemAttributeNames=["All"],
        MessageAttributeNames=["All"],
    )
    return list(received.get("Messages", []))


def _entry(id_: str, message: Message) -> dict[str, Any]:
    attributes = {"MessageAttributes": message["MessageAttributes"]} if message.get("MessageAttributes") else {}
    return {"Id": id_, "MessageBody": message["Body"], **attributes}


def _batches(messages: Sequence[Message]) -> Iterator[list[Message]]:
    """Yield messages in batches that SQS takes: it counts their bytes together."""
    batch: list[Message] = []
    size = 0
    for message in messages:
        length = len(message["Body"].encode()) + len(str(message.get("MessageAttributes", "")).encode())
        if batch and size + length > BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += length
    yield batch


def _give_back(sqs: Any, url: str, messages: Sequence[Message]) -> None:
    """Let others see at once what was looked at; without this they would after LOOK_S."""
    for at in range(0, len(messages), AT_ONCE):
        entries = [
            {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0}
            for number, message in enumerate(messages[at : at + AT_ONCE])
        ]
        sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries)


def _described(message: Message, now_s: float) -> dict[str, Any]:
    attributes, told = message.get("Attributes", {}), message.get("MessageAttributes", {})
    # EventBridge says why it gave up; SQS never does.
    reason = next((told[name]["StringValue"] for name in ("ERROR_MESSAGE", "ERROR_CODE") if name in told), "unknown")
    return {
        "key": key_of(message),
        "reason": reason,
        "received": int(attributes.get("ApproximateReceiveCount", 0)),
        "age_s": max(0, round(now_s - int(attributes.get("SentTimestamp", 1000 * now_s)) / 1000)),
    }


def key_of(message: Message) -> str:
    """Return the object that a message is about, or what else it says it is."""
    try:
        match json.loads(message["Body"]):
            case {"Records": [{"s3": {"object": {"key": str(key)}}}, *_]}:
                return unquote_plus(key)
            case {"detail": {"TransformJobName": str(name)}}:
                return f"end of transform job {name}"
            case {"Event": str(name)}:
                return name
    except ValueError:
        pass
    return f"unreadable message {message['MessageId']}"
