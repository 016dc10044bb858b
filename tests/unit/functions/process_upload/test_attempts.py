"""How often a job is tried, and that each ends in words."""

from collections.abc import Callable
from typing import Any

import pytest

from functions.process_upload.attempts import Attempts, GaveUp
from functions.process_upload.batch_transform.staging import Staging
from functions.process_upload.events import Attempt
from functions.process_upload.lines import Failure
from functions.shared.jobs import STARTED, Job
from recipes import npy
from recipes.errors import EndpointBusy
from tests.fakes import FakeEndpoint
from tests.faults import Death
from tests.moto_aws import Bucket
from tests.upload_handler import CONFIG
from tests.upload_messages import make_message, make_transform_message, wrap_body
from tests.uploads import SageMaker, World, find_job, put_upload, run_transform

ROWS = npy.write(bytes(784), (1, 28, 28))
MOST = 5


class OneJob:
    """A job whose attempts end as they are told: done, failed or stopped."""

    def __init__(self) -> None:
        self.job, self.keys, self.ended = Job.of_owner("me", "0" * 26), set[str](), list[str]()
        self._attempts = Attempts(self, MOST)  # type: ignore[arg-type]  # it only writes notes

    def create_json(self, key: str, _: Any) -> bool:
        is_new = key not in self.keys
        self.keys.add(key)
        return is_new

    def deliver(self, *outcomes: str, message: str = "m", first: int = 1) -> list[str]:
        """Deliver a message once for each outcome, and return how each attempt ended."""
        return [self._try(outcome, Attempt(message, number, 60.0)) for number, outcome in enumerate(outcomes, first)]

    def _try(self, outcome: str, attempt: Attempt) -> str:
        def work() -> dict[str, Any]:
            if outcome == "stopped":
                raise Death
            if outcome == "failed":
                raise EndpointBusy("")
            return {"end": "done"}

        keys = set(self.keys)
        self.keys.add(self.job.key(STARTED))
        try:
            return str(self._attempts.run(self.job, attempt, keys, work, self._end)["end"])
        except EndpointBusy:
            return "failed"
        except GaveUp:
            return "gave up"
        except Death:
            return "stopped"

    def _end(self, failure: Failure) -> dict[str, Any]:
        self.ended.append(failure.code)
        return {"end": failure.code}


def test_tries_no_third_time_what_stopped_the_function_twice() -> None:
    assert OneJob().deliver("stopped", "stopped", "done") == ["stopped", "stopped", "function-stopped"]


def test_goes_on_after_one_stop() -> None:
    assert OneJob().deliver("stopped", "done") == ["stopped", "done"]


def test_counts_no_attempt_that_failed_by_itself_as_a_stop() -> None:
    outcomes = ["failed", "failed", "stopped", "failed", "done"]
    assert OneJob().deliver(*outcomes) == outcomes


def test_counts_no_delivery_that_never_reached_the_function_as_a_stop() -> None:
    assert OneJob().deliver("done", first=4) == ["done"]


def test_counts_the_stops_of_each_copy_of_an_event_for_itself() -> None:
    world = OneJob()
    assert [*world.deliver("stopped", message="a"), *world.deliver("stopped", "done", message="b")] == ["stopped", "stopped", "done"]


def test_ends_a_job_in_words_when_its_attempts_are_used_up() -> None:
    world = OneJob()
    assert world.deliver(*["failed"] * MOST, "done") == [*["failed"] * MOST, "gave up"]  # the last time for its dead letter
    assert world.ended == ["gave-up"]


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


def deliver_and_stop(world: World, message: dict[str, Any], stops: int) -> None:
    """Deliver a message that stops the function that often, and then is done with."""
    for number in range(1, stops + 2):
        message["attributes"]["ApproximateReceiveCount"] = str(number)
        if number <= stops:
            with pytest.raises(Death):
                world.deliver(message)
        else:
            assert world.deliver(message) == []


def test_says_what_could_not_be_read(make_world: Callable[..., World]) -> None:
    world = make_world(Death(), Death())
    deliver_and_stop(world, make_message(put_upload("inbox/a.npy", ROWS)), 2)
    summary = world.read_summary()
    assert (summary["state"], summary["error"]["code"]) == ("failed", "function-stopped")
    assert summary["error"]["detail"].startswith("could not be read: the function was stopped twice while it read this file")
    assert [each["state"] for each in world.notifier.finished] == ["failed"]


def test_ends_a_transformed_job_in_words(results: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: Any) -> Any:
        raise Death

    sagemaker = SageMaker()
    sagemaker.deploy(digits=1.0)
    world = World(results, sagemaker=sagemaker, transform_over_bytes=1)
    upload = put_upload("inbox/a.npy", ROWS)
    assert world.deliver(make_message(upload)) == []
    run_transform(results, find_job(upload))
    monkeypatch.setattr(Staging, "read_lines", stop)
    deliver_and_stop(world, make_transform_message(f"{CONFIG.transform_prefix}-{find_job(upload).id}", "Completed"), 2)
    assert world.read_summary()["error"]["code"] == "function-stopped"


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
    message = {**wrap_body(received["Body"], received["MessageId"], receive_count=MOST), "receiptHandle": received["ReceiptHandle"]}
    assert world.deliver(message) == [received["MessageId"]]
    (again,) = world.sqs.receive_message(QueueUrl=world.queue_url)["Messages"]  # at once
    assert again["MessageId"] == received["MessageId"]
