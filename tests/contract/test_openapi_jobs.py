"""Every answer about jobs is one that docs/openapi.yaml describes."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from functions.jobs.config import Config as JobsConfig
from functions.jobs.handler import Handler as JobsHandler
from functions.jobs.presign import Presigner
from functions.jobs.service import Service as JobsService
from functions.shared.object_store import Store
from tests.contract.described import SPEC, check
from tests.events import event
from tests.fakes import FakeContext
from tests.moto_aws import Bucket
from tests.moto_s3 import create_s3


@pytest.fixture
def jobs(results: Bucket) -> JobsHandler:
    return build_jobs(results)


def build_jobs(results: Bucket, recipes: tuple[str, ...] = ("digits",)) -> JobsHandler:
    """Return the real handler over moto's S3; its presigner only signs, which takes no S3."""
    presigner = Presigner(create_s3(), "uploads", results.name)
    service = JobsService(Store(results.client, results.name), presigner, max_upload_bytes=10**9, upload_days=7, now=lambda: 1_000_000.0)
    return JobsHandler(JobsConfig("uploads", results.name, 10**9, 7, recipes), service)


def test_describes_a_job_of_one_of_several_recipes(results: Bucket) -> None:
    several = build_jobs(results, "digits,stop_search")
    new, refused = (
        several(event("POST", "/jobs", json.dumps({"name": "a.csv", "recipe": recipe}), "application/json"), FakeContext())
        for recipe in ("stop_search", "salary")
    )
    check("/jobs", "POST", new)
    check("/jobs", "POST", refused)
    id_ = json.loads(new["body"])["id"]
    check("/jobs", "GET", several(event("GET", "/jobs"), FakeContext()))
    check("/jobs/{id}", "GET", several(event("GET", f"/jobs/{id_}"), FakeContext()))


def test_a_reused_idempotency_key_is_a_conflict(jobs: JobsHandler) -> None:
    def create(name: str) -> dict[str, Any]:
        request = event("POST", "/jobs", json.dumps({"name": name}), "application/json")
        request["headers"]["idempotency-key"] = "key"
        return jobs(request, FakeContext())

    first, again, other = create("a"), create("a"), create("b")
    assert [each["statusCode"] for each in (first, again, other)] == [201, 201, 409]
    check("/jobs", "POST", other)


REFUSED_NAMES = ["", " ", "\t", "\u3000", "a/b", "a\\b", "\x7f", "\na", "x" * 201]


@pytest.mark.parametrize("name", ["a.csv", " a ", "é", "$", "x" * 200, "\x85.", "\ufeff.", *REFUSED_NAMES])
def test_allows_the_names_that_are_taken(jobs: JobsHandler, name: str) -> None:
    schema = Draft202012Validator({"$ref": "#/components/schemas/JobRequest", "components": SPEC["components"]})
    taken = jobs(event("POST", "/jobs", json.dumps({"name": name}), "application/json"), FakeContext())["statusCode"] == 201
    assert schema.is_valid({"name": name}) == taken == (name not in REFUSED_NAMES)


SUMMARIES: dict[str, dict[str, Any]] = {
    "succeeded": {
        **{
            "state": "succeeded",
            "format": "csv",
            "rows": 2,
            "succeeded": 1,
            "failed": 1,
            "labels": {"7": 1},
            "verdicts": {"unsure": 1},
            "models": {"1": 1},
        },
        "reasons": [{"code": "wrong-shape", "count": 1, "row": 2, "detail": "x"}],
        "score": {"labelled": 2, "scored": 1, "correct": 1, "accuracy": 1.0, "confusion": {"7": {"7": 1}}, "unknown_labels": {"A": 1}},
    },
    "failed": {"state": "failed", "error": {"code": "malformed", "title": "Malformed input", "detail": "x"}},
}


