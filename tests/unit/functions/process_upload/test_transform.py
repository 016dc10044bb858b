"""Large uploads: staged for Batch Transform, and put together when it ends."""

import json
from typing import Any

import pytest

from functions.process_upload.batch_transform.transform import NoTransformFree
from functions.process_upload.handler import find_pause
from functions.shared.endpoint.interface import EndpointResponse
from functions.shared.jobs import Job
from recipes import npy
from recipes.recipe import load
from tests.fakes import FakeClock, FakeEndpoint
from tests.moto_aws import Bucket
from tests.upload_handler import CONFIG, RESULTS
from tests.upload_messages import make_message, make_transform_message
from tests.uploads import SageMaker, World, find_job, put_upload, run_transform


def line(first: int) -> str:
    return ",".join(map(str, [first, *[0] * 783]))


ROWS = [line(1), line(2), "1,2", "x", line(8)]  # two parts of two rows, and one of one
MODEL = "1.0.0+00000000"


@pytest.fixture
def sagemaker(buckets: Any) -> SageMaker:
    sagemaker = SageMaker()
    sagemaker.deploy(old=1.0, new=3.0)
    return sagemaker


@pytest.fixture
def world(results: Bucket, sagemaker: SageMaker) -> World:
    return World(results, sagemaker=sagemaker, transform_over_bytes=1000, chunk_rows=2)


def start(world: World, metadata: dict[str, str] | None = None) -> Job:
    """Deliver a large upload, and return its job."""
    return find_job(world.deliver_upload("inbox/a.csv", "\n".join(ROWS).encode(), metadata))


def name_transform(job: Job) -> str:
    return f"{CONFIG.transform_prefix}-{job.id}"


def test_stages_the_rows_in_parts_of_one_shape(world: World) -> None:
    id_ = start(world).id
    staged = {key.removeprefix(f"transform/{id_}/"): world.results.read(key) for key in world.results.list_keys("transform/")}
    documents = {key: json.loads(body) for key, body in staged.items() if key.endswith(".json")}
    about = documents["job.json"].pop("about")
    assert [note["code"] for note in documents["job.json"].pop("notes")] == ["faint"]
    assert [row["error"].pop("advice")[:12] for row in documents["rows/00001.json"]["rows"]] == ["Write an ins", "Put a number"]
    assert documents == {
        "job.json": {
            "job": {"owner": "inbox", "id": id_, "name": "a.csv", "prefix": f"inbox/a.csv/{id_}/"},
            "format": "csv",
            "parts": 3,
        },
        "rows/00000.json": {"rows": [{"row": 1}, {"row": 2}]},
        "rows/00001.json": {
            "rows": [
                {"row": 3, "error": {"code": "wrong-shape", "detail": "line 3 has 2 values; expected 784"}},
                {"row": 4, "error": {"code": "not-a-number", "detail": "line 4, value 1 is 'x'; expected a whole number from 0 to 255"}},
            ]
        },
        "rows/00002.json": {"rows": [{"row": 5}]},
    }
    assert about["csv"] is False
    assert set(staged) - set(documents) == {"input/00000.npy", "input/00002.npy"}
    assert staged["input/00000.npy"] == npy.write(bytes([1, *bytes(783), 2, *bytes(783)]), (2, 28, 28))


def test_starts_a_job_of_the_model_with_most_of_the_traffic(world: World, sagemaker: SageMaker) -> None:
    job = start(world)
    response = sagemaker.describe_transform_job(TransformJobName=name_transform(job))
    assert (response["ModelName"], response["BatchStrategy"], response["TransformResources"]["InstanceType"]) == (
        "new",
        "SingleRecord",
        "ml.m5.large",
    )
    assert response["Environment"] == {"INFERSTACK_DEVICE": "cpu"}
    folder = f"s3://{RESULTS}/transform/{job.id}"
    assert response["TransformInput"]["DataSource"]["S3DataSource"] == {"S3DataType": "S3Prefix", "S3Uri": f"{folder}/input/"}
    assert response["TransformOutput"]["S3OutputPath"] == f"{folder}/output/"
    assert (world.endpoint.asked, world.notifier.finished) == ([], [])


