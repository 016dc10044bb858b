"""The notifications of a job: its AppSync Events channel for pages, EventBridge for back ends."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from functions.process_upload.interface import DETAIL_TYPE, SOURCE
from functions.shared.aws.address import Address, parse_address, read_region, refuse_proxy
from functions.shared.aws.connections import Connections, Sender
from functions.shared.aws.credentials import Keys
from functions.shared.aws.json_api import open_events
from functions.shared.aws.retries import Refused
from functions.shared.aws.role import find_credentials
from functions.shared.aws.signature_v4 import sign_headers
from functions.shared.jobs import Job
from functions.shared.logs import write_line
from recipes.errors import InferstackError
from recipes.media_types import JSON

CONNECT_S, READ_S, TRIES = 1, 3, 3
MAX_RESPONSE_BYTES = 1 << 20


class NotificationFailed(InferstackError):
    """A notification could not be sent; when its message is received again, it is sent again."""

    code = "not-told"
    title = "Notification failed"


@dataclass(frozen=True, slots=True)
class Notification:
    """What is said of a job.

    Args:    channel: the job's.
             detail: JSON.
    """

    channel: str
    detail: Mapping[str, Any]


class Publisher(Protocol):
    """One way of sending notifications."""

    def publish(self, notification: Notification) -> None:
        """Send it, or raise NotificationFailed, Refused, TimeoutError or ConnectionError."""


class EventApi:
    """AppSync's Event API, which pages subscribe to.

    Args:    address: for publishing.
             region, keys: that requests are signed for, and what returns the credentials.
             sender: to its host.
    """

    def __init__(self, address: Address, region: str, keys: Keys, sender: Sender) -> None:
        self._address, self._region, self._keys, self._sender = address, region, keys, sender

    def publish(self, notification: Notification) -> None:
        """Publish on the job's channel."""
        body = json.dumps({"channel": notification.channel, "events": [json.dumps(notification.detail)]}).encode()
        headers = {"host": self._address.authority, "content-type": JSON}
        target, now_s = self._address.path, time.time()
        signed = sign_headers("POST", target, headers, body, self._keys(), region=self._region, service="appsync", now_s=now_s)
        answer = self._sender.send("POST", target, signed, body, wait_s=READ_S, most_bytes=MAX_RESPONSE_BYTES)
        if answer.status != 200:
            raise NotificationFailed(f"the Event API answered {answer.status}: {answer.body[:200].decode(errors='replace')}")
        try:
            said = json.loads(answer.body)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            raise NotificationFailed(f"the Event API answered what is no JSON object: {answer.body[:200].decode(errors='replace')}")
        if failed := said.get("failed"):
            raise NotificationFailed(f"the Event API refused the event: {str(failed)[:200]}")


class EventBus:
    """EventBridge's default bus, which back ends have rules on.

    Args:    client: `functions.shared.aws.json_api.EventBridge`, or botocore's.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def publish(self, notification: Notification) -> None:
        """Put the event on the bus."""
        entry = {"Source": SOURCE, "DetailType": DETAIL_TYPE, "Detail": json.dumps(notification.detail)}
        response = self._client.put_events(Entries=[entry])
        if response.get("FailedEntryCount"):
            raise NotificationFailed(f"EventBridge refused the event: {response['Entries'][0].get('ErrorCode')}")


class Notifier:
    """Notifies pages of a job's progress, and pages and back ends of its end.

    Args:    pages: reaches pages.
             back_ends: reaches back ends.
    """

    def __init__(self, pages: Publisher, back_ends: Publisher) -> None:
        self._pages, self._back_ends = pages, back_ends

    def notify_progress(self, job: Job, rows_done: int, rows_total: int | None) -> None:
        """Say how far a job is; a page that misses it gets the next."""
        detail = {"id": job.id, "state": "processing", "rows_done": rows_done, "rows_total": rows_total}
        try:
            self._pages.publish(Notification(job.channel, detail))
        except (ConnectionError, TimeoutError, NotificationFailed) as error:
            write_line("WARNING", job=job.id, problem="progress not told", cause=str(error)[:300])

    def notify_finished(self, job: Job, summary: Mapping[str, Any]) -> None:
        """Say that a job is finished, in both ways.

        Raises:  NotificationFailed: one of them failed; both were tried.
        """
        detail = {name: summary[name] for name in ("state", "name", "recipe", "rows", "failed", "finished_at") if name in summary}
        detail |= {"id": job.id, "owner": job.owner, "status_url": job.status_url, "results_prefix": job.prefix}
        notification, failures = Notification(job.channel, detail), []
        for publisher in (self._pages, self._back_ends):
            try:
                _publish_persistently(publisher, notification)
            except Exception as error:  # noqa: BLE001 - whatever it was, the other way is tried
                failures.append(f"{type(publisher).__name__}: {type(error).__name__}: {error}"[:300])
        if failures:
            raise NotificationFailed("; ".join(failures))


def build_notifier(events_url: str, environment: Mapping[str, str]) -> Notifier:
    """Return the notifier of a deployment.

    Args:    events_url: the Event API's address for publishing, with its path.
             environment: of the function.
    Raises:  InvalidSettings: it does not say where AWS is, or as whom it is asked.
    """
    address = parse_address(events_url, "EVENTS_URL")
    refuse_proxy(environment, address)
    sender = Connections(address, CONNECT_S, environment.get("AWS_CA_BUNDLE", ""))
    pages = EventApi(address, read_region(environment), find_credentials(environment), sender)
    return Notifier(pages, EventBus(open_events(environment, connect_s=CONNECT_S, wait_s=READ_S, attempts=1)))


def _publish_persistently(publisher: Publisher, notification: Notification) -> None:
    for left in reversed(range(TRIES)):
        try:
            publisher.publish(notification)
        except (ConnectionError, TimeoutError, NotificationFailed, Refused):
            if not left:
                raise
        else:
            return
