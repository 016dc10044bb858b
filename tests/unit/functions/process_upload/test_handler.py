"""Messages of the queue in, jobs finished out: the real handler and service over S3 in memory and an endpoint of ours."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from functions.process_upload.batch import Predictor
from functions.process_upload.handler import Handler
from functions.process_upload.results import PART_BYTES
from functions.process_upload.service import Service, Upload
from functions.process_upload.source import Source
from functions.shared.jobs import Job
from functions.shared.object_store import Store
from recipes import npy
from recipes.errors import EndpointBusy, InvalidInput
from recipes.recipe import load
from tests.digits import any_digit, encoded, on_page
from tests.fake_s3 import FakeS3
from tests.fakes import FakeContext, FakeEndpoint
from tests.faults import CONFIG, RESULTS, UPLOADS, message

THREE = npy.write(bytes([7]) + bytes(783) + bytes([1]) + bytes(783) + bytes([7]) + bytes(783), (3, 28, 28))


@dataclass
class Told:
    finished_: list[dict[str, Any]] = field(default_factory=list)
    progress_: list[tuple[int, int | None]] = field(default_factory=list)
    failure: Exception | None = None

    def progress(self, job: Job, rows_done: int, rows_total: int | None) -> None:
        self.progress_.append((rows_done, rows_total))

    def finished(self, job: Job, summary: dict[str, Any]) -> None:
        if self.failure:
            raise self.failure
        self.finished_.append({"id": job.id, **summary})


@dataclass
class Sqs:
    pauses: list[int] = field(default_factory=list)

    def change_message_visibility(self, **request: Any) -> None:
        self.pauses.append(request["VisibilityTimeout"])


@dataclass
class Transforms:
    started: list[str] = field(default_factory=list)
    ended: list[tuple[str, str, str]] = field(default_factory=list)

    def start(self, job: Job, upload: Upload, rows: Any, *, about: dict[str, Any], deadline: float) -> None:
        self.started.append(job.id)

    def finish(self, name: str, state: str, reason: str, service: Service) -> dict[str, Any]:
        self.ended.append((name, state, reason))
        return {"outcome": "finished"}


class World:
    """Everything around the function."""

    def __init__(self, *, transform_over_bytes: int = 10**9, chunk_rows: int = 100) -> None:
        self.s3, self.told, self.sqs, self.transforms, self.endpoint = FakeS3(), Told(), Sqs(), Transforms(), FakeEndpoint()
        recipe = load("digits")

        def open_source(upload: Upload) -> Source:
            return Source(self.s3, UPLOADS, upload.key, upload.version, upload.etag, upload.size_bytes, sleep=lambda _: None)

        self.predictor = Predictor(self.endpoint, recipe, chunk_bytes=784 * chunk_rows, in_flight=2)
        store = Store(self.s3, RESULTS, sleep=lambda _: None)
        self.service = Service(
            store, open_source, recipe, self.predictor, self.told, transform=self.transforms, transform_over_bytes=transform_over_bytes
        )
        self.handler = Handler(CONFIG, self.service, self.transforms, self.sqs)

    def upload(self, key: str, content: bytes, metadata: dict[str, str] | None = None, *, received: int = 1) -> dict[str, Any]:
        kept = self.s3.put(UPLOADS, key, content, metadata)
        made = message(f"m-{key}-{kept.version}", key, kept.version, kept.etag, len(content))
        made["attributes"]["ApproximateReceiveCount"] = str(received)
        return made

    def deliver(self, *messages: dict[str, Any], remaining_ms: int = 120_000) -> list[str]:
        answer = self.handler({"Records": list(messages)}, FakeContext(remaining_ms))
        return [item["itemIdentifier"] for item in answer["batchItemFailures"]]

    def result(self, suffix: str) -> bytes:
        (key,) = [key for key in self.s3.keys(RESULTS) if key.endswith(suffix)]
        return self.s3.objects[RESULTS, key][-1].body

    def summary(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.result("summary.json"))
        return found


@pytest.fixture
def world() -> World:
    return World()


def test_answers_every_row_in_order(world: World) -> None:
    assert world.deliver(world.upload("inbox/a.npy", THREE)) == []
    lines = [json.loads(line) for line in world.result("predictions.jsonl").splitlines()]
    assert [(line["row"], line["label"], line["model"]) for line in lines] == [
        (1, 7, "1.0.0+00000000"),
        (2, 1, "1.0.0+00000000"),
        (3, 7, "1.0.0+00000000"),
    ]
    said = world.summary()
    assert (said["state"], said["format"], said["rows"], said["failed"], said["labels"]) == ("succeeded", "npy", 3, 0, {"1": 1, "7": 2})
    assert said["models"] == {"1.0.0+00000000": 3}
    assert [told["state"] for told in world.told.finished_] == ["succeeded"]


@pytest.mark.parametrize("key", ["inbox/a b+c ü/日本.csv", "inbox/100% sure?.csv", "inbox/a&b=c;d.csv", "inbox/'\"<>.csv"])
def test_answers_whatever_the_key_is_under_the_same_key(world: World, key: str) -> None:
    assert world.deliver(world.upload(key, ",".join(["3", *["0"] * 783]).encode())) == []
    assert world.s3.keys(RESULTS)[0].startswith(f"{key}/")
    assert world.summary()["name"] == key.removeprefix("inbox/")


def test_answers_a_picture_in_its_summary(world: World) -> None:
    world.deliver(world.upload("inbox/photo.png", encoded(on_page(any_digit()))))
    said = world.summary()
    assert said["format"] == "image"
    assert len(said["predictions"]) == 1
    assert set(said["image"]) == {"width", "height"}


def test_writes_a_table_without_formulas_if_asked(world: World) -> None:
    lines = b"\n".join(json.dumps({"id": id_, "instance": [5] + [0] * 783}).encode() for id_ in ("=1+1", " @x", "+1", "fine", "\t=2"))
    world.deliver(world.upload("inbox/a.jsonl", lines, {"csv": "true"}))
    rows = world.result("predictions.csv").decode().split("\r\n")
    assert rows[0] == "row,name,id,label,probability,model,box,error"
    assert [row.split(",")[2] for row in rows[1:6]] == ["'=1+1", "' @x", "'+1", "fine", "'\t=2"]


@pytest.mark.parametrize("copies", [2, 5])
def test_does_nothing_for_copies_of_an_event(world: World, copies: int) -> None:
    one = world.upload("inbox/a.npy", THREE)
    for _ in range(copies):
        assert world.deliver(one) == []
    assert max(count for (bucket, _), count in world.s3.writes.items() if bucket == RESULTS) == 1
    assert (len(world.endpoint.asked), len(world.told.finished_)) == (1, 1)


def test_gives_each_version_of_a_key_a_job_of_its_own(world: World) -> None:
    first, second = world.upload("inbox/a.npy", THREE), world.upload("inbox/a.npy", npy.write(bytes(784), (1, 784)))
    assert world.deliver(second, first) == []
    rows = sorted(
        json.loads(world.s3.objects[RESULTS, key][0].body)["rows"] for key in world.s3.keys(RESULTS) if key.endswith("summary.json")
    )
    assert rows == [1, 3]


def test_tells_again_what_it_could_not_tell(world: World) -> None:
    world.told.failure = OSError("no network")
    one = world.upload("inbox/a.npy", THREE)
    assert world.deliver(one) == [one["messageId"]]
    world.told.failure = None
    one["attributes"]["ApproximateReceiveCount"] = "2"
    assert world.deliver(one) == []
    assert (len(world.told.finished_), len(world.endpoint.asked)) == (1, 1)


def test_tells_the_summary_from_predictions_that_are_there(world: World) -> None:
    one = world.upload("inbox/a.npy", THREE)
    world.deliver(one)
    before = world.summary()
    (key,) = [key for key in world.s3.keys(RESULTS) if key.endswith("summary.json")]
    del world.s3.objects[RESULTS, key]
    assert world.deliver(one) == []
    after = world.summary()
    assert {name: after[name] for name in before if name not in {"finished_at", "processing_s", "started_at"}} == {
        name: before[name] for name in before if name not in {"finished_at", "processing_s", "started_at"}
    }
    assert len(world.endpoint.asked) == 1


def test_brings_back_what_the_endpoint_could_not_answer_and_finishes_the_others(world: World) -> None:
    good, bad = world.upload("inbox/text.bin", b"\0\1\2"), world.upload("inbox/a.npy", THREE, received=3)
    world.endpoint.failure = EndpointBusy("busy")
    assert world.deliver(bad, good) == [bad["messageId"]]
    assert world.sqs.pauses == [60]
    assert world.summary()["error"]["code"] == "unsupported-type"


def test_leaves_to_the_next_what_there_is_no_time_for(world: World) -> None:
    one = world.upload("inbox/a.npy", THREE)
    assert world.deliver(one, remaining_ms=20_000) == [one["messageId"]]
    assert (world.endpoint.asked, world.sqs.pauses) == ([], [0])


def test_takes_the_small_ones_first(world: World) -> None:
    large, small = world.upload("inbox/large.npy", THREE), world.upload("inbox/small.npy", npy.write(bytes(784), (1, 784)))
    world.deliver(large, small)
    assert [told["name"] for told in world.told.finished_] == ["small.npy", "large.npy"]


def test_fails_an_upload_that_is_gone_with_the_reason(world: World) -> None:
    one = world.upload("inbox/a.npy", THREE)
    world.s3.objects.clear()
    assert world.deliver(one) == []
    assert (world.summary()["state"], world.summary()["error"]["code"]) == ("failed", "not-readable")


def test_costs_a_row_the_model_refuses_only_that_row(world: World) -> None:
    class Refusing(FakeEndpoint):
        def invoke(self, body: bytes, **request: Any) -> Any:
            if body[npy.header(body).offset :: 784].count(1):
                raise InvalidInput("the model does not take a 1")
            return super().invoke(body, **request)

    refusing = World()
    refusing.predictor._endpoint = Refusing()
    refusing.deliver(refusing.upload("inbox/a.npy", THREE))
    said = refusing.summary()
    assert (said["rows"], said["failed"], said["failures"][0]["row"]) == (3, 1, 2)


@pytest.mark.parametrize("body", ["{", "[]", '{"Records": 5}', '{"a": 1}', ""])
def test_keeps_messages_it_does_not_know_for_the_dead_letter_queue(world: World, body: str) -> None:
    assert world.deliver({"messageId": "m", "receiptHandle": "r", "body": body, "attributes": {}}) == ["m"]


def test_keeps_events_of_other_buckets_for_the_dead_letter_queue(world: World) -> None:
    one = world.upload("inbox/a.npy", THREE)
    assert world.deliver({**one, "body": one["body"].replace(UPLOADS, "other-bucket")}) == [one["messageId"]]


def test_takes_the_test_event_and_what_is_for_nobody(world: World) -> None:
    test_event = {
        "messageId": "t",
        "receiptHandle": "r",
        "attributes": {},
        "body": json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent"}),
    }
    assert world.deliver(test_event, world.upload("inbox/folder/", b""), world.upload("uploads/x", b"1")) == []
    assert world.s3.keys(RESULTS) == []


def test_hands_over_what_is_too_large() -> None:
    world = World(transform_over_bytes=1000)
    assert world.deliver(world.upload("inbox/a.npy", THREE)) == []
    assert (len(world.transforms.started), world.endpoint.asked, world.told.finished_) == (1, [], [])


def test_finishes_what_a_transform_job_ended(world: World) -> None:
    detail = {"TransformJobName": "p-x", "TransformJobStatus": "Failed", "FailureReason": "why"}
    body = json.dumps({"detail-type": "SageMaker Transform Job State Change", "source": "aws.sagemaker", "detail": detail})
    assert world.deliver({"messageId": "m", "receiptHandle": "r", "attributes": {}, "body": body}) == []
    assert world.transforms.ended == [("p-x", "Failed", "why")]


def test_uploads_large_results_in_parts_that_appear_at_once() -> None:
    world, rows = World(chunk_rows=1000), 45_000
    world.deliver(world.upload("inbox/a.npy", npy.write(bytes(784 * rows), (rows, 784))))
    assert len(world.result("predictions.jsonl")) > PART_BYTES
    assert world.result("predictions.jsonl").count(b"\n") == world.summary()["rows"] == rows
    assert world.s3.uploads == {}
