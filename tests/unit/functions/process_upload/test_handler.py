"""Messages of the queue in, jobs finished out: the real function over moto's AWS and an endpoint of ours."""

import json
from threading import Event
from typing import Any

import pytest

from functions.process_upload.handler import find_pause, name_job
from recipes import npy
from recipes.errors import EndpointBusy, InvalidInput
from tests.digits import any_digit, encoded, on_page
from tests.fakes import FakeContext, FakeEndpoint
from tests.moto_aws import Bucket, create_client
from tests.upload_handler import UPLOADS, build_handler
from tests.upload_messages import make_event, make_message, wrap_body
from tests.uploads import RecordingNotifier, World, find_job, put_upload

THREE = npy.write(bytes([7]) + bytes(783) + bytes([1]) + bytes(783) + bytes([7]) + bytes(783), (3, 28, 28))


@pytest.fixture
def world(results: Bucket) -> World:
    return World(results)


def test_answers_every_row_in_order(world: World) -> None:
    world.deliver_upload("inbox/a.npy", THREE)
    lines = [json.loads(line) for line in world.read("predictions.jsonl").splitlines()]
    model = "1.0.0+00000000"
    assert [(line["row"], line["label"], line["model"]) for line in lines] == [(1, 7, model), (2, 1, model), (3, 7, model)]
    summary = world.read_summary()
    counts = [summary[name] for name in ("state", "format", "rows", "failed", "labels", "models")]
    assert counts == ["succeeded", "npy", 3, 0, {"1": 1, "7": 2}, {model: 3}]
    assert [summary["state"] for summary in world.notifier.finished] == ["succeeded"]


def test_fetches_an_upload_while_it_looks_its_job_up(results: Bucket) -> None:
    asked = Event()

    class Watched:
        """moto's client, whose listing of the job waits until the upload is asked for."""

        def __getattr__(self, name: str) -> Any:
            return getattr(results.client, name)

        def get_object(self, **request: Any) -> Any:
            if request["Bucket"] == UPLOADS:
                asked.set()
            return results.client.get_object(**request)

        def list_objects_v2(self, **request: Any) -> Any:
            assert asked.wait(5)
            return results.client.list_objects_v2(**request)

    upload, notifier = put_upload("inbox/a.npy", THREE), RecordingNotifier()
    handler = build_handler(Watched(), notifier, sqs=create_client("sqs"))
    assert handler({"Records": [make_message(upload)]}, FakeContext(60_000)) == {"batchItemFailures": []}
    assert [summary["rows"] for summary in notifier.finished] == [3]


def test_writes_a_summary_of_one_shape(world: World) -> None:
    upload = world.deliver_upload("inbox/a.npy", THREE)
    summary = world.read_summary()
    assert [note["code"] for note in summary.pop("notes")] == ["faint"]
    assert summary == {
        "schema": 1,
        "id": world.notifier.finished[0]["id"],
        "owner": "inbox",
        "name": "a.npy",
        "created_at": upload.uploaded_at,
        "uploaded_at": upload.uploaded_at,
        "started_at": "2027-01-15T08:00:00.000Z",
        "source": {"key": upload.key, "version": upload.version, "size_bytes": len(THREE)},
        "state": "succeeded",
        "format": "npy",
        "rows": 3,
        "succeeded": 3,
        "failed": 0,
        "labels": {"1": 1, "7": 2},
        "verdicts": {"certain": 3},
        "models": {"1.0.0+00000000": 3},
        "failures": [],
        "reasons": [],
        "finished_at": "2027-01-15T08:00:00.000Z",
        "processing_s": 0.0,
    }
    assert json.loads(world.read("started.json")) == {"name": "a.npy", "started_at": "2027-01-15T08:00:00.000Z"}


@pytest.mark.parametrize("key", ["inbox/a b+c ü/日本.csv", "inbox/100% sure?.csv", "inbox/a&b=c;d.csv", "inbox/'\"<>.csv"])
def test_answers_whatever_the_key_is_under_the_same_key(world: World, key: str) -> None:
    world.deliver_upload(key, ",".join(["3", *["0"] * 783]).encode())
    assert world.results.list_keys()[0].startswith(f"{key}/")
    assert world.read_summary()["name"] == key.removeprefix("inbox/")


def test_answers_a_picture_in_its_summary(world: World) -> None:
    world.deliver_upload("inbox/photo.png", encoded(on_page(any_digit())))
    summary = world.read_summary()
    assert summary["format"] == "image"
    assert len(summary["predictions"]) == 1
    assert set(summary["image"]) == {"width", "height"}


