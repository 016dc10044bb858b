"""The notifications of a job: its AppSync Events channel for pages, EventBridge for back ends."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session

from functions.process_upload.interface import DETAIL_TYPE, SOURCE
from functions.shared.jobs import Job
from functions.shared.logs import write_line
from recipes.errors import InferstackError
from recipes.media_types import JSON

CONNECT_S, READ_S, TRIES = 1, 3, 3


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
        """Send it, or raise NotificationFailed or botocore's error."""


class EventApi:
    """AppSync's Event API, which pages subscribe to.

    Args:    url: its address for publishing, with its path.
             session: botocore's, for the function's own role and region.
             http: sends a prepared request.
    """

    def __init__(self, url: str, session: Any, http: Any) -> None:
        self._url, self._session, self._http = url, session, http

    def publish(self, notification: Notification) -> None:
        """Publish on the job's channel."""
        body = json.dumps({"channel": notification.channel, "events": [json.dumps(notification.detail)]}).encode()
        request = AWSRequest("POST", self._url, data=body, headers={"content-type": JSON})
        SigV4Auth(self._session.get_credentials(), "appsync", self._session.get_config_variable("region")).add_auth(request)
        response = self._http.send(request.prepare())
        if response.status_code != 200:
            raise NotificationFailed(f"the Event API answered {response.status_code}: {response.text[:200]}")
        if failed := json.loads(response.content).get("failed"):
            raise NotificationFailed(f"the Event API refused the event: {str(failed)[:200]}")


class EventBus:
    """EventBridge's default bus, which back ends have rules on.

    Args:    client: botocore's.
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
        except (BotoCoreError, NotificationFailed) as error:
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


def build_notifier(events_url: str, session: Any) -> Notifier:
    """Return the notifier of a deployment.

    Args:    events_url: the Event API's address for publishing, with its path.
             session: botocore's.
    """
    config = ClientConfig(connect_timeout=CONNECT_S, read_timeout=READ_S, retries={"total_max_attempts": TRIES, "mode": "standard"})
    pages = EventApi(events_url, session, URLLib3Session(timeout=(CONNECT_S, READ_S)))
    return Notifier(pages, EventBus(session.create_client("events", config=config)))


def create_session() -> Any:
    """Return the function's botocore session."""
    return botocore.session.get_session()


def _publish_persistently(publisher: Publisher, notification: Notification) -> None:
    for left in reversed(range(TRIES)):
        try:
            publisher.publish(notification)
        except (BotoCoreError, NotificationFailed):
            if not left:
                raise
        else:
            return
