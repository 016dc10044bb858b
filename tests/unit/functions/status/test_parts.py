"""What each part says, from what AWS says."""

from typing import Any

import pytest

from functions.status.alarms import Alarms
from functions.status.endpoint import Endpoint
from functions.status.queues import Queues
from functions.status.service import Service
from tests.unit.functions.status.world import AT, AwsError, FakeCloudWatch, FakeSageMaker, FakeSqs

COUNTS = {"ApproximateNumberOfMessages": "2", "ApproximateNumberOfMessagesNotVisible": "1", "ApproximateNumberOfMessagesDelayed": "3"}
EMPTY = dict.fromkeys(COUNTS, "0")


def endpoint(sagemaker: Any) -> Endpoint:
    return Endpoint(sagemaker, name="any", kind="serverless", group="any-group")


def queues(uploads: dict[str, str], dead: dict[str, str], *ages_s: float) -> Queues:
    sqs, cloudwatch = FakeSqs(uploads=uploads, dead=dead), FakeCloudWatch(ages_s=ages_s)
    return Queues(sqs, cloudwatch, queue_url="https://any/uploads", dead_letter_queue_url="https://any/dead", now=lambda: AT)


def test_tells_a_serverless_endpoint_and_when_it_was_deployed() -> None:
    described = endpoint(FakeSageMaker()).describe()
    variant = {"name": "AllTraffic", "weight": 1.0, "memory_mb": 2048, "max_at_once": 5, "kept_ready": 0}
    assert described == {
        "name": "any",
        "kind": "serverless",
        "state": "InService",
        "deployed_at": "2026-11-29T14:00:00.000Z",
        "reason": None,
        "variants": [variant],
    }


def test_counts_the_instances_of_each_variant() -> None:
    instances = {"VariantName": "main", "CurrentWeight": 0.9, "CurrentInstanceCount": 1, "DesiredInstanceCount": 2}
    described = endpoint(FakeSageMaker(ProductionVariants=[instances], EndpointStatus="Updating")).describe()
    assert described["variants"] == [{"name": "main", "weight": 0.9, "instances": 1, "wanted_instances": 2}]
    assert described["state"] == "Updating"


def test_tells_an_endpoint_that_is_being_created_and_one_that_failed() -> None:
    described = endpoint(FakeSageMaker(EndpointStatus="Failed", FailureReason="no image", ProductionVariants=[])).describe()
    assert (described["state"], described["reason"], described["variants"]) == ("Failed", "no image", [])


@pytest.mark.parametrize(
    ("serving", "approved", "newest", "is_newest"),
    [
        (None, (), None, True),
        (None, (1,), 1, False),
        (2, (1, 2), 2, True),
        (9, (10, 9), 10, False),
        (2, (), None, False),  # its approval was taken back, and the rollout has not followed yet
    ],
)
def test_compares_what_serves_with_what_is_approved(
    serving: int | None, approved: tuple[int, ...], newest: int | None, *, is_newest: bool
) -> None:
    models = endpoint(FakeSageMaker(serving, approved)).describe_models()
    assert models["variants"] == [{"name": "AllTraffic", "version": serving}]
    assert (models["approved"] or {}).get("version") == newest
    assert models["is_newest"] == is_newest
    if newest:
        assert models["approved"] == {"version": newest, "approved_at": "2026-11-29T14:00:00.000Z", "why": "better on photos"}


def test_counts_what_waits_what_is_worked_on_and_what_failed() -> None:
    assert queues(COUNTS, {**EMPTY, "ApproximateNumberOfMessages": "4"}, 30.0, 61.4).describe() == {
        "waiting": 5,
        "in_progress": 1,
        "dead_letters": 4,
        "oldest_s": 61,
    }


def test_knows_no_age_of_an_empty_queue_and_none_before_cloudwatch_does() -> None:
    assert queues(EMPTY, EMPTY, 30.0).describe()["oldest_s"] is None  # of a message that has gone
    assert queues(COUNTS, EMPTY).describe()["oldest_s"] is None


def test_puts_raised_alarms_first_and_names_those_that_are_gone() -> None:
    cloudwatch = FakeCloudWatch({"a": "OK", "b": "ALARM", "c": "INSUFFICIENT_DATA"})
    described = Alarms(cloudwatch, ["a", "b", "c", "d"]).describe()
    assert [(each["name"], each["state"]) for each in described["alarms"]] == [("b", "ALARM"), ("c", "INSUFFICIENT_DATA"), ("a", "OK")]
    assert described["alarms"][0] == {"name": "b", "description": "b happens", "state": "ALARM", "since": "2026-11-29T14:00:00.000Z"}
    assert described["missing"] == ["d"]


def test_asks_for_as_many_alarms_at_once_as_cloudwatch_describes() -> None:
    cloudwatch = FakeCloudWatch()
    Alarms(cloudwatch, [f"alarm-{number}" for number in range(250)]).describe()
    assert [len(names) for names in cloudwatch.asked] == [100, 100, 50]


@pytest.mark.parametrize("refusal", [None, AwsError("AccessDeniedException", "DescribeEndpoint")])
def test_asks_once_for_the_endpoint_that_two_parts_are_about(refusal: Exception | None) -> None:
    sagemaker = FakeSageMaker(refusal=refusal)
    look = endpoint(sagemaker)
    status = Service(lambda: {"endpoint": look.describe, "models": look.describe_models}).read()
    assert sagemaker.looks == 1
    assert [each["part"] for each in status["unread"]] == (["endpoint", "models"] if refusal else [])
