"""The newest jobs of everybody, and nothing that says whose they are."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.shared.job_states import JobStates
from functions.shared.jobs import Job
from functions.shared.object_store import Store, Stored
from functions.status.recent_jobs import MOST_CALLERS, NEWEST, RecentJobs, group_inbox
from tests.moto_aws import Bucket

ERROR = {"code": "malformed", "title": "Malformed input", "detail": "private.png is damaged"}
SUMMARY = {"state": "succeeded", "name": "private.png", "created_at": "2026-11-29T14:00:00.000Z", "finished_at": "2026-11-29T14:00:01.000Z"}


def describe(results: Bucket) -> dict[str, Any]:
    store = Store(results.client, results.name)
    return RecentJobs(store, JobStates(store, upload_days=7)).describe()


def put(results: Bucket, owner: str, minute: int = 0, **objects: dict[str, Any]) -> Job:
    """Put a job's objects; their names are without .json."""
    job = Job.new(owner, "private.png", int(datetime(2026, 11, 29, 14, minute, tzinfo=UTC).timestamp() * 1000))
    for name, document in objects.items():
        results.put(job.key(f"{name}.json"), json.dumps(document).encode())
    return job


def test_tells_how_jobs_are_and_neither_whose_nor_of_what(results: Bucket) -> None:
    now = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    record = {"name": "private.png", "owner": "alice", "created_at": now}
    put(results, "alice", job=record)
    put(results, "bob", job=record, started={"started_at": now})
    put(results, "bob", job=record, started={"started_at": now}, summary={**SUMMARY, "rows": 3, "failed": 1})
    put(results, "carol", job=record, summary={**SUMMARY, "state": "failed", "error": ERROR})
    inbox = Job.of_upload("inbox/private/scan.png", "any-version")
    assert inbox
    results.put(inbox.key("started.json"), json.dumps({"started_at": now, "name": "private/scan.png"}).encode())
    results.put(inbox.key("attempts/1.json"), b"{}")
    described = describe(results)
    found = {(each["source"], each["state"], each["rows"], each["failed"], each["problem"]) for each in described["newest"]}
    assert found == {
        ("api", "waiting", None, None, None),
        ("api", "processing", None, None, None),
        ("api", "succeeded", 3, 1, None),
        ("api", "failed", None, None, "malformed"),
        ("inbox", "processing", None, None, None),
    }
    assert described["is_complete"]
    for private in ("alice", "bob", "carol", "private", "scan"):
        assert private not in json.dumps(described)


def test_reads_no_more_than_the_newest(results: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = [put(results, f"owner-{minute % 3}", minute, summary=SUMMARY) for minute in range(30)]
    newest = {job.id for job in jobs[-NEWEST:]}
    times = {job.key("summary.json"): float(minute) for minute, job in enumerate(jobs)}
    # S3 writes whole seconds; these jobs are made in one.
    list_all = Store.list

    def list_in_order(store: Store, *arguments: Any, **options: Any) -> list[Stored]:
        return [Stored(each.key, each.size_bytes, times[each.key]) for each in list_all(store, *arguments, **options)]

    monkeypatch.setattr(Store, "list", list_in_order)
    described = describe(results)
    assert {each["id"] for each in described["newest"]} == newest
    assert described["newest"][0]["id"] == jobs[-1].id


class ManyCallers:
    """A store with more callers than are looked at."""

    def __init__(self) -> None:
        self.looked_at: list[str] = []

    def list_folders(self, prefix: str, *, limit: int) -> list[str]:
        return [f"{prefix}caller-{number}/" for number in range(limit)]

    def list(self, prefix: str, **_: Any) -> list[Stored]:
        self.looked_at.append(prefix)
        return []


def test_says_that_it_has_not_looked_at_every_caller() -> None:
    store: Any = ManyCallers()
    described = RecentJobs(store, JobStates(store, upload_days=7)).describe()
    assert described == {"newest": [], "is_complete": False}
    assert len(store.looked_at) == MOST_CALLERS + 1  # and the inbox


@pytest.mark.parametrize("name", ["scan.png", "a b/ü.csv", "0" * 26 + "/x.png", "attempts/x.png"])
def test_finds_the_job_in_a_key_of_the_inbox(name: str) -> None:
    job = Job.of_upload(f"inbox/{name}", "any-version")
    assert job
    keys = [job.key(each) for each in ("started.json", "summary.json", "attempts/1.json")]
    ((found, objects),) = group_inbox(Stored(key, 1, 0.0) for key in keys).items()
    assert (found.id, found.prefix, [each.key for each in objects]) == (job.id, job.prefix, keys)