def test_takes_name_and_table_from_the_record_of_the_api(world: World) -> None:
    prefix = f"jobs/me/{'0' * 26}/"
    world.results.put(f"{prefix}job.json", json.dumps({"name": "mine.npy", "created_at": "2026-11-21T07:00:00Z", "csv": True}).encode())
    world.deliver_upload(f"uploads/me/{'0' * 26}/mine.npy", THREE)
    summary = world.read_summary()
    assert [summary[name] for name in ("owner", "name", "created_at")] == ["me", "mine.npy", "2026-11-21T07:00:00Z"]
    assert f"{prefix}predictions.csv" in world.results.list_keys()


def test_writes_a_table_without_formulas_if_asked(world: World) -> None:
    lines = b"\n".join(json.dumps({"id": id_, "instance": [5] + [0] * 783}).encode() for id_ in ("=1+1", " @x", "+1", "fine", "\t=2"))
    world.deliver_upload("inbox/a.jsonl", lines, {"csv": "true"})
    rows = world.read("predictions.csv").decode().split("\r\n")
    assert rows[0] == "row,name,id,label,probability,trust,verdict,model,box,line,after,before,digits_found,marks_found,expected,error"
    assert [row.split(",")[2] for row in rows[1:6]] == ["'=1+1", "' @x", "'+1", "fine", "'\t'=2"]
    assert rows[4].startswith("4,,fine,5,0.91,0.9,certain,")
    assert world.read_summary()["verdicts"] == {"certain": 5}


@pytest.mark.parametrize("copies", [2, 5])
def test_predicts_copies_of_an_event_once(world: World, copies: int) -> None:
    message = make_message(put_upload("inbox/a.npy", THREE))
    for _ in range(copies):
        assert world.deliver(message) == []
    assert set(world.results.count_writes().values()) == {1}
    assert len(world.endpoint.asked) == 1
    assert len(world.notifier.finished) == copies  # whether the first was heard, nobody knows


def test_gives_each_version_of_a_key_a_job_of_its_own(world: World) -> None:
    first, second = put_upload("inbox/a.npy", THREE), put_upload("inbox/a.npy", npy.write(bytes(784), (1, 784)))
    assert world.deliver(make_message(second), make_message(first)) == []
    assert sorted(summary["rows"] for summary in world.notifier.finished) == [1, 3]
    assert len({summary["id"] for summary in world.notifier.finished}) == 2


def test_notifies_again_when_it_failed_to_notify(world: World) -> None:
    world.notifier.failure = OSError("no network")
    upload = put_upload("inbox/a.npy", THREE)
    assert world.deliver(make_message(upload)) == ["m"]
    world.notifier.failure = None
    assert world.deliver(make_message(upload)) == []  # a redrive begins to count anew
    assert (len(world.notifier.finished), len(world.endpoint.asked)) == (1, 1)


def test_writes_the_summary_from_predictions_that_are_there(world: World) -> None:
    upload = world.deliver_upload("inbox/a.npy", THREE)
    before = world.read_summary()
    (key,) = [key for key in world.results.list_keys() if key.endswith("summary.json")]
    world.results.delete(key)
    assert world.deliver(make_message(upload)) == []
    assert world.read_summary() == before
    assert len(world.endpoint.asked) == 1


def test_receives_again_what_the_endpoint_could_not_answer_and_finishes_the_others(world: World) -> None:
    bad, good = make_message(put_upload("inbox/a.npy", THREE), "bad"), make_message(put_upload("inbox/text.bin", b"\0\1\2"), "good")
    world.endpoint.failure = EndpointBusy("busy")
    assert world.deliver(bad, good) == ["bad"]
    assert world.read_summary()["error"]["code"] == "unsupported-type"


@pytest.mark.parametrize("failure", [EndpointBusy("busy"), OSError("no network")])
def test_logs_an_attempt_that_failed_with_the_id_that_an_operator_has(
    world: World, failure: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    """A message's id stands in no answer: the lines that say why a job is not done could not be found by the job's."""
    upload = put_upload("inbox/a.npy", THREE)
    world.endpoint.failure = failure
    assert world.deliver(make_message(upload)) == ["m"]
    (line,) = [line for line in map(json.loads, capsys.readouterr().out.splitlines()) if "received" in line]
    assert (line["job"], line["message"], line["received"]) == (find_job(upload).id, "m", 1)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"detail": {"TransformJobName": "inferstack-dev-0abc"}}, {"job": "0abc"}),
        ({"Records": [{"s3": {"object": {"key": "inbox/.DS_Store"}}}]}, {}),
        ({"Records": [{"s3": {"object": {"key": "inbox/\ud800"}}}]}, {}),
        ({"Records": 5}, {}),
        (None, {}),
    ],
)
def test_names_the_job_of_whatever_message(body: Any, named: dict[str, str]) -> None:
    assert name_job(body) == named


@pytest.mark.parametrize(("receive_count", "pause_s"), [(1, 15), (3, 60), (50, 900)])
def test_waits_longer_each_time_up_to_a_limit(receive_count: int, pause_s: int) -> None:
    assert find_pause(receive_count, 100, EndpointBusy("")) == pause_s


