"""How often a job is tried, and that each ends in words: the real function, stopped and failing as SQS delivers again and again."""

from collections.abc import Callable
from typing import Any

import pytest

from functions.process_upload.staging import Staging
from recipes import npy
from recipes.errors import EndpointBusy
from tests.fakes import FakeEndpoint
from tests.faults import Death
from tests.moto_aws import Bucket
from tests.upload_handler import CONFIG
from tests.upload_messages import make_message, make_transform_message, wrap_body
from tests.uploads import SageMaker, World, find_job, put_upload, run_transform

ROWS = npy.write(bytes(3 * 784), (3, 28, 28))


class Stopping(FakeEndpoint):
    """Stops the function, or fails, as told for each call; then answers."""

    def __init__(self, *outcomes: BaseException) -> None:
        super().__init__()
        self._outcomes = list(outcomes)

    def invoke(self, body: bytes, **request: Any) -> Any:
        if self._outcomes:
            raise self._outcomes.pop(0)
        return super().invoke(body, **request)


@pytest.fixture
def make_world(results: Bucket) -> Callable[..., World]:
    return lambda *outcomes: World(results, endpoint=Stopping(*outcomes), in_flight=1)


def deliver(world: World, message: dict[str, Any], receives: int) -> list[str]:
    """Deliver a message that often, and return how each attempt ended."""
    ends = []
    for number in range(1, receives + 1):
        message["attributes"]["ApproximateReceiveCount"] = str(number)
        try:
            ends.append("failed" if world.deliver(message) else "done")
        except Death:
            ends.append("stopped")
    return ends


def test_reads_a_file_that_stopped_the_function_twice_no_third_time(make_world: Callable[..., World]) -> None:
    world = make_world(Death(), Death())
    assert deliver(world, make_message(put_upload("inbox/a.npy", ROWS)), 3) == ["stopped", "stopped", "done"]
    summary = world.read_summary()
    assert (summary["state"], summary["error"]["code"]) == ("failed", "function-stopped")
    assert summary["error"]["detail"].startswith("could not be read: the function was stopped twice while it read this file")
    assert [each["state"] for each in world.notifier.finished] == ["failed"]


def test_goes_on_after_it_was_stopped_once(make_world: Callable[..., World]) -> None:
    world = make_world(Death())
    assert deliver(world, make_message(put_upload("inbox/a.npy", ROWS)), 2) == ["stopped", "done"]
    assert world.read_summary()["state"] == "succeeded"


def test_counts_no_attempt_that_failed_by_itself_as_a_stop(make_world: Callable[..., World]) -> None:
    world = make_world(EndpointBusy(""), EndpointBusy(""), Death(), EndpointBusy(""))
    assert deliver(world, make_message(put_upload("inbox/a.npy", ROWS)), 5) == ["failed", "failed", "stopped", "failed", "done"]
    assert world.read_summary()["state"] == "succeeded"


def test_counts_no_delivery_that_never_reached_the_function_as_a_stop(make_world: Callable[..., World]) -> None:
    world = make_world()
    assert world.deliver(make_message(put_upload("inbox/a.npy", ROWS), receive_count=4)) == []
    assert world.read_summary()["state"] == "succeeded"


def test_counts_the_stops_of_each_copy_of_an_event_for_itself(make_world: Callable[..., World]) -> None:
    upload, world = put_upload("inbox/a.npy", ROWS), make_world(Death(), Death())
    assert deliver(world, make_message(upload, "first"), 1) == deliver(world, make_message(upload, "second"), 1) == ["stopped"]
    assert deliver(world, make_message(upload, "second", receive_count=2), 1) == ["done"]
    assert world.read_summary()["state"] == "succeeded"


def test_ends_a_job_in_words_when_its_attempts_are_used_up(make_world: Callable[..., World]) -> None:
    world = make_world(*[EndpointBusy("")] * 5)
    message = make_message(put_upload("inbox/a.npy", ROWS))
    assert deliver(world, message, 6) == ["failed"] * 6  # the last time for its dead letter
    error = world.read_summary()["error"]
    assert (error["code"], "5 attempts failed" in error["detail"]) == ("gave-up", True)
    assert [each["state"] for each in world.notifier.finished] == ["failed"]
    assert deliver(world, message, 1) == ["done"]  # as after a redrive


@pytest.mark.parametrize(
    ("failure", "ends", "code"),
    [(Death(), ["stopped", "stopped", "done"], "function-stopped"), (OSError(), ["failed"] * 6, "gave-up")],
    ids=["stopped", "failed"],
)
def test_ends_a_transformed_job_in_words(
    results: Bucket, monkeypatch: pytest.MonkeyPatch, failure: BaseException, ends: list[str], code: str
) -> None:
    def fail(*_: Any) -> Any:
        raise failure

    sagemaker = SageMaker()
    sagemaker.deploy(digits=1.0)
    world = World(results, sagemaker=sagemaker, transform_over_bytes=1)
    upload = put_upload("inbox/a.npy", ROWS)
    assert world.deliver(make_message(upload)) == []
    job = find_job(upload)
    run_transform(results, job)
    ended = make_transform_message(f"{CONFIG.transform_prefix}-{job.id}", "Completed")
    monkeypatch.setattr(Staging, "read_lines", fail)
    assert deliver(world, ended, len(ends)) == ends
    assert world.read_summary()["error"]["code"] == code


def test_is_received_again_soon_after_the_function_is_stopped_and_not_while_it_runs(results: Bucket) -> None:
    hidden: list[int] = []

    class Sqs:
        def change_message_visibility(self, *, VisibilityTimeout: int, **_: Any) -> None:  # noqa: N803 - SQS's name
            hidden.append(VisibilityTimeout)

    world = World(results, sqs=Sqs(), endpoint=Stopping(Death()), in_flight=1)
    with pytest.raises(Death):
        world.deliver(make_message(put_upload("inbox/a.npy", ROWS)), remaining_ms=119_500)
    assert hidden == [120 + 5]


def test_ends_at_once_what_failed_the_last_time(make_world: Callable[..., World]) -> None:
    world = make_world(EndpointBusy(""))
    world.sqs.send_message(QueueUrl=world.queue_url, MessageBody=make_message(put_upload("inbox/a.npy", ROWS))["body"])
    (received,) = world.sqs.receive_message(QueueUrl=world.queue_url, VisibilityTimeout=900)["Messages"]
    message = {**wrap_body(received["Body"], received["MessageId"], receive_count=5), "receiptHandle": received["ReceiptHandle"]}
    assert world.deliver(message) == [received["MessageId"]]
    (again,) = world.sqs.receive_message(QueueUrl=world.queue_url)["Messages"]  # at once
    assert again["MessageId"] == received["MessageId"]
