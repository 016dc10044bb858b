"""Telling that a job goes on or is finished: the job's AppSync Events channel for pages, EventBridge for back ends."""

import json
from typing import Any

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session

from functions.shared.jobs import Job
from functions.shared.logs import write_line
from recipes.errors import InferstackError

CONNECT_S, READ_S, TRIES = 1, 3, 3
SOURCE, DETAIL_TYPE = "inferstack", "Inferstack Job Finished"


class NotTold(InferstackError):
    """A finished job could not be told of; the event is delivered again, which tells again."""

    code = "not-told"
    title = "Not told"


class Notifier:
    """Tells of jobs.

    Args:    events_url: the Event API's address for publishing, with its path.
             session: botocore's, for its credentials and region.
    """

    def __init__(self, events_url: str, session: Any) -> None:
        config = ClientConfig(connect_timeout=CONNECT_S, read_timeout=READ_S, retries={"total_max_attempts": TRIES, "mode": "standard"})
        self._bus = session.create_client("events", config=config)
        self._url, self._session = events_url, session
        self._http = URLLib3Session(timeout=(CONNECT_S, READ_S))

    def progress(self, job: Job, rows_done: int, rows_total: int | None) -> None:
        """Tell how far a job is; who misses it hears the next."""
        try:
            self._publish(job, {"id": job.id, "state": "processing", "rows_done": rows_done, "rows_total": rows_total})
        except (BotoCoreError, NotTold) as error:
            write_line("WARNING", job=job.id, problem="progress not told", cause=str(error)[:300])

    def finished(self, job: Job, summary: dict[str, Any]) -> None:
        """Tell that a job is finished, on both ways; raise NotTold, after trying both, if one of them failed."""
        said: dict[str, Any] = {name: summary[name] for name in ("state", "name", "rows", "failed", "finished_at") if name in summary}
        said |= {"id": job.id, "owner": job.owner, "status_url": job.status_url, "results_prefix": job.prefix}
        failures = []
        for tell in (self._publish, self._put):
            try:
                for left in reversed(range(TRIES)):
                    try:
                        tell(job, said)
                        break
                    except (BotoCoreError, NotTold):
                        if not left:
                            raise
            except Exception as error:  # noqa: BLE001 - whatever it was, the other way is tried
                failures.append(f"{tell.__name__.strip('_')}: {type(error).__name__}: {error}"[:300])
        if failures:
            raise NotTold("; ".join(failures))

    def _publish(self, job: Job, event: dict[str, Any]) -> None:
        """Publish on the job's channel, signed with the function's own role."""
        body = json.dumps({"channel": job.channel, "events": [json.dumps(event)]}).encode()
        request = AWSRequest("POST", self._url, data=body, headers={"content-type": "application/json"})
        SigV4Auth(self._session.get_credentials(), "appsync", self._session.get_config_variable("region")).add_auth(request)
        answer = self._http.send(request.prepare())
        if answer.status_code != 200:
            raise NotTold(f"the Event API answered {answer.status_code}: {answer.text[:200]}")
        if failed := json.loads(answer.content).get("failed"):
            raise NotTold(f"the Event API refused the event: {str(failed)[:200]}")

    def _put(self, job: Job, event: dict[str, Any]) -> None:  # noqa: ARG002 - told like the other
        entry = {"Source": SOURCE, "DetailType": DETAIL_TYPE, "Detail": json.dumps(event)}
        answer = self._bus.put_events(Entries=[entry])
        if answer.get("FailedEntryCount"):
            raise NotTold(f"EventBridge refused the event: {answer['Entries'][0].get('ErrorCode')}")


def session() -> Any:
    """Return the function's botocore session."""
    return botocore.session.get_session()
