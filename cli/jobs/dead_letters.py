"""The dead-letter queue: the messages in it, and their way back to the upload queue."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from cli.stage.outputs import Queues

BATCH_MESSAGES = 10  # in a request, SQS's most
BATCH_BYTES = 200_000  # below what SQS takes at once, attributes included
WAIT_S = 2  # for messages: only a long poll asks all of SQS's servers, so that no answer means no message
MOVE_VISIBILITY_S = 60  # in which a received message must be moved; then others see it again
LIST_VISIBILITY_S = 15  # for which a message that is listed is hidden from others
MOST_LISTED = 1000
Message = dict[str, Any]


@dataclass(slots=True)
class Redrive:
    """How far a redrive is.

    Args:    found: messages in the dead-letter queue when it began.
             moved: those the upload queue has taken.
             doubled: those of them that are still in the dead-letter queue too. Results are written once, so a repeat is harmless.
             kept: the reason for each that the upload queue did not take: it stays where it is.
    """

    found: int
    moved: int
    doubled: int
    kept: list[str]


def count_messages(sqs: Any, url: str) -> int:
    """Return how many messages wait in a queue, as nearly as SQS knows."""
    response = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(response["Attributes"]["ApproximateNumberOfMessages"])


def redrive_messages(sqs: Any, queues: Queues, report: Callable[[Redrive], object] = lambda _: None) -> Redrive:
    """Move the messages of the dead-letter queue back to the upload queue.

    A message is sent before it is deleted: an interruption between the two doubles a message and loses none. As many are tried as there
    were at the beginning, so that one which comes back at once is not moved for ever.

    Args:    report: called after each batch.
    """
    redrive = Redrive(found=count_messages(sqs, queues.dead_letters), moved=0, doubled=0, kept=[])
    left = redrive.found
    while left > 0 and (messages := _receive(sqs, queues.dead_letters, min(BATCH_MESSAGES, left), MOVE_VISIBILITY_S)):
        left -= len(messages)
        for batch in _split_batches(messages):
            _move(sqs, queues, batch, redrive)
        report(redrive)
    return redrive


def list_messages(sqs: Any, url: str, *, now: Callable[[], float] = time.time) -> list[dict[str, Any]]:
    """Return the messages of the dead-letter queue, the oldest first: key, reason, times received, age in seconds. All stay there."""
    seen: dict[str, Message] = {}
    limit = min(count_messages(sqs, url), MOST_LISTED)
    try:
        while len(seen) < limit and (messages := _receive(sqs, url, BATCH_MESSAGES, LIST_VISIBILITY_S)):
            count = len(seen)
            seen.update({message["MessageId"]: message for message in messages})
            if len(seen) == count:  # SQS has begun again with the first
                break
    finally:
        _release(sqs, url, list(seen.values()))
    return sorted((_describe(message, now()) for message in seen.values()), key=lambda row: -row["age_s"])


def _move(sqs: Any, queues: Queues, batch: Sequence[Message], redrive: Redrive) -> None:
    """Send a batch, delete what was accepted, and count both."""
    by_id = {str(number): message for number, message in enumerate(batch)}
    response = sqs.send_message_batch(QueueUrl=queues.uploads, Entries=[_build_entry(id_, message) for id_, message in by_id.items()])
    accepted = [each["Id"] for each in response.get("Successful", [])]
    redrive.kept += [f"{read_subject(by_id[each['Id']])}: {each.get('Message') or each.get('Code')}" for each in response.get("Failed", [])]
    if accepted:
        redrive.moved += len(accepted)
        entries = [{"Id": id_, "ReceiptHandle": by_id[id_]["ReceiptHandle"]} for id_ in accepted]
        redrive.doubled += len(sqs.delete_message_batch(QueueUrl=queues.dead_letters, Entries=entries).get("Failed", []))


def _receive(sqs: Any, url: str, limit: int, visibility_s: int) -> list[Message]:
    response = sqs.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=limit,
        VisibilityTimeout=visibility_s,
        WaitTimeSeconds=WAIT_S,
        MessageSystemAttributeNames=["All"],
        MessageAttributeNames=["All"],
    )
    return list(response.get("Messages", []))


def _build_entry(id_: str, message: Message) -> dict[str, Any]:
    attributes = {"MessageAttributes": message["MessageAttributes"]} if message.get("MessageAttributes") else {}
    owner = message.get("Attributes", {}).get("MessageGroupId")  # whose share of the functions it counts to
    return {"Id": id_, "MessageBody": message["Body"], **attributes, **({"MessageGroupId": owner} if owner else {})}


def _split_batches(messages: Sequence[Message]) -> Iterator[list[Message]]:
    """Yield messages in batches that SQS takes: it limits the bytes of all of a batch together."""
    batch: list[Message] = []
    size_bytes = 0
    for message in messages:
        length = len(message["Body"].encode()) + len(str(message.get("MessageAttributes", "")).encode())
        if batch and size_bytes + length > BATCH_BYTES:
            yield batch
            batch, size_bytes = [], 0
        batch.append(message)
        size_bytes += length
    yield batch


def _release(sqs: Any, url: str, messages: Sequence[Message]) -> None:
    """Let others see the listed messages now, and not after LIST_VISIBILITY_S."""
    for at in range(0, len(messages), BATCH_MESSAGES):
        entries = [
            {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0}
            for number, message in enumerate(messages[at : at + BATCH_MESSAGES])
        ]
        sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries)


def _describe(message: Message, now_s: float) -> dict[str, Any]:
    system, sender = message.get("Attributes", {}), message.get("MessageAttributes", {})
    # EventBridge says why it gave up; SQS never does.
    reason = next((sender[name]["StringValue"] for name in ("ERROR_MESSAGE", "ERROR_CODE") if name in sender), "unknown")
    return {
        "key": read_subject(message),
        "reason": reason,
        "received": int(system.get("ApproximateReceiveCount", 0)),
        "age_s": max(0, round(now_s - int(system.get("SentTimestamp", 1000 * now_s)) / 1000)),
    }


def read_subject(message: Message) -> str:
    """Return what a message is about: an uploaded object's key, a transform job, or the kind of the event."""
    try:
        match json.loads(message["Body"]):
            case {"Records": [{"s3": {"object": {"key": str(key)}}}, *_]}:
                return unquote_plus(key)
            case {"detail": {"TransformJobName": str(name)}}:
                return f"end of transform job {name}"
            case {"detail-type": "Scheduled Event"}:
                return "search for transform jobs of whose end no event came"
            case {"Event": str(name)}:
                return name
    except ValueError:
        pass
    return f"unreadable message {message['MessageId']}"
