"""What is too large for the function's time: SageMaker Batch Transform predicts it, and its state-change event finishes the job.

The rows are read here, as always, and staged in the results bucket under transform/<job>/ in parts of one request each:
    input/00000.npy     the part's instances; Batch Transform writes output/00000.npy.out beside it
    rows/00000.json     the part's rows in order, each with what is known of it; a row that is no instance has its error here
    job.json            what the summary will say of the upload
so that every format can be transformed, a bad row costs that row, and predictions are put back to their rows by count.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from botocore.config import Config as ClientConfig
from botocore.exceptions import ClientError

from functions.process_upload.batch import LEAST_S, Line, error_line
from functions.process_upload.results import JSONL, Tally, Writer
from functions.process_upload.rows import Row, Rows
from functions.process_upload.service import Document, Service, Upload
from functions.shared.endpoint.response import parse_predictions
from functions.shared.jobs import PREDICTIONS, SUMMARY, Job
from functions.shared.json_lines import encode_line
from functions.shared.object_store import Store
from recipes import npy
from recipes.errors import TooLarge
from recipes.media_types import JSON, NPY
from recipes.recipe import Recipe

MAX_PAYLOAD_MB = 6
STATES = {"Completed", "Failed", "Stopped"}


class Transform:
    """Starts and finishes transform jobs.

    Args:    sagemaker: botocore's client.
             results: the bucket of results.
             recipe: what an instance is.
             endpoint_name: whose model is used: the variant with most of the traffic.
             instance_type: of the transform job.
             prefix: what the jobs' names begin with.
             chunk_bytes: of one request.
             in_flight: requests at once.
             clock: the one deadlines are on.
    """

    def __init__(
        self,
        sagemaker: Any,
        results: Store,
        recipe: Recipe,
        *,
        endpoint_name: str,
        instance_type: str,
        prefix: str,
        chunk_bytes: int,
        in_flight: int,
        clock: Any,
    ) -> None:
        self._sagemaker, self._results, self._recipe, self._clock = sagemaker, results, recipe, clock
        self._endpoint_name, self._instance_type, self._prefix = endpoint_name, instance_type, prefix
        self._chunk_rows, self._in_flight = max(1, chunk_bytes // recipe.instance_bytes), in_flight

    def start(self, job: Job, upload: Upload, rows: Rows, *, about: Document, deadline: float) -> None:
        """Stage the rows and start the transform job; a copy of the event finds it started.

        Raises:  TooLarge: even reading it takes longer than there is time.
                 InvalidInput: the upload turned out to be unreadable, or has no row that could be predicted.
        """
        base = f"transform/{job.id}"
        parts = predictable = 0
        while part := tuple(islice(rows.rows, self._chunk_rows)):
            if self._clock() + LEAST_S > deadline:
                raise TooLarge(f"the upload has {upload.size_bytes:,} bytes, more than can be read here in time", advice="Split it up.")
            predictable += self._stage(base, parts, part)
            parts += 1
        if not predictable:
            raise TooLarge("no row of this large upload could be predicted", advice="Try its first lines in an upload of their own.")
        known = {"job": {"owner": job.owner, "id": job.id, "name": job.name, "prefix": job.prefix}, "format": rows.format, "parts": parts}
        self._results.write_json(f"{base}/job.json", {**known, "about": about})
        self._create(job, base)

    def finish(self, name: str, state: str, reason: str, service: Service) -> Document:
        """Finish the job of a transform job that ended, and return facts for the log."""
        id_ = name.removeprefix(f"{self._prefix}-")
        known = self._results.read_json(f"transform/{id_}/job.json") if id_ != name else None
        if known is None or state not in STATES:
            return {"outcome": "ignored"}
        job = Job(**known["job"])
        if self._results.read_json(job.key(SUMMARY)) is not None:
            return {"job": job.id, "outcome": "done before", "told": False}
        if state != "Completed":
            error = {"code": "transform-failed", "title": "Batch Transform failed", "detail": reason[:500] or f"it is {state.lower()}"}
            body: Document = {"state": "failed", "error": {**error, "advice": "Upload it again; the operator can see why in its logs."}}
        else:
            metadata, tally = {"format": known["format"]}, Tally()
            writer = Writer(self._results, job.key(PREDICTIONS), JSONL, metadata)
            for line in self._lines(f"transform/{id_}", known["parts"]):
                tally.add(line)
                writer.write(encode_line(line))
            writer.close()  # that it is there already is as good: the same parts make the same lines
            body = {"state": "succeeded", **tally.summary(metadata)}
        return service.finish(job, known["about"], body)

    def _stage(self, base: str, number: int, rows: tuple[Row, ...]) -> int:
        """Write one part, and return how many of its rows are to be predicted."""
        instances = [row.instance for row in rows if row.instance is not None]
        lines = [error_line(row) if row.instance is None else {"row": row.number, **row.about} for row in rows]
        self._results.write_json(f"{base}/rows/{number:05}.json", {"rows": lines})
        if instances:
            body = npy.write(b"".join(instances), (len(instances), *self._recipe.instance_shape), self._recipe.dtype)
            self._results.client.put_object(Bucket=self._results.bucket, Key=f"{base}/input/{number:05}.npy", Body=body, ContentType=NPY)
        return len(instances)

    def _lines(self, base: str, parts: int) -> Iterator[Line]:
        for number in range(parts):
            rows = (self._results.read_json(f"{base}/rows/{number:05}.json") or {})["rows"]
            expected = sum("error" not in row for row in rows)
            answered: Iterator[Line] = iter(())
            if expected:
                key = f"{base}/output/{number:05}.npy.out"
                found, model = parse_predictions(
                    self._results.client.get_object(Bucket=self._results.bucket, Key=key)["Body"].read(), expected
                )
                answered = iter([{**each, "model": model.get("version")} for each in found])
            for row in rows:
                yield row if "error" in row else {**row, **next(answered)}

    def _create(self, job: Job, base: str) -> None:
        data = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{self._results.bucket}/{base}/input/"}}
        try:
            self._sagemaker.create_transform_job(
                TransformJobName=f"{self._prefix}-{job.id}",
                ModelName=self._model(),
                MaxConcurrentTransforms=self._in_flight,
                MaxPayloadInMB=MAX_PAYLOAD_MB,
                BatchStrategy="SingleRecord",
                TransformInput={"DataSource": data, "ContentType": NPY, "SplitType": "None", "CompressionType": "None"},
                TransformOutput={"S3OutputPath": f"s3://{self._results.bucket}/{base}/output/", "Accept": JSON, "AssembleWith": "None"},
                TransformResources={"InstanceType": self._instance_type, "InstanceCount": 1},
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "ResourceInUse":
                raise

    def _model(self) -> str:
        config = self._sagemaker.describe_endpoint(EndpointName=self._endpoint_name)["EndpointConfigName"]
        variants = self._sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
        return str(max(variants, key=lambda variant: variant.get("InitialVariantWeight", 1.0))["ModelName"])


def sagemaker_client(session: Any) -> Any:
    """Return a SageMaker client that gives up in time."""
    return session.create_client("sagemaker", config=ClientConfig(connect_timeout=2, read_timeout=20, retries={"total_max_attempts": 4}))