def test_fails_an_upload_that_is_gone_with_the_reason(world: World) -> None:
    upload = put_upload("inbox/a.npy", THREE)
    world.results.client.delete_object(Bucket=UPLOADS, Key=upload.key, VersionId=upload.version)
    assert world.deliver(make_message(upload)) == []
    assert (world.read_summary()["state"], world.read_summary()["error"]["code"]) == ("failed", "not-readable")


def test_costs_a_row_the_model_refuses_only_that_row(results: Bucket) -> None:
    class Refusing(FakeEndpoint):
        def invoke(self, body: bytes, **request: Any) -> Any:
            if body[npy.read_header(body).offset :: 784].count(1):
                raise InvalidInput("the model does not take a 1")
            return super().invoke(body, **request)

    world = World(results, endpoint=Refusing())
    world.deliver_upload("inbox/a.npy", THREE)
    summary = world.read_summary()
    assert (summary["rows"], summary["failed"], summary["failures"][0]["row"]) == (3, 1, 2)


@pytest.mark.parametrize("body", ["{", "[]", '{"Records": 5}', '{"a": 1}', ""])
def test_keeps_messages_it_does_not_know_for_the_dead_letter_queue(world: World, body: str) -> None:
    assert world.deliver(wrap_body(body)) == ["m"]


def test_keeps_events_of_other_buckets_for_the_dead_letter_queue(world: World) -> None:
    upload = put_upload("inbox/a.npy", THREE)
    assert world.deliver(make_message(upload, bucket="other-bucket")) == ["m"]
    assert world.deliver(make_event(upload, bucket="other-bucket")) == ["m"]


@pytest.mark.parametrize(("key", "owner"), [(f"uploads/me/{'0' * 26}/a b.npy", "me"), ("inbox/a b.npy", "inbox")])
def test_sends_an_event_of_s3_again_as_a_message_of_its_owner(world: World, key: str, owner: str) -> None:
    upload = put_upload(key, THREE)
    assert world.deliver(make_event(upload)) == []
    assert world.results.list_keys() == []
    (received,) = world.sqs.receive_message(QueueUrl=world.queue_url, MessageSystemAttributeNames=["MessageGroupId"])["Messages"]
    assert received["Attributes"] == {"MessageGroupId": owner}
    assert world.deliver(wrap_body(received["Body"])) == []
    assert (world.read_summary()["rows"], world.read_summary()["source"]["key"]) == (3, key)
    world.sqs.delete_message(QueueUrl=world.queue_url, ReceiptHandle=received["ReceiptHandle"])
    attributes = world.sqs.get_queue_attributes(QueueUrl=world.queue_url, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessages"] == "0"  # it is sent again once, and not in a circle


def test_keeps_an_event_that_it_could_not_send_again(world: World) -> None:
    world.sqs.delete_queue(QueueUrl=world.queue_url)
    assert world.deliver(make_event(put_upload("inbox/a.npy", THREE))) == ["m"]


@pytest.mark.parametrize("name", [".DS_Store", "out/_SUCCESS", "out_$folder$", "a/Thumbs.db", "~$table.xlsx", "a.csv.part", "folder/"])
def test_makes_no_job_of_litter_in_the_inbox(world: World, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    upload = put_upload(f"inbox/{name}", b"")
    assert world.deliver(make_event(upload), make_message(upload)) == []
    assert (world.results.list_keys(), world.notifier.finished) == ([], [])
    assert capsys.readouterr().out.count('"outcome": "ignored"') == 2


def test_makes_a_job_of_a_file_that_somebody_uploads_by_the_api_whatever_its_name(world: World) -> None:
    world.deliver_upload(f"uploads/me/{'0' * 26}/digits.tmp", THREE)
    assert world.read_summary()["rows"] == 3


def test_takes_the_test_event_and_what_is_no_upload(world: World) -> None:
    test_event = wrap_body(json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent"}))
    assert world.deliver(test_event, make_event(put_upload("inbox/folder/", b"")), make_event(put_upload("uploads/x", b"1"))) == []
    assert world.results.list_keys() == []


@pytest.mark.parametrize("is_cut_off", [False, True])
def test_says_how_an_upload_was_read_whatever_ended_the_first_attempt(world: World, is_cut_off: bool) -> None:
    """An attempt that ended before the summary leaves the notes with the predictions."""
    rows = "\n".join(",".join(map(str, [0.5, *[1] * 100, *[0] * 683])) for _ in range(2)).encode()
    upload = world.deliver_upload("inbox/a.csv", rows)
    if is_cut_off:
        (key,) = [key for key in world.results.list_keys() if key.endswith("summary.json")]
        world.results.delete(key)
        world.deliver(make_message(upload))
    (note,) = world.read_summary()["notes"]
    assert note["code"] == "scaled"
    assert "multiplied by 255" in note["detail"]
