"""What a job's objects say of it, as days pass."""

import json
from typing import Any

import pytest

from functions.jobs.service import JobRequest, Service
from functions.shared.job_states import DAY_S
from functions.shared.jobs import RECORD, RESULTS, STARTED, SUMMARY, Job
from functions.shared.object_store import Store, Stored, format_time
from tests.fakes import FakeClock
from tests.moto_aws import Bucket

LONGEST_FUNCTION_S = 900  # what is signed ends with the keys of the function that signed it, and they live at least as long as it may run

REQUEST = JobRequest(name="a.csv", content_type="text/csv", size_bytes=None, csv=False)


class NoForms:
    def sign_upload(self, *_: Any) -> dict[str, Any]:
        return {}


@pytest.mark.parametrize("is_started", [False, True], ids=["waiting", "processing"])
def test_says_that_a_job_failed_once_its_upload_is_deleted(results: Bucket, *, is_started: bool) -> None:
    clock = FakeClock()
    service = Service(Store(results.client, results.name), NoForms(), max_upload_bytes=1, upload_days=7, now=clock)  # type: ignore[arg-type]
    id_ = service.create("me", REQUEST, None)[0]["id"]
    if is_started:
        results.put(f"jobs/me/{id_}/started.json", json.dumps({"name": "a.csv", "started_at": format_time(clock())}).encode())
    states = []
    for days in (0, 6, 8):
        clock.now_s = 1000 + days * DAY_S
        job, (row, *_) = service.get("me", id_), service.list("me", limit=1, after=None)[0]
        assert job is not None
        states.append((job["state"], row["state"]))
    before = "processing" if is_started else "waiting"
    assert states == [(before, before), (before, before), ("failed", "failed")]
    assert (job["error"]["code"], job["summary"]) == ("expired", {})


class Counting(Store):
    listed = 0

    def list(self, *place: Any, **request: Any) -> list[Stored]:
        found = super().list(*place, **request)
        self.listed += len(found)
        return found


@pytest.mark.parametrize(("count", "notes"), [(24, 0), (3, 90)], ids=["as most are", "tried over and over"])
def test_lists_each_job_once_and_asks_for_no_more_keys_than_its_page_may_need(results: Bucket, count: int, notes: int) -> None:
    store = Counting(results.client, results.name)
    service = Service(store, NoForms(), max_upload_bytes=1, upload_days=7, now=FakeClock())  # type: ignore[arg-type]
    jobs = [Job.new("me", "a.csv", 1000 - number) for number in range(count)]
    for job in jobs:
        for name in (RECORD, STARTED, *RESULTS, SUMMARY, *(f"attempts/any/{number}" for number in range(notes))):
            results.put(job.key(name), json.dumps({"state": "succeeded"}).encode())
    found, after, pages = [], None, []
    while not pages or after:
        before = store.listed
        page, after = service.list("me", limit=2, after=after)
        found += page
        pages.append((len(page), store.listed - before))
    assert [job["id"] for job in found] == [job.id for job in jobs]
    assert {job["state"] for job in found} == {"succeeded"}
    assert max(keys for _, keys in pages) <= 110
    assert notes or {jobs for jobs, _ in pages} == {2}


class Lengths:
    """A presigner that notes for how long it is asked to sign."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def sign_upload(self, *request: Any) -> dict[str, Any]:
        self.asked.append(request[-1])
        return {}

    def sign_download(self, *request: Any) -> str:
        self.asked.append(request[-1])
        return ""


def test_signs_for_no_longer_than_the_keys_of_a_function_surely_live(results: Bucket) -> None:
    presigner = Lengths()
    service = Service(Store(results.client, results.name), presigner, max_upload_bytes=1, upload_days=7)  # type: ignore[arg-type]
    document, _ = service.create("me", JobRequest("a.csv", "text/csv", 1, csv=False), None)
    for name in (*RESULTS, SUMMARY):
        results.put(f"jobs/me/{document['id']}/{name}", b'{"state": "succeeded"}')
    found = service.get("me", document["id"])
    assert found is not None
    assert len(presigner.asked) == 1 + len(found["results"]) > 1
    assert max(presigner.asked) <= LONGEST_FUNCTION_S