@pytest.mark.parametrize("keys", [("", ""), ("arn:output", ""), ("arn:output", "arn:volume")])
def test_names_the_keys_of_what_is_written_and_of_volumes_only_where_there_are_some(
    results: Bucket, sagemaker: SageMaker, keys: tuple[str, str]
) -> None:
    output, volume = keys
    config = CONFIG._replace(transform_output_key=output, transform_volume_key=volume)
    job = start(World(results, sagemaker=sagemaker, transform_over_bytes=1000, config=config))
    response = sagemaker.describe_transform_job(TransformJobName=name_transform(job))
    found = response["TransformOutput"].get("KmsKeyId", ""), response["TransformResources"].get("VolumeKmsKeyId", "")
    assert found == keys


def test_gives_a_job_the_tags_of_the_deployment(results: Bucket, sagemaker: SageMaker) -> None:
    config = CONFIG._replace(transform_tags=("cost-center=ml", "env="))
    job = start(World(results, sagemaker=sagemaker, transform_over_bytes=1000, config=config))
    arn = sagemaker.describe_transform_job(TransformJobName=name_transform(job))["TransformJobArn"]
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "cost-center", "Value": "ml"}, {"Key": "env", "Value": ""}]


def test_starts_one_job_for_copies_of_an_event(world: World, sagemaker: SageMaker) -> None:
    message = make_message(put_upload("inbox/a.csv", "\n".join(ROWS).encode()))
    assert [world.deliver(message), world.deliver(message)] == [[], []]
    assert len(sagemaker.list_transform_jobs()["TransformJobSummaries"]) == 1


def test_hands_over_what_there_is_no_time_for(results: Bucket, sagemaker: SageMaker) -> None:
    clock = FakeClock()

    class Slow(FakeEndpoint):
        def invoke(self, body: bytes, **request: Any) -> Any:
            clock.sleep(115)
            return super().invoke(body, **request)

    world = World(results, sagemaker=sagemaker, endpoint=Slow(), clock=clock, chunk_rows=1, in_flight=1)
    start(world)
    assert not any(key.endswith("predictions.jsonl") for key in results.list_keys())
    assert len(sagemaker.list_transform_jobs()["TransformJobSummaries"]) == 1


def test_puts_predictions_back_to_their_rows(world: World) -> None:
    job = start(world, metadata={"csv": "true"})
    run_transform(world.results, job)
    assert world.deliver(make_transform_message(name_transform(job), "Completed")) == []
    lines = [json.loads(line) for line in world.read("predictions.jsonl").splitlines()]
    assert [(line["row"], line.get("label"), line.get("model")) for line in lines] == [
        (1, 1, MODEL),
        (2, 2, MODEL),
        (3, None, None),
        (4, None, None),
        (5, 8, MODEL),
    ]
    summary = world.read_summary()
    assert [summary[name] for name in ("state", "format", "rows", "failed")] == ["succeeded", "csv", 5, 2]
    assert world.read("predictions.csv").count(b"\r\n") == 6
    assert "csv" not in summary
    assert len(world.notifier.finished) == 1


def test_notifies_again_when_it_failed_to_notify(world: World) -> None:
    job = start(world)
    world.notifier.failure = OSError("no network")
    assert world.deliver(make_transform_message(name_transform(job), "Failed")) == ["m"]
    world.notifier.failure = None
    assert world.deliver(make_transform_message(name_transform(job), "Failed", receive_count=2)) == []
    assert [summary["state"] for summary in world.notifier.finished] == ["failed"]


def make_limit(limit: int, used: int) -> str:
    return (
        f"The account-level service limit 'ml.m5.large for transform job usage' is {limit} Instances, with current utilization of {used} "
        "Instances and a request delta of 1 Instances. Please use AWS Service Quotas to request an increase for this quota."
    )


