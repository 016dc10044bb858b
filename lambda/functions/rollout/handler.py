"""Messages that wake the function in, those whose rollout is not finished out: each follows its rollout to the end."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Protocol

from functions.rollout.config import Config
from functions.rollout.service import Look
from functions.shared.logs import write_line


class Looking(Protocol):
    """The use case; `functions.rollout.service.Service` is one."""

    def look(self) -> Look:
        """Do the next step, if there is one."""


class Handler:
    """Looks once for each message, whatever it says: what is to be done stands in the group and the stack.

    Args:    config: the group that messages must be about, and how long to wait.
             service: what a look is.
             sqs: botocore's client, to bring back early what is not finished.
    """

    def __init__(self, config: Config, service: Looking, sqs: Any) -> None:
        self._config, self._service, self._sqs = config, service, sqs

    def __call__(self, event: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG002 - Lambda gives it
        """Return the partial batch response (ReportBatchItemFailures). What raises is the function's error, which an alarm sees at once."""
        left = [message for message in event["Records"] if not self._take(message)]
        return {"batchItemFailures": [{"itemIdentifier": message["messageId"]} for message in left]}

    def _take(self, message: Mapping[str, Any]) -> bool:
        """Return whether the message is done with."""
        if (group := group_of(message["body"])) not in {"", self._config.model_group}:
            self._log("INFO", message, action="ignored", other_group=group)
            return True
        try:
            look = self._service.look()
        except Exception as error:
            self._log("ERROR", message, action="failed", error=type(error).__name__, detail=str(error)[:1000])
            raise
        self._log("WARNING" if look.action == "rejected" else "INFO", message, **asdict(look))
        if not look.finished:
            self._sqs.change_message_visibility(
                QueueUrl=self._config.queue_url, ReceiptHandle=message["receiptHandle"], VisibilityTimeout=self._config.poll_s
            )
        return look.finished

    def _log(self, level: str, message: Mapping[str, Any], **facts: Any) -> None:
        write_line(level, message=message["messageId"], group=self._config.model_group, **facts)


def group_of(body: str) -> str:
    """Return the group that an event is about; empty when it names none."""
    try:
        match json.loads(body):
            case {"detail": {"ModelPackageGroupName": str(name)}}:
                return name
    except ValueError:
        pass
    return ""
