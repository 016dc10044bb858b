"""Batch Transform: a job reads every object under a prefix, asks a model server of its own about each, and writes the answers."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from local.sagemaker.errors import SageMakerError, invalid
from local.sagemaker.server import ModelServer

log = logging.getLogger("inferstack.sagemaker")
IN_PROGRESS, COMPLETED, FAILED, STOPPING, STOPPED = "InProgress", "Completed", "Failed", "Stopping", "Stopped"
TRIES, PAUSE_S = 20, 0.25
DETAIL_TYPE = "SageMaker Transform Job State Change"
Request = Mapping[str, Any]


class TransformFailed(Exception):
    """The job cannot go on; its words are the job's FailureReason."""


class Transforms:
    """The transform jobs there are.

    Args:    start_server: (a name for its log, {"ModelName": …}) → a server that answers.
             s3: makes an S3 client.
             emit: puts an event of a service on the default bus: (source, detail type, detail).
             arn_of: a job's ARN by its name.
    """

    def __init__(
        self,
        start_server: Callable[[str, Mapping[str, Any]], ModelServer],
        s3: Callable[[], Any],
        emit: Callable[[str, str, Mapping[str, Any]], None],
        arn_of: Callable[[str], str],
    ) -> None:
        self._start_server, self._s3, self._emit, self._arn_of = start_server, s3, emit, arn_of
        self._jobs: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    @property
    def operations(self) -> dict[str, Callable[[Request], dict[str, Any]]]:
        """Each operation by its name in the API."""
        return {
            "CreateTransformJob": self.create,
            "DescribeTransformJob": lambda request: self._job(request["TransformJobName"]),
            "StopTransformJob": self.stop,
            "ListTransformJobs": lambda _: {
                "TransformJobSummaries": [
                    {name: job[name] for name in ("TransformJobName", "TransformJobArn", "TransformJobStatus", "CreationTime")}
                    for job in self._jobs.values()
                ]
            },
        }

    def create(self, request: Request) -> dict[str, Any]:
        """CreateTransformJob: returns at once; the job runs on a thread of its own."""
        name, source = request["TransformJobName"], request["TransformInput"]
        if source.get("SplitType", "None") != "None" or request["TransformOutput"].get("AssembleWith", "None") != "None":
            raise invalid("The local Batch Transform takes SplitType None and AssembleWith None: an object is a request.")
        if source["DataSource"]["S3DataSource"]["S3DataType"] != "S3Prefix":
            raise invalid("The local Batch Transform takes S3DataType S3Prefix.")
        with self._lock:
            if name in self._jobs:
                raise SageMakerError(400, "ResourceInUse", f"Job name must be unique: {name} exists already.")
            now = time.time()
            made = {
                "TransformJobArn": self._arn_of(name),
                "TransformJobStatus": IN_PROGRESS,
                "CreationTime": now,
                "TransformStartTime": now,
            }
            self._jobs[name] = {**request, **made}
        threading.Thread(target=self._run, args=(name,), name=f"transform-{name}", daemon=True).start()
        return {"TransformJobArn": made["TransformJobArn"]}

    def stop(self, request: Request) -> dict[str, Any]:
        """StopTransformJob."""
        job = self._job(request["TransformJobName"])
        if job["TransformJobStatus"] == IN_PROGRESS:
            job["TransformJobStatus"] = STOPPING
        return {}

    def _job(self, name: str) -> dict[str, Any]:
        if name not in self._jobs:
            raise invalid(f'Could not find requested job with name "{name}".')
        return self._jobs[name]

    def _run(self, name: str) -> None:
        job = self._jobs[name]
        self._tell(job)
        try:
            self._transform(job)
            status, reason = (STOPPED if job["TransformJobStatus"] == STOPPING else COMPLETED), ""
        except Exception as error:  # noqa: BLE001 - whatever it is, the job must end, and say why
            status, reason = FAILED, str(error) or type(error).__name__
            log.warning("%s: %s", name, reason)
        job |= {"TransformJobStatus": status, "TransformEndTime": time.time(), **({"FailureReason": reason} if reason else {})}
        self._tell(job)

    def _transform(self, job: dict[str, Any]) -> None:
        s3, source, target = self._s3(), job["TransformInput"], job["TransformOutput"]
        bucket, prefix = _place(source["DataSource"]["S3DataSource"]["S3Uri"])
        out_bucket, out_prefix = _place(target["S3OutputPath"])
        limit = int(job.get("MaxPayloadInMB", 6)) << 20
        keys = [
            (found["Key"], found["Size"])
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            for found in page.get("Contents", [])
        ]
        if not keys:
            raise TransformFailed(f"ClientError: No S3 objects found under S3 URL s3://{bucket}/{prefix}")
        if too_large := [key for key, size in keys if size > limit]:
            raise TransformFailed(f"ClientError: {too_large[0]} is larger than MaxPayloadInMB")
        headers = {"content-type": source.get("ContentType", "application/octet-stream"), "accept": target.get("Accept", "*/*")}
        server = self._start_server(job["TransformJobName"], {"ModelName": job["ModelName"]})
        folder = out_prefix if not out_prefix or out_prefix.endswith("/") else f"{out_prefix}/"

        def one(key: str) -> None:
            if job["TransformJobStatus"] == STOPPING:
                return
            answer = _ask(server, s3.get_object(Bucket=bucket, Key=key)["Body"].read(), headers)
            s3.put_object(Bucket=out_bucket, Key=f"{folder}{key.removeprefix(prefix).lstrip('/')}.out", Body=answer)

        try:
            with ThreadPoolExecutor(max(1, int(job.get("MaxConcurrentTransforms", 1)))) as pool:
                list(pool.map(lambda each: one(each[0]), keys))
        finally:
            server.stop()

    def _tell(self, job: Mapping[str, Any]) -> None:
        names = (
            "TransformJobName",
            "TransformJobArn",
            "TransformJobStatus",
            "FailureReason",
            "ModelName",
            "CreationTime",
            "TransformEndTime",
        )
        self._emit("aws.sagemaker", DETAIL_TYPE, {name: job[name] for name in names if name in job})


def _ask(server: ModelServer, body: bytes, headers: Mapping[str, str]) -> bytes:
    for _ in range(TRIES):
        answer = server.invoke(body, headers)
        if answer.status < 400:
            return answer.data
        if answer.status not in {429, 503}:
            break
        time.sleep(PAUSE_S)
    raise TransformFailed("ClientError: See job logs for more information" if answer.status < 500 else "InternalServerError")


def _place(url: str) -> tuple[str, str]:
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return bucket, key
