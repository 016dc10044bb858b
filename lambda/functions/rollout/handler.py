"""Takes the messages that wake the function, and returns those whose rollout is not finished: they are received again until it is."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from functions.rollout.config import Config
from functions.rollout.service import Service
from functions.shared.logs import write_line


class Handler:
    """Takes one step for each message, whatever it says: the group and the stack hold what is to be done.

    Args:    config: the group that messages must be about, and how long to wait.
             service: takes the steps.
             sqs: botocore's client, to bring back early what is not finished.
    """

    def __init__(self, config: Config, service: Service, sqs: Any) -> None:
        self._config, self._service, self._sqs = config, service, sqs

    def __call__(self, event: Mapping[str, Any], _: object) -> dict[str, Any]:
        """Return the partial batch response (ReportBatchItemFailures). An exception is the function's error: an alarm sees it."""
        unfinished = [message for message in event["Records"] if not self._handle(message)]
        return {"batchItemFailures": [{"itemIdentifier": message["messageId"]} for message in unfinished]}

    def _handle(self, message: Mapping[str, Any]) -> bool:
        """Return whether nothing is left to do for the message."""
        if (group := parse_group(message["body"])) not in {"", self._config.model_group}:
            self._log("INFO", message, action="ignored", other_group=group)
            return True
        try:
            step = self._service.advance()
        except Exception as error:
            self._log("ERROR", message, action="failed", error=type(error).__name__, detail=str(error)[:1000])
            raise
        self._log("WARNING" if step.action == "rejected" else "INFO", message, **asdict(step))
        if not step.finished:
            self._sqs.change_message_visibility(
                QueueUrl=self._config.queue_url, ReceiptHandle=message["receiptHandle"], VisibilityTimeout=self._config.poll_s
            )
        return step.finished

    def _log(self, level: str, message: Mapping[str, Any], **facts: Any) -> None:
        write_line(level, message=message["messageId"], group=self._config.model_group, **facts)


def parse_group(body: str) -> str:
    """Return the group that an event is about; empty when it names none."""
    try:
        match json.loads(body):
            case {"detail": {"ModelPackageGroupName": str(name)}}:
                return name
    except ValueError:
        pass
    return ""
