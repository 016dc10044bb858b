"""SageMaker Batch Transform for what is too large for the function's time; the event of the transform job's end finishes the job."""

from collections.abc import Callable, Sequence
from typing import Any

from functions.process_upload.attempts import Attempts
from functions.process_upload.batch_transform.staging import Staging
from functions.process_upload.documents import Facts, JobDetails, StagedJob
from functions.process_upload.events import Attempt, TransformStateChange
from functions.process_upload.finisher import Finisher
from functions.process_upload.lines import Failure
from functions.process_upload.results.predictions import Metadata, open_writer
from functions.shared.aws.retries import read_code
from functions.shared.jobs import SUMMARY
from functions.shared.object_store import Store
from functions.shared.reading.rows import Rows
from recipes.errors import EndpointBusy
from recipes.media_types import JSON, NPY

MAX_PAYLOAD_MB = 6
ENVIRONMENT = {"INFERSTACK_DEVICE": "cpu"}  # the image of a GPU endpoint would look for the GPU, which the instances do not have
NO_QUOTA = " is 0 "  # in SageMaker's message: "The account-level service limit '…' is 0 Instances, with current utilization of …"
LONGEST_REASON = 500
IN_THE_LOG = "The operator can see why in the log."
END_STATES = {"Completed", "Failed", "Stopped"}


class NoTransformFree(EndpointBusy):
    """The account runs as many transform jobs as it may: minutes pass until one ends."""


class NoTransformQuota(Exception):
    """The account may run no transform job at all: nothing that is tried again changes that."""


