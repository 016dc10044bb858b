"""GET /status: what the real parts say of AWS's answers is what docs/openapi.yaml describes."""

from typing import Any

import pytest

from functions.shared.job_states import JobStates
from functions.shared.object_store import Store
from functions.status.alarms import Alarms
from functions.status.endpoint import Endpoint
from functions.status.handler import Handler
from functions.status.queues import Queues
from functions.status.recent_jobs import MOST_CALLERS, MOST_INBOX_KEYS, NEWEST, RecentJobs
from functions.status.service import Part, Service
from tests.contract.described import SPEC
from tests.contract.described import check as check_described
from tests.events import event
from tests.fakes import FakeContext
from tests.moto_aws import Bucket
from tests.unit.functions.status.test_handler import CONFIG
from tests.unit.functions.status.world import FakeCloudWatch, FakeSageMaker, FakeSqs

QUEUE = {"ApproximateNumberOfMessages": "1"}
INSTANCES = {"VariantName": "main", "CurrentWeight": 1.0, "CurrentInstanceCount": 1, "DesiredInstanceCount": 2}
ENDPOINTS = [
    FakeSageMaker(),
    FakeSageMaker(2, (1, 2), ProductionVariants=[INSTANCES]),
    FakeSageMaker(EndpointStatus="Failed", FailureReason="x"),
]


def fail() -> Part:
    raise KeyError


def check(handler: Handler, status: int, groups: str = "") -> None:
    request = event("GET", "/status", user="any-user")
    request["requestContext"]["authorizer"]["jwt"]["claims"]["cognito:groups"] = groups
    response = handler(request, FakeContext())
    assert response["statusCode"] == status
    check_described("/status", "GET", response)


@pytest.mark.parametrize("sagemaker", ENDPOINTS, ids=["serverless", "instances", "failed"])
def test_describes_what_is_told(results: Bucket, sagemaker: Any) -> None:
    results.put(f"jobs/anyone/{'0' * 26}/job.json", b'{"created_at": "2026-11-29T14:00:00.000Z"}')
    store, cloudwatch = Store(results.client, results.name), FakeCloudWatch({"a": "ALARM"}, (3.0,))
    endpoint = Endpoint(sagemaker, name="any", kind="cpu", group="any-group")
    parts = {
        "endpoint": endpoint.describe,
        "models": endpoint.describe_models,
        "uploads": Queues(FakeSqs(q=QUEUE, d={}), cloudwatch, queue_url="/q", dead_letter_queue_url="/d").describe,
        "jobs": RecentJobs(store, JobStates(store, upload_days=7)).describe,
        "alarms": Alarms(cloudwatch, ["a", "b"]).describe,
    }
    check(Handler(CONFIG, {"digits": Service(lambda: parts)}), 200)


def test_describes_what_is_missing_and_who_is_refused() -> None:
    parts = dict.fromkeys(("endpoint", "models", "uploads", "jobs", "alarms"), fail)
    check(Handler(CONFIG, {"digits": Service(lambda: parts)}), 200)
    check(Handler(CONFIG._replace(auth="jwt"), {"digits": Service(lambda: parts)}), 403, "[staff]")


def test_names_the_limits_that_hold() -> None:
    jobs = SPEC["components"]["schemas"]["JobStatus"]["properties"]
    assert jobs["newest"]["maxItems"] == NEWEST
    assert f"no more than {MOST_CALLERS} are, and {MOST_INBOX_KEYS:,} objects" in jobs["is_complete"]["description"]
