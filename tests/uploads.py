"""The process_upload function as tests run it: the real one over moto's AWS, with an endpoint of ours."""

import json
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from functions.process_upload.events import Upload
from functions.shared.jobs import Job
from tests.fakes import FakeContext, FakeEndpoint
from tests.moto_aws import ACCOUNT, Bucket, create_client
from tests.upload_handler import CONFIG, UPLOADS, build_handler
from tests.upload_messages import make_message


@dataclass
class RecordingNotifier:
    """Keeps what is said of jobs; raises `failure` instead while it is set."""

    finished: list[dict[str, Any]] = field(default_factory=list)
    progress: list[tuple[int, int | None]] = field(default_factory=list)
    failure: Exception | None = None

    def notify_progress(self, job: Job, rows_done: int, rows_total: int | None) -> None:
        self.progress.append((rows_done, rows_total))

    def notify_finished(self, job: Job, summary: Any) -> None:
        if self.failure:
            raise self.failure
        self.finished.append({"id": job.id, **summary})


class SageMaker:
    """moto's client with rules of AWS that moto lacks: a transform job's name is taken once, and accounts have quotas.

    limit  SageMaker's message while a quota is reached
    """

    def __init__(self) -> None:
        self._client, self.limit = create_client("sagemaker"), ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def create_transform_job(self, **request: Any) -> Any:
        if self._client.list_transform_jobs(NameContains=request["TransformJobName"])["TransformJobSummaries"]:
            raise ClientError({"Error": {"Code": "ResourceInUse", "Message": "the name is in use"}}, "CreateTransformJob")
        if self.limit:
            raise ClientError({"Error": {"Code": "ResourceLimitExceeded", "Message": self.limit}}, "CreateTransformJob")
        return self._client.create_transform_job(**request)

    def deploy(self, **weights: float) -> None:
        """Create the endpoint, with a variant for each model and its weight."""
        role = f"arn:aws:iam::{ACCOUNT}:role/sagemaker"
        for name in weights:
            self._client.create_model(ModelName=name, ExecutionRoleArn=role, PrimaryContainer={"Image": "image"})
        variants = [
            {
                "VariantName": name,
                "ModelName": name,
                "InitialVariantWeight": weight,
                "InitialInstanceCount": 1,
                "InstanceType": "ml.m5.large",
            }
            for name, weight in weights.items()
        ]
        self._client.create_endpoint_config(EndpointConfigName="config", ProductionVariants=variants)
        self._client.create_endpoint(EndpointName=CONFIG.endpoint_names[0], EndpointConfigName="config")


class World:
    """The function, and everything around it."""

    def __init__(self, results: Bucket, **options: Any) -> None:
        self.results, self.notifier, self.endpoint, self.sqs = results, RecordingNotifier(), FakeEndpoint(), create_client("sqs")
        self.queue_url = self.sqs.create_queue(QueueName="uploads")["QueueUrl"]
        options = {"endpoint": self.endpoint, "sqs": self.sqs, "config": CONFIG._replace(upload_queue_url=self.queue_url)} | options
        self.handler = build_handler(results.client, self.notifier, **options)

    def deliver(self, *messages: dict[str, Any], remaining_ms: int = 120_000) -> list[str]:
        """Return the ids of the messages that are to be received again."""
        response = self.handler({"Records": list(messages)}, FakeContext(remaining_ms))
        return [item["itemIdentifier"] for item in response["batchItemFailures"]]

    def deliver_upload(self, key: str, content: bytes, metadata: dict[str, str] | None = None) -> Upload:
        upload = put_upload(key, content, metadata)
        assert self.deliver(make_message(upload)) == []
        return upload

    def read(self, suffix: str) -> bytes:
        (key,) = [key for key in self.results.list_keys() if key.endswith(suffix)]
        return self.results.read(key)

    def read_summary(self) -> dict[str, Any]:
        summary: dict[str, Any] = json.loads(self.read("summary.json"))
        return summary


def put_upload(key: str, content: bytes, metadata: dict[str, str] | None = None) -> Upload:
    """Upload an object, and return what its event says."""
    stored = create_client("s3").put_object(Bucket=UPLOADS, Key=key, Body=content, Metadata=metadata or {})
    return Upload(key, stored["VersionId"], stored["ETag"].strip('"'), len(content), "2026-11-21T08:00:00Z")


def run_transform(results: Bucket, job: Job) -> None:
    """Do what a transform job does: write the model's response to each object under input/ beside it, under output/."""
    for key in results.list_keys(f"transform/{job.id}/input/"):
        response = FakeEndpoint().invoke(results.read(key), content_type="", accept="", remaining_s=1)
        results.put(f"{key.replace('/input/', '/output/')}.out", response.body)


def find_job(upload: Upload) -> Job:
    """Return the job that an upload is for."""
    job = Job.of_upload(upload.key, upload.version)
    assert job is not None
    return job
