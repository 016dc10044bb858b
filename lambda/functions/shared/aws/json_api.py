"""AWS's APIs of JSON: SQS and EventBridge, as far as uploads need them, with the methods that botocore's clients have."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from functions.shared.aws.address import Address, read_region
from functions.shared.aws.connections import Connections, Sender
from functions.shared.aws.credentials import Keys
from functions.shared.aws.hosts import find_events, find_sqs
from functions.shared.aws.http_response import Answer
from functions.shared.aws.retries import Refused, send_until_answered
from functions.shared.aws.role import find_credentials
from functions.shared.aws.signature_v4 import sign_headers
from functions.shared.aws.trace import name_trace

MAX_RESPONSE_BYTES = 1 << 20


class JsonApi:
    """One API in one region, as one role. What fails for a moment is asked again.

    Args:    address: of the API.
             region, keys: that requests are signed for, and what returns the credentials.
             sender: to the API's host.
             wait_s: for one response.
             attempts: at one request.
             sleep: replaced in tests.
    """

    service = prefix = content_type = ""

    def __init__(
        self,
        address: Address,
        region: str,
        keys: Keys,
        sender: Sender,
        *,
        wait_s: float,
        attempts: int,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._address, self._region, self._keys, self._sender = address, region, keys, sender
        self._wait_s, self._attempts, self._sleep = wait_s, attempts, sleep

    def _call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the response to a request; raise Refused, TimeoutError or ConnectionError."""
        target, body = f"{self._address.path}/", json.dumps(request).encode()
        named = {"host": self._address.authority, "content-type": self.content_type, "x-amz-target": f"{self.prefix}.{operation}"}

        def send() -> Answer:
            now_s = time.time()
            signed = sign_headers("POST", target, named, body, self._keys(), region=self._region, service=self.service, now_s=now_s)
            return self._sender.send("POST", target, signed | name_trace(), body, wait_s=self._wait_s, most_bytes=MAX_RESPONSE_BYTES)

        answer = send_until_answered(send, _find_refusal, self._attempts, self._sleep)
        return _read(answer)


class Sqs(JsonApi):
    """SQS."""

    service, prefix, content_type = "sqs", "AmazonSQS", "application/x-amz-json-1.0"

    def change_message_visibility(self, **request: Any) -> dict[str, Any]:
        """Say when a message is received again."""
        return self._call("ChangeMessageVisibility", request)

    def send_message(self, **request: Any) -> dict[str, Any]:
        """Send a message, and return its MessageId."""
        return self._call("SendMessage", request)


class EventBridge(JsonApi):
    """EventBridge."""

    service, prefix, content_type = "events", "AWSEvents", "application/x-amz-json-1.1"

    def put_events(self, **request: Any) -> dict[str, Any]:
        """Put events on a bus; those that it refused are counted in FailedEntryCount."""
        return self._call("PutEvents", request)


def open_sqs(environment: Mapping[str, str], *, connect_s: float, wait_s: float, attempts: int) -> Sqs:
    """Return SQS in a function's own region, as its role; raise InvalidSettings where its environment does not say them."""
    address = find_sqs(environment, region := read_region(environment))
    sender = Connections(address, connect_s, environment.get("AWS_CA_BUNDLE", ""))
    return Sqs(address, region, find_credentials(environment), sender, wait_s=wait_s, attempts=attempts)


def open_events(environment: Mapping[str, str], *, connect_s: float, wait_s: float, attempts: int) -> EventBridge:
    """Return EventBridge in a function's own region, as its role; raise InvalidSettings where its environment does not say them."""
    address = find_events(environment, region := read_region(environment))
    sender = Connections(address, connect_s, environment.get("AWS_CA_BUNDLE", ""))
    return EventBridge(address, region, find_credentials(environment), sender, wait_s=wait_s, attempts=attempts)


def _read(answer: Answer) -> dict[str, Any]:
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        document = None
    return document if isinstance(document, dict) else {}


def _find_refusal(answer: Answer) -> Refused | None:
    if answer.status < 300:
        return None
    said = _read(answer)
    code = str(said.get("__type") or answer.headers.get("x-amzn-errortype") or answer.status)
    return Refused(code.partition(":")[0].rpartition("#")[2], str(said.get("message") or said.get("Message") or ""), answer.status)