@pytest.mark.parametrize("state", ["waiting", "processing", *SUMMARIES])
def test_describes_jobs(jobs: JobsHandler, results: Bucket, state: str) -> None:
    created = jobs(event("POST", "/jobs", json.dumps({"name": "a.csv"}), "application/json"), FakeContext())
    assert created["statusCode"] == 201
    check("/jobs", "POST", created)
    job = json.loads(created["body"])
    prefix = f"jobs/anyone/{job['id']}"
    times = {"started_at": "2026-11-21T08:00:00.000Z", "finished_at": "2026-11-21T08:00:01.000Z", "processing_s": 1.0}
    if state != "waiting":
        results.put(f"{prefix}/started.json", json.dumps({"started_at": times["started_at"]}).encode())
    if state in SUMMARIES:
        about = {"id": job["id"], "owner": "anyone", "name": "a.csv", "created_at": job["created_at"], "source": {"key": "secret"}}
        results.put(f"{prefix}/predictions.jsonl", b"{}")
        results.put(f"{prefix}/summary.json", json.dumps({**about, **times, **SUMMARIES[state]}).encode())
    response = jobs(event("GET", f"/jobs/{job['id']}"), FakeContext())
    check("/jobs/{id}", "GET", response)
    document = json.loads(response["body"])
    assert (document["state"], document["name"], "results" in document) == (state, "a.csv", state in SUMMARIES)
    assert "secret" not in response["body"]
    page = jobs(event("GET", "/jobs"), FakeContext())
    check("/jobs", "GET", page)
    assert [(row["id"], row["state"]) for row in json.loads(page["body"])["jobs"]] == [(job["id"], state)]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/jobs", "{", 400),
        ("POST", "/jobs", "[]", 400),
        ("POST", "/jobs", '{"name": "a/b"}', 422),
        ("POST", "/jobs", '{"name": ""}', 422),
        ("POST", "/jobs", '{"name": "a\\ud800"}', 422),
        ("POST", "/jobs", '{"name": "a", "content_type": "x"}', 422),
        ("POST", "/jobs", '{"name": "a", "size_bytes": true}', 422),
        ("POST", "/jobs", '{"name": "a", "size_bytes": 2000000000}', 413),
        ("POST", "/jobs", '{"name": "a", "csv": 1}', 422),
        ("POST", "/jobs", '{"name": "a", "size_bytes": null}', 422),
        ("GET", "/jobs/zzzzzzzzzzzzzzzzzzzzzzzzzz", "", 404),
        ("GET", "/jobs/..%2F..%2Fother", "", 404),
    ],
)
def test_describes_what_is_wrong_with_a_job(jobs: JobsHandler, method: str, path: str, body: str, status: int) -> None:
    answer = jobs(event(method, path, body, "application/json"), FakeContext())
    assert answer["statusCode"] == status
    check("/jobs/{id}" if path != "/jobs" else path, method, answer)


@pytest.mark.parametrize("cursor", ["", "x", "z" * 27])
def test_describes_the_answer_to_a_cursor_of_its_own_making(jobs: JobsHandler, cursor: str) -> None:
    answer = jobs(event("GET", "/jobs", query={"cursor": cursor}), FakeContext())
    assert answer["statusCode"] == 422
    check("/jobs", "GET", answer)


def test_shows_nobody_the_jobs_of_another(jobs: JobsHandler) -> None:
    def as_owner(sub: str, method: str, path: str, body: str = "") -> dict[str, Any]:
        request = event(method, path, body, "application/json")
        request["requestContext"]["authorizer"] = {"jwt": {"claims": {"sub": sub}, "scopes": None}}
        return jobs(request, FakeContext())

    job = json.loads(as_owner("11111111-aaaa", "POST", "/jobs", '{"name": "a"}')["body"])
    assert as_owner("11111111-aaaa", "GET", f"/jobs/{job['id']}")["statusCode"] == 200
    assert as_owner("22222222-bbbb", "GET", f"/jobs/{job['id']}")["statusCode"] == 404
    assert json.loads(as_owner("22222222-bbbb", "GET", "/jobs")["body"])["jobs"] == []
    for nobody in ("", "../x", "a/b", "anyone", "x" * 51):
        assert as_owner(nobody, "GET", "/jobs")["statusCode"] == 500