class BatchTransform:
    """Starts and finishes transform jobs.

    Args:    connect: creates botocore's client of SageMaker, whose model is the largest of all: few uploads need it.
             results: the bucket of results.
             staging: where rows wait.
             finisher: what ends jobs.
             attempts: says which are not tried again.
             endpoint_name: the endpoint whose model is used: its variant with most of the traffic.
             instance_type: of the transform job.
             prefix: what the transform jobs' names begin with.
             in_flight: requests at once.
             output_key, volume_key: ARNs of keys that encrypt what the jobs write and their volumes; empty for AWS's own.
             tags: of the jobs, each as key=value.
    """

    def __init__(
        self,
        connect: Callable[[], Any],
        results: Store,
        staging: Staging,
        finisher: Finisher,
        attempts: Attempts,
        *,
        endpoint_name: str,
        instance_type: str,
        prefix: str,
        in_flight: int,
        output_key: str = "",
        volume_key: str = "",
        tags: Sequence[str] = (),
    ) -> None:
        self._connect, self._results, self._staging, self._finisher, self._attempts = connect, results, staging, finisher, attempts
        self._endpoint_name, self._instance_type, self._prefix, self._in_flight = endpoint_name, instance_type, prefix, in_flight
        self._output_key = {"KmsKeyId": output_key} if output_key else {}
        self._volume_key = {"VolumeKmsKeyId": volume_key} if volume_key else {}
        self._tags = {"Tags": [{"Key": key, "Value": value} for key, _, value in (tag.partition("=") for tag in tags)]} if tags else {}

    def start(self, details: JobDetails, rows: Rows, *, deadline: float) -> Facts:
        """Stage the rows and start the transform job, unless a copy of the event did; return facts for the log.

        An account that may run none fails the job.

        Raises:  TooLarge: there is not enough time to read the upload.
                 InvalidInput: the upload turned out to be unreadable, or none of its rows can be read.
                 NoTransformFree: the account runs as many as it may.
        """
        self._staging.write(details, rows, deadline=deadline)
        try:
            self._create(details.job.id)
        except NoTransformQuota as error:
            failure = _describe_failure("there is no machine for an upload of this size", f"Split the upload up. {IN_THE_LOG}")
            return {**self._finisher.fail(details, failure), **_describe_cause(str(error))}
        return {"job": details.job.id, "outcome": "handed to Batch Transform"}

    def finish(self, change: TransformStateChange, attempt: Attempt) -> Facts:
        """Finish the job of a transform job that ended, and return facts for the log.

        Raises:  GaveUp: the job is ended without predictions, because its attempts are used up.
        """
        staged = self.find_staged(change)
        if staged is None:
            return {"outcome": "ignored"}
        job = staged.details.job
        keys = {each.key for each in self._results.list(job.prefix)}
        if job.key(SUMMARY) in keys:
            return self._finisher.finish_again(job)
        return self._attempts.run(
            job,
            attempt,
            keys,
            work=lambda: self._finish_staged(staged, change),
            end=lambda reason: self._finisher.fail(staged.details, reason),
        )

    def find_staged(self, change: TransformStateChange) -> StagedJob | None:
        """Return the job of a transform job that ended; None if it has not ended, or is none of ours."""
        id_ = change.name.removeprefix(f"{self._prefix}-")
        return self._staging.read(id_) if id_ != change.name and change.status in END_STATES else None

    def _finish_staged(self, staged: StagedJob, change: TransformStateChange) -> Facts:
        if change.status == "Completed":
            self._write_predictions(staged)
            return self._finisher.finish_from_predictions(staged.details)
        detail = "the transform job has failed" if change.status == "Failed" else "the transform job was stopped"
        facts = self._finisher.fail(staged.details, _describe_failure(detail, f"Upload it again. {IN_THE_LOG}"))
        return {**facts, **_describe_cause(change.failure_reason)}

    def _write_predictions(self, staged: StagedJob) -> None:
        writer = open_writer(
            self._results, staged.details.job, Metadata(staged.format, csv=staged.details.csv, keys=staged.details.keys, notes=staged.notes)
        )
        for line in self._staging.read_lines(staged):
            writer.write(line.encode())
        writer.close()  # False is as good: the same parts make the same lines

    def _create(self, id_: str) -> None:
        data = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": self._staging.input_url(id_)}}
        sagemaker = self._connect()
        try:
            sagemaker.create_transform_job(
                TransformJobName=f"{self._prefix}-{id_}",
                ModelName=self._find_model(sagemaker),
                MaxConcurrentTransforms=self._in_flight,
                MaxPayloadInMB=MAX_PAYLOAD_MB,
                BatchStrategy="SingleRecord",
                TransformInput={"DataSource": data, "ContentType": NPY, "SplitType": "None", "CompressionType": "None"},
                TransformOutput={"S3OutputPath": self._staging.output_url(id_), "Accept": JSON, "AssembleWith": "None", **self._output_key},
                Environment=ENVIRONMENT,
                TransformResources={"InstanceType": self._instance_type, "InstanceCount": 1, **self._volume_key},
                **self._tags,
            )
        except Exception as error:
            code = read_code(error)
            if code == "ResourceInUse":
                return
            if code == "ResourceLimitExceeded":
                message = str(error.response["Error"].get("Message", ""))  # type: ignore[attr-defined]  # it has a code
                raise (NoTransformQuota(message) if NO_QUOTA in message else NoTransformFree(message)) from error
            raise

    def _find_model(self, sagemaker: Any) -> str:
        config = sagemaker.describe_endpoint(EndpointName=self._endpoint_name)["EndpointConfigName"]
        variants = sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
        return str(max(variants, key=lambda variant: variant.get("InitialVariantWeight", 1.0))["ModelName"])


def _describe_failure(detail: str, advice: str) -> Failure:
    return Failure("transform-failed", "Batch Transform failed", detail, advice)


def _describe_cause(reason: str) -> Facts:
    """Return SageMaker's reason, for the operator: it names accounts, roles and buckets, which are no caller's business."""
    return {"cause": reason[:LONGEST_REASON]} if reason else {}


def create_sagemaker_client() -> Any:
    """Return a SageMaker client that gives up in time."""
    import botocore.session  # noqa: PLC0415 - few uploads need it, and it takes longer to import than all else of the function
    from botocore.config import Config as ClientConfig  # noqa: PLC0415

    config = ClientConfig(connect_timeout=2, read_timeout=20, retries={"total_max_attempts": 4})
    return botocore.session.get_session().create_client("sagemaker", config=config)
