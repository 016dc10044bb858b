"""A message of the upload queue."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.shared.lambda_context import LambdaContext


@dataclass(frozen=True, slots=True)
class Message:
    """One message, and the time that this invocation has for it.

    Args:    id, receipt_handle: SQS's.
             receive_count: how often the message was received, this time included.
             body: its JSON; None if it is not JSON.
             context: of the invocation.
    """

    id: str
    receipt_handle: str
    receive_count: int
    body: Any
    context: LambdaContext

    @classmethod
    def from_record(cls, record: Mapping[str, Any], context: LambdaContext) -> "Message":
        """Return the message in a record of SQS's event."""
        try:
            body = json.loads(record["body"])
        except ValueError:
            body = None
        receive_count = int(record["attributes"].get("ApproximateReceiveCount", 1))
        return cls(record["messageId"], record["receiptHandle"], receive_count, body, context)

    @property
    def is_retry(self) -> bool:
        """Whether an earlier attempt may have done a part of the work."""
        return self.receive_count > 1

    @property
    def remaining_s(self) -> float:
        """Seconds until Lambda ends the function."""
        return self.context.get_remaining_time_in_millis() / 1000

    @property
    def size_bytes(self) -> int:
        """The size of the uploads it is about; 0 if it is not about uploads."""
        try:
            return sum(int(record["s3"]["object"]["size"]) for record in self.body["Records"])
        except (ValueError, KeyError, TypeError):
            return 0
