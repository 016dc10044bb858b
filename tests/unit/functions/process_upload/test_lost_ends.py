"""Transform jobs of whose end no event came: SageMaker's events are sent as well as AWS can, which is not always."""

import json
from typing import Any

import pytest

from functions.process_upload.batch_transform.staging import list_staged
from functions.shared.jobs import Job
from functions.shared.object_store import Store
from tests.moto_aws import Bucket
from tests.upload_handler import CONFIG, RESULTS
from tests.upload_messages import make_message, wrap_body
from tests.uploads import SageMaker, World, find_job, put_upload, run_transform

SCHEDULED = {"version": "0", "source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}
CONTENT = "\n".join(",".join(map(str, [first, *[0] * 783])) for first in (1, 2)).encode()


class Account(SageMaker):
    """One whose transform jobs end when a test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.statuses: dict[str, str] = {}
        self.asked = 0

    def describe_transform_job(self, **request: Any) -> Any:
        self.asked += 1
        response = self._client.describe_transform_job(**request)
        return {**response, "TransformJobStatus": self.statuses.get(request["TransformJobName"], "InProgress"), "FailureReason": "secret"}


@pytest.fixture
def account(buckets: Any) -> Account:
    account = Account()
    account.deploy(only=1.0)
    return account


@pytest.fixture
def world(results: Bucket, account: Account) -> World:
    return World(results, sagemaker=account, transform_over_bytes=1000)


def start(world: World, name: str) -> Job:
    return find_job(world.deliver_upload(f"inbox/{name}.csv", CONTENT))


def look(world: World) -> list[dict[str, Any]]:
    """Deliver what the schedule sends, and return the messages that the queue has then, with their bodies."""
    assert world.deliver(wrap_body(json.dumps(SCHEDULED))) == []
    received = world.sqs.receive_message(QueueUrl=world.queue_url, MaxNumberOfMessages=10).get("Messages", [])
    return [wrap_body(message["Body"]) for message in received]


@pytest.mark.parametrize(("status", "state"), [("Completed", "succeeded"), ("Failed", "failed"), ("Stopped", "failed")])
def test_finishes_the_job_of_a_transform_job_of_whose_end_no_event_came(world: World, account: Account, status: str, state: str) -> None:
    job = start(world, "a")
    run_transform(world.results, job)
    account.statuses[f"{CONFIG.transform_prefix}-{job.id}"] = status
    (message,) = look(world)
    assert world.deliver(message) == []
    assert [(each["id"], each["state"]) for each in world.notifier.finished] == [(job.id, state)]
    assert "secret" not in json.dumps(world.read_summary())


def test_leaves_what_still_runs_and_what_is_finished_alone(world: World, account: Account) -> None:
    assert look(world) == []
    assert account.asked == 0
    running, finished = start(world, "a"), start(world, "b")
    account.statuses[f"{CONFIG.transform_prefix}-{finished.id}"] = "Failed"
    (message,) = look(world)
    assert world.deliver(message) == []
    assert look(world) == []
    assert [each["id"] for each in world.notifier.finished] == [finished.id]
    assert running.id not in message["body"]


def test_waits_for_a_job_that_is_staged_and_not_started(world: World, account: Account) -> None:
    account.limit = "as many run as may"
    assert world.deliver(make_message(put_upload("inbox/a.csv", CONTENT))) == ["m"]
    assert look(world) == []
    assert account.asked == 1


def test_looks_at_so_many_jobs_at_once_from_any_id_on(world: World) -> None:
    ids = sorted(start(world, name).id for name in "abc")

    def list_ids(behind: str, **most: int) -> list[str]:
        return [each.details.job.id for each in list_staged(Store(world.results.client, RESULTS), behind=behind, **most)]

    places = ["", *(f"{each}0" for each in ids)]
    assert [list_ids(each, most=2) for each in places] == [ids[:2], ids[1:], [ids[2], ids[0]], ids[:2]]
    assert list_ids(places[2]) == [ids[2], *ids[:2]]