def test_fails_the_job_when_the_account_may_run_no_transform_job_and_tells_the_operator_why(
    world: World, sagemaker: SageMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    sagemaker.limit = make_limit(0, 0)  # as in many new accounts: trying again would end in the dead-letter queue
    job = start(world)
    error = world.read_summary()["error"]
    assert (error["code"], error["detail"]) == ("transform-failed", "there is no machine for an upload of this size")
    assert "service limit" not in json.dumps(world.read_summary())
    assert [summary["id"] for summary in world.notifier.finished] == [job.id]
    assert find_cause(capsys) == make_limit(0, 0)


def find_cause(capsys: pytest.CaptureFixture[str]) -> str:
    """Return the cause that the log's last line names."""
    return str(json.loads(capsys.readouterr().out.splitlines()[-1])["cause"])


def test_waits_until_another_transform_job_ends_when_the_account_may_run_no_more_at_once(world: World, sagemaker: SageMaker) -> None:
    sagemaker.limit = make_limit(1, 1)
    message = make_message(put_upload("inbox/a.csv", "\n".join(ROWS).encode()))
    assert world.deliver(message) == ["m"]
    assert find_pause(1, 5, NoTransformFree("")) == 900  # such a job takes minutes, and there are five attempts
    sagemaker.limit = ""
    assert world.deliver(message) == []
    assert len(sagemaker.list_transform_jobs()["TransformJobSummaries"]) == 1


@pytest.mark.parametrize(("status", "detail"), [("Failed", "the transform job has failed"), ("Stopped", "the transform job was stopped")])
def test_fails_the_job_of_a_transform_job_that_failed_and_tells_the_operator_why(
    world: World, status: str, detail: str, capsys: pytest.CaptureFixture[str]
) -> None:
    reason = "ClientError: arn:aws:iam::123456789012:role/secret may not read s3://somewhere"
    assert world.deliver(make_transform_message(name_transform(start(world)), status, reason)) == []
    error = world.read_summary()["error"]
    assert (error["code"], error["title"], error["detail"]) == ("transform-failed", "Batch Transform failed", detail)
    assert "123456789012" not in json.dumps(world.read_summary())
    assert find_cause(capsys) == reason


@pytest.mark.parametrize(
    ("name", "status"), [("somebody-elses", "Completed"), ("inferstack-test-unknown", "Completed"), (None, "InProgress")]
)
def test_ignores_other_transform_jobs_and_other_states(world: World, name: str | None, status: str) -> None:
    job = start(world)
    assert world.deliver(make_transform_message(name or name_transform(job), status)) == []
    assert not any(key.endswith("summary.json") for key in world.results.list_keys())


def test_fails_an_upload_without_a_row_to_predict(world: World) -> None:
    world.deliver_upload("inbox/a.csv", b"1," * 600)
    error = world.read_summary()["error"]
    assert (error["code"], "none of the rows could be read; row 1: line 1" in error["detail"]) == ("not-a-number", True)


def test_stages_which_numbers_are_unlike_the_training_s(results: Bucket, sagemaker: SageMaker) -> None:
    class Known(FakeEndpoint):
        def invoke(self, body: bytes, **request: Any) -> Any:
            return EndpointResponse(json.dumps({"input": {"features": [{"name": "YearsExperience", "range": [1, 10]}]}}).encode(), "main")

    world = World(results, sagemaker=sagemaker, endpoint=Known(), recipe=load("salary"), transform_over_bytes=1, chunk_rows=9)
    job = find_job(world.deliver_upload("inbox/a.csv", b"2\nx\n99\n"))
    rows = json.loads(world.results.read(f"transform/{job.id}/rows/00000.json"))["rows"]
    assert [row.get("outside_range") for row in rows] == [None, None, ["YearsExperience"]]
