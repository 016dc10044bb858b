"""Notifications: a job's channel of the Event API, and EventBridge."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from functions.process_upload.notify import TRIES, EventApi, EventBus, NotificationFailed, Notifier, build_notifier
from functions.shared.aws.address import parse_address
from functions.shared.aws.connections import Connections
from functions.shared.aws.credentials import Credentials
from functions.shared.aws.http_response import Answer
from functions.shared.aws.retries import Refused
from functions.shared.jobs import Job
from tests.moto_aws import REGION, create_client, empty_account

URL = "https://events.example.test/event"
JOB = Job.of_owner("me", "0" * 26, "a.csv")
SUMMARY = {
    "schema": 1,
    "state": "succeeded",
    "name": "a.csv",
    "rows": 3,
    "failed": 1,
    "labels": {"1": 3},
    "finished_at": "2026-11-21T08:00:00Z",
}
DETAIL = {
    "state": "succeeded",
    "name": "a.csv",
    "rows": 3,
    "failed": 1,
    "finished_at": "2026-11-21T08:00:00Z",
    "id": JOB.id,
    "owner": "me",
    "status_url": f"/jobs/{JOB.id}",
    "results_prefix": f"jobs/me/{JOB.id}/",
}


def respond(status: int = 200, body: bytes = b"{}") -> Answer:
    return Answer(status, {}, body, is_whole=True)


@dataclass
class FakeHttp:
    """Keeps requests and gives the next of its responses, and the last one for ever: moto has no Event API."""

    responses: list[Answer | Exception] = field(default_factory=lambda: [respond()])
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes, **_: Any) -> Answer:
        self.requests.append((f"{method} {target}", dict(headers), body))
        response = self.responses[min(len(self.requests), len(self.responses)) - 1]
        if isinstance(response, Exception):
            raise response
        return response


@pytest.fixture
def http() -> FakeHttp:
    return FakeHttp()


class RecordingBus:
    """moto's client, which checks entries; it delivers them to no queue without a package that we do not install, so they are kept here."""

    def __init__(self) -> None:
        self._client, self.entries = create_client("events"), list[dict[str, Any]]()

    def put_events(self, **request: Any) -> Any:
        self.entries += request["Entries"]
        return self._client.put_events(**request)


@pytest.fixture
def bus() -> Iterator[RecordingBus]:
    with empty_account():
        yield RecordingBus()


def build(http: FakeHttp, bus: Any) -> Notifier:
    return Notifier(EventApi(parse_address(URL), REGION, lambda: Credentials("key", "secret", "token"), http), EventBus(bus))


def read_published(http: FakeHttp) -> list[dict[str, Any]]:
    return [json.loads(event) for _, _, body in http.requests for event in json.loads(body)["events"]]


def test_notifies_pages_and_back_ends_of_a_finished_job(http: FakeHttp, bus: RecordingBus) -> None:
    build(http, bus).notify_finished(JOB, SUMMARY)
    assert bus.entries == [{"Source": "inferstack", "DetailType": "Inferstack Job Finished", "Detail": json.dumps(DETAIL)}]
    assert read_published(http) == [DETAIL]
    ((line, headers, body),) = http.requests
    assert (line, headers["host"], json.loads(body)["channel"]) == ("POST /event", "events.example.test", f"/jobs/me/{JOB.id}")


def test_signs_with_the_functions_role(http: FakeHttp, bus: RecordingBus) -> None:
    build(http, bus).notify_finished(JOB, SUMMARY)
    _, headers, _ = http.requests[0]
    assert f"/{REGION}/appsync/aws4_request" in headers["authorization"]
    assert headers["x-amz-security-token"] == "token"


FAILURES = [respond(500), respond(200, b'{"failed": [{"index": 0}]}'), ConnectionError(URL), respond(200, b"<html>"), respond(200, b"[]")]
NAMES = ["error", "refused", "unreachable", "a page", "a list"]


@pytest.mark.parametrize("failure", FAILURES, ids=NAMES)
def test_tries_again_before_it_gives_up(bus: RecordingBus, failure: Any) -> None:
    http = FakeHttp([failure, failure, respond()])
    build(http, bus).notify_finished(JOB, SUMMARY)
    assert (len(http.requests), len(bus.entries)) == (TRIES, 1)


@pytest.mark.parametrize("failure", [*FAILURES, OSError("broken")], ids=[*NAMES, "unexpected"])
def test_tries_the_other_way_before_it_raises(bus: RecordingBus, failure: Any) -> None:
    with pytest.raises(NotificationFailed, match="EventApi"):
        build(FakeHttp([failure]), bus).notify_finished(JOB, SUMMARY)
    assert len(bus.entries) == 1


def test_waits_for_each_way_three_times_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """The summary is written, and the function's time may be nearly over."""
    asked = Counter[str]()

    def hang(connections: Connections, *_: Any, **__: Any) -> Answer:
        asked[connections._address.host] += 1
        raise TimeoutError("no response in time")

    monkeypatch.setattr(Connections, "send", hang)
    keys = {"AWS_DEFAULT_REGION": REGION, "AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"}
    with pytest.raises(NotificationFailed, match=r"EventApi: TimeoutError.*EventBus: TimeoutError"):
        build_notifier(URL, keys).notify_finished(JOB, SUMMARY)
    assert asked == {"events.example.test": TRIES, f"events.{REGION}.amazonaws.com": TRIES}


def test_tries_the_bus_again_that_refuses_for_a_moment(http: FakeHttp, bus: RecordingBus) -> None:
    failures = [Refused("ThrottlingException", "Rate exceeded", 400), Refused("InternalException", "", 500)]

    class Throttled:
        def put_events(self, **request: Any) -> Any:
            if failures:
                raise failures.pop()
            return bus.put_events(**request)

    build(http, Throttled()).notify_finished(JOB, SUMMARY)
    assert len(bus.entries) == 1


def test_raises_what_the_bus_refused(http: FakeHttp) -> None:
    class Refusing:  # moto's bus refuses nothing that is well formed
        def put_events(self, **request: Any) -> dict[str, Any]:
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"}]}

    with pytest.raises(NotificationFailed, match="EventBus: NotificationFailed: EventBridge refused the event: ThrottlingException"):
        build(http, Refusing()).notify_finished(JOB, SUMMARY)
    assert len(read_published(http)) == 1


def test_notifies_pages_of_progress(http: FakeHttp, bus: RecordingBus) -> None:
    build(http, bus).notify_progress(JOB, 5, None)
    assert read_published(http) == [{"id": JOB.id, "state": "processing", "rows_done": 5, "rows_total": None}]
    assert bus.entries == []


@pytest.mark.parametrize("failure", FAILURES, ids=NAMES)
def test_goes_on_without_progress(bus: RecordingBus, failure: Any) -> None:
    build(FakeHttp([failure]), bus).notify_progress(JOB, 5, 10)
