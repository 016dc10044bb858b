"""The upload queue, as the function uses it: messages are hidden for a time, and sent again in the name of an upload's owner."""

import json
from collections.abc import Mapping
from typing import Any

from functions.process_upload.events import Message, TransformStateChange
from functions.process_upload.interface import TRANSFORM_STATE_CHANGE
from functions.shared.logs import write_error


class UploadQueue:
    """The queue that the function takes its messages from.

    Args:    sqs: `functions.shared.aws.json_api.Sqs`, or botocore's client.
             url: of the queue.
    """

    def __init__(self, sqs: Any, url: str) -> None:
        self._sqs, self._url = sqs, url

    def hide(self, message: Message, time_s: int) -> None:
        """Let a message be received again after a time, unless it is done with by then; never raises."""
        try:
            self._sqs.change_message_visibility(QueueUrl=self._url, ReceiptHandle=message.receipt_handle, VisibilityTimeout=time_s)
        except Exception as error:  # noqa: BLE001 - then it is received again when the queue's own time is over
            write_error(error, message=message.id)

    def send_change(self, change: TransformStateChange) -> None:
        """Send a transform job's change of state, as SageMaker's event of it does."""
        body = json.dumps({"detail-type": TRANSFORM_STATE_CHANGE, "detail": change.to_detail()})
        self._sqs.send_message(QueueUrl=self._url, MessageBody=body)

    def send_as(self, owner: str, record: Mapping[str, Any]) -> str:
        """Send a record of S3's event as a message of its owner, and return the message's id.

        SQS gives the messages of an owner who takes much of the functions' time away after those of the others.
        """
        body = json.dumps({"owner": owner, "Records": [record]})
        return str(self._sqs.send_message(QueueUrl=self._url, MessageBody=body, MessageGroupId=owner)["MessageId"])
