"""Batch Transform: a job reads every object under a prefix, asks a model server of its own about each, and writes the answers."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from emulator.sagemaker.errors import SageMakerError, invalid
from emulator.sagemaker.server import ModelServer
from emulator.sagemaker.transform_data import TransformFailed, assembled, max_bytes, output_key, requests, require_supported

log = logging.getLogger("inferstack.sagemaker")
IN_PROGRESS, COMPLETED, FAILED, STOPPING, STOPPED = "InProgress", "Completed", "Failed", "Stopping", "Stopped"
TRIES, PAUSE_S = 20, 0.25
DETAIL_TYPE = "SageMaker Transform Job State Change"
TIMES = {"CreationTime", "TransformStartTime", "TransformEndTime"}
Request = Mapping[str, Any]


class Transforms:
    """The transform jobs there are.

    Args:    start_server: (a name for its log, {"ModelName": …, "Environment": …}) → a server that answers.
             require_model: raises SageMakerError if there is no model of the name.
             s3: makes an S3 client.
             emit: puts an event of a service on the default bus: (source, detail type, detail).
             arn_of: a job's ARN by its name.
    """

    def __init__(
        self,
        start_server: Callable[[str, Mapping[str, Any]], ModelServer],
        require_model: Callable[[str], object],
        s3: Callable[[], Any],
        emit: Callable[[str, str, Mapping[str, Any]], None],
        arn_of: Callable[[str], str],
    ) -> None:
        self._start_server, self._require_model, self._s3, self._emit, self._arn_of = start_server, require_model, s3, emit, arn_of
        self._jobs: dict[str, dict[str, Any]] = {}
        self._servers: dict[str, ModelServer] = {}
        self._lock = threading.Lock()

    @property
    def operations(self) -> dict[str, Callable[[Request], dict[str, Any]]]:
        """Each operation by its name in the API."""
        return {
            "CreateTransformJob": self.create,
            "DescribeTransformJob": lambda request: self._described(request["TransformJobName"]),
            "StopTransformJob": self.stop,
            "ListTransformJobs": self.list,
        }

    def create(self, request: Request) -> dict[str, Any]:
        """CreateTransformJob: returns at once; the job runs on a thread of its own."""
        name = request["TransformJobName"]
        require_supported(request)
        self._require_model(request["ModelName"])
        now = time.time()
        made = {
            "TransformJobArn": self._arn_of(name),
            "TransformJobStatus": IN_PROGRESS,
            "CreationTime": now,
            "TransformStartTime": now,
        }
        with self._lock:
            if name in self._jobs:
                raise SageMakerError(400, "ResourceInUse", f"Job name must be unique within an AWS account and region: {name} is taken.")
            self._jobs[name] = job = {**request, **made}
        self._tell(job)
        threading.Thread(target=self._run, args=(name,), name=f"transform-{name}", daemon=True).start()
        return {"TransformJobArn": made["TransformJobArn"]}

    def stop(self, request: Request) -> dict[str, Any]:
        """StopTransformJob: what is asked already is answered; a job that has ended stays as it is."""
        name = request["TransformJobName"]
        if self._described(name)["TransformJobStatus"] == IN_PROGRESS:
            self._settle(name, STOPPING)
        return {}

    def list(self, request: Request) -> dict[str, Any]:
        """ListTransformJobs: newest first, by status or a part of the name."""
        with self._lock:
            jobs = [dict(job) for job in self._jobs.values()]
        found = [
            job
            for job in sorted(jobs, key=lambda job: -job["CreationTime"])
            if job["TransformJobStatus"] == request.get("StatusEquals", job["TransformJobStatus"])
            and request.get("NameContains", "") in job["TransformJobName"]
        ]
        names = ("TransformJobName", "TransformJobArn", "TransformJobStatus", "FailureReason", *sorted(TIMES - {"TransformStartTime"}))
        return {"TransformJobSummaries": [{name: job[name] for name in names if name in job} for job in found]}

    def close(self) -> None:
        """Stop every server."""
        for server in list(self._servers.values()):
            server.stop()

    def _described(self, name: str) -> dict[str, Any]:
        with self._lock:
            if name not in self._jobs:
                raise invalid(f'Could not find requested job with name "{name}".')
            return dict(self._jobs[name])

    def _run(self, name: str) -> None:
        try:
            self._transform(self._described(name))
            status, reason = COMPLETED, ""
        except Exception as error:  # noqa: BLE001 - whatever it is, the job must end, and say why
            status, reason = FAILED, str(error) or type(error).__name__
            log.warning("%s: %s", name, reason)
        self._settle(name, status, reason)

    def _settle(self, name: str, status: str, reason: str = "") -> None:
        """Give the job its next status, which cannot be one before the one it has, and tell of it."""
        with self._lock:
            job = self._jobs[name]
            if job["TransformJobStatus"] == STOPPING and status == COMPLETED:
                status = STOPPED
            if job["TransformJobStatus"] not in {IN_PROGRESS, STOPPING} or job["TransformJobStatus"] == status:
                return
            job["TransformJobStatus"] = status
            if status != STOPPING:
                job["TransformEndTime"] = time.time()
            if reason:
                job["FailureReason"] = reason
            told = dict(job)
        self._tell(told)

    def _transform(self, job: Mapping[str, Any]) -> None:
        """Transform every object there is; one that cannot be fails the job, but not the others, as in SageMaker."""
        name, s3, source, target = job["TransformJobName"], self._s3(), job["TransformInput"], job["TransformOutput"]
        bucket, prefix = _place(source["DataSource"]["S3DataSource"]["S3Uri"])
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [each["Key"] for page in pages for each in page.get("Contents", []) if not each["Key"].endswith("/")]
        if not keys:
            raise TransformFailed(f"ClientError: No S3 objects found under S3 URL s3://{bucket}/{prefix}")
        out_bucket, folder = _place(target["S3OutputPath"])
        headers = {"content-type": source.get("ContentType", "application/octet-stream"), "accept": target.get("Accept", "*/*")}
        by_line, single, limit = source.get("SplitType") == "Line", job.get("BatchStrategy") == "SingleRecord", max_bytes(job)

        def one(key: str) -> None:
            answers: list[bytes] = []
            for body in requests(s3.get_object(Bucket=bucket, Key=key)["Body"].read(), by_line=by_line, single=single, limit=limit):
                if self._described(name)["TransformJobStatus"] == STOPPING:
                    return
                answers.append(_ask(server, body, headers))
            content = assembled(answers, by_line=target.get("AssembleWith") == "Line")
            s3.put_object(Bucket=out_bucket, Key=output_key(key, prefix, folder), Body=content)

        server = self._servers[name] = self._start_server(name, {"ModelName": job["ModelName"], "Environment": _environment(job)})
        try:
            with ThreadPoolExecutor(max(1, int(job.get("MaxConcurrentTransforms", 1)))) as pool:
                done = [pool.submit(one, key) for key in keys]
            for each in done:
                each.result()
        finally:
            del self._servers[name]
            server.stop()

    def _tell(self, job: Mapping[str, Any]) -> None:
        """Put the event of the job's state: what DescribeTransformJob answers, with times in milliseconds."""
        self._emit(
            "aws.sagemaker",
            DETAIL_TYPE,
            {name: int(value * 1000) if name in TIMES else value for name, value in job.items() if name != "Tags"},
        )


def _ask(server: ModelServer, body: bytes, headers: Mapping[str, str]) -> bytes:
    """Return the answer to one request; a server that is busy is asked again."""
    status = 503
    for _ in range(TRIES):
        try:
            answer = server.invoke(body, headers)
            status = answer.status
        except SageMakerError as error:
            if error.status != 503:
                raise TransformFailed(f"AlgorithmError: {error}") from error
            status = 503
        if status < 400:
            return answer.data
        if status not in {429, 503}:
            break
        time.sleep(PAUSE_S)
    raise TransformFailed(f"{'ClientError' if status < 500 else 'AlgorithmError'}: See job logs for more information")


def _environment(job: Mapping[str, Any]) -> dict[str, str]:
    """Return what SageMaker adds to the container's environment for a transform, and the job's own."""
    payload = {"SAGEMAKER_MAX_PAYLOAD_IN_MB": str(job["MaxPayloadInMB"])} if "MaxPayloadInMB" in job else {}
    return {"SAGEMAKER_BATCH": "true", **payload, **job.get("Environment", {})}


def _place(url: str) -> tuple[str, str]:
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return bucket, key
