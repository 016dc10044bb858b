"""Batch Transform: a job reads every object under a prefix, sends it to a model server of its own, and writes the responses."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from emulator.access import Assume
from emulator.sagemaker.conditions import ReadConditions
from emulator.sagemaker.errors import SageMakerError, validation_exception
from emulator.sagemaker.models.server import ModelServer
from emulator.sagemaker.operation import Operation, PutEvent, Request, Response, sagemaker_arn
from emulator.sagemaker.permissions.operations import SERVICE
from emulator.sagemaker.quotas import count_transform_usage, require_quotas
from emulator.sagemaker.transform.data import TransformFailed, assemble, output_key, read_limit, require_supported, split_requests
from pipeline.runner.s3_url import split_s3_url

log = logging.getLogger("inferstack.sagemaker")
IN_PROGRESS, COMPLETED, FAILED, STOPPING, STOPPED = "InProgress", "Completed", "Failed", "Stopping", "Stopped"
MAX_TRIES, PAUSE_S = 20, 0.25
DETAIL_TYPE = "SageMaker Transform Job State Change"
TIMES = {"CreationTime", "TransformStartTime", "TransformEndTime"}


class TransformJobs:
    """The transform jobs.

    Args:    start_server: (a name for its log, {"ModelName": …, "Environment": …}) → a server that is ready.
             find_model: returns the model of a name, or raises SageMakerError.
             assume: lets SageMaker act as the model's role, which reads the input and writes the output.
             read_conditions: returns the account's quotas.
    """

    def __init__(
        self,
        start_server: Callable[[str, Mapping[str, Any]], ModelServer],
        find_model: Callable[[str], Mapping[str, Any]],
        assume: Assume,
        put_event: PutEvent,
        read_conditions: ReadConditions,
    ) -> None:
        self._start_server, self._find_model, self._assume, self._put_event = start_server, find_model, assume, put_event
        self._read_conditions = read_conditions
        self._jobs: dict[str, dict[str, Any]] = {}
        self._servers: dict[str, ModelServer] = {}
        self._lock = threading.Lock()

    @property
    def operations(self) -> dict[str, Operation]:
        """Each operation by its name in the API."""
        return {
            "CreateTransformJob": self.create,
            "DescribeTransformJob": lambda request: self._describe(request["TransformJobName"]),
            "StopTransformJob": self.stop,
            "ListTransformJobs": self.list,
        }

    def create(self, request: Request) -> Response:
        """CreateTransformJob: returns at once; the job runs on a thread of its own."""
        name = request["TransformJobName"]
        require_supported(request)
        self._find_model(request["ModelName"])
        now = time.time()
        state = {
            "TransformJobArn": sagemaker_arn("transform-job", name),
            "TransformJobStatus": IN_PROGRESS,
            "CreationTime": now,
            "TransformStartTime": now,
        }
        with self._lock:
            if name in self._jobs:
                raise SageMakerError(400, "ResourceInUse", f"Job name must be unique within an AWS account and region: {name} is taken.")
            running = [each for each in self._jobs.values() if each["TransformJobStatus"] in {IN_PROGRESS, STOPPING}]
            require_quotas(self._read_conditions().quotas, count_transform_usage(running), count_transform_usage([request]))
            self._jobs[name] = job = {**request, **state}
        self._announce(job)
        threading.Thread(target=self._run, args=(name,), name=f"transform-{name}", daemon=True).start()
        return {"TransformJobArn": state["TransformJobArn"]}

    def stop(self, request: Request) -> Response:
        """StopTransformJob: requests in flight are finished; a job that has ended stays as it is."""
        name = request["TransformJobName"]
        if self._describe(name)["TransformJobStatus"] == IN_PROGRESS:
            self._settle(name, STOPPING)
        return {}

    def list(self, request: Request) -> Response:
        """ListTransformJobs: newest first, by status or a part of the name."""
        with self._lock:
            jobs = [dict(job) for job in self._jobs.values()]
        selected = [
            job
            for job in sorted(jobs, key=lambda job: -job["CreationTime"])
            if job["TransformJobStatus"] == request.get("StatusEquals", job["TransformJobStatus"])
            and request.get("NameContains", "") in job["TransformJobName"]
        ]
        names = ("TransformJobName", "TransformJobArn", "TransformJobStatus", "FailureReason", *sorted(TIMES - {"TransformStartTime"}))
        return {"TransformJobSummaries": [{name: job[name] for name in names if name in job} for job in selected]}

    def close(self) -> None:
        """Stop every server."""
        for server in list(self._servers.values()):
            server.stop()

    def _describe(self, name: str) -> dict[str, Any]:
        with self._lock:
            if name not in self._jobs:
                raise validation_exception(f'Could not find requested job with name "{name}".')
            return dict(self._jobs[name])

    def _run(self, name: str) -> None:
        try:
            self._transform(self._describe(name))
            status, reason = COMPLETED, ""
        except Exception as error:  # noqa: BLE001 - whatever the reason, the job must end with it
            status, reason = FAILED, str(error) or type(error).__name__
            log.warning("%s: %s", name, reason)
        self._settle(name, status, reason)

    def _settle(self, name: str, status: str, reason: str = "") -> None:
        """Give the job its next status, unless it has a later one already, and put the event of it."""
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
            snapshot = dict(job)
        self._announce(snapshot)

    def _transform(self, job: Mapping[str, Any]) -> None:
        """Transform every object; one that fails makes the job fail, but the others are written, as in SageMaker."""
        name, source, target = job["TransformJobName"], job["TransformInput"], job["TransformOutput"]
        s3 = self._assume(self._find_model(job["ModelName"])["ExecutionRoleArn"], SERVICE).get_client("s3")
        bucket, prefix = split_s3_url(source["DataSource"]["S3DataSource"]["S3Uri"])
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [each["Key"] for page in pages for each in page.get("Contents", []) if not each["Key"].endswith("/")]
        if not keys:
            raise TransformFailed(f"ClientError: No S3 objects found under S3 URL s3://{bucket}/{prefix}")
        out_bucket, folder = split_s3_url(target["S3OutputPath"])
        headers = {"content-type": source.get("ContentType", "application/octet-stream"), "accept": target.get("Accept", "*/*")}
        by_line, single, limit = source.get("SplitType") == "Line", job.get("BatchStrategy") == "SingleRecord", read_limit(job)

        def transform(key: str) -> None:
            responses: list[bytes] = []
            for body in split_requests(s3.get_object(Bucket=bucket, Key=key)["Body"].read(), by_line=by_line, single=single, limit=limit):
                if self._describe(name)["TransformJobStatus"] == STOPPING:
                    return
                responses.append(_invoke(server, body, headers))
            content = assemble(responses, by_line=target.get("AssembleWith") == "Line")
            s3.put_object(Bucket=out_bucket, Key=output_key(key, prefix, folder), Body=content)

        server = self._servers[name] = self._start_server(name, {"ModelName": job["ModelName"], "Environment": _environment(job)})
        try:
            with ThreadPoolExecutor(max(1, int(job.get("MaxConcurrentTransforms", 1)))) as pool:
                futures = [pool.submit(transform, key) for key in keys]
            for future in futures:
                future.result()
        finally:
            del self._servers[name]
            server.stop()

    def _announce(self, job: Mapping[str, Any]) -> None:
        """Put the event of the job's state: DescribeTransformJob's response, with times in milliseconds."""
        self._put_event(
            "aws.sagemaker",
            DETAIL_TYPE,
            {name: int(value * 1000) if name in TIMES else value for name, value in job.items() if name != "Tags"},
        )


def _invoke(server: ModelServer, body: bytes, headers: Mapping[str, str]) -> bytes:
    """Return the response to one request, which is repeated while the server is busy."""
    status = 503
    for _ in range(MAX_TRIES):
        try:
            response = server.invoke(body, headers)
            status = response.status
        except SageMakerError as error:
            if error.status != 503:
                raise TransformFailed(f"AlgorithmError: {error}") from error
            status = 503
        if status < 400:
            return response.data
        if status not in {429, 503}:
            break
        time.sleep(PAUSE_S)
    raise TransformFailed(f"{'ClientError' if status < 500 else 'AlgorithmError'}: See job logs for more information")


def _environment(job: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables that SageMaker sets in a transform's container, and the job's own."""
    payload = {"SAGEMAKER_MAX_PAYLOAD_IN_MB": str(job["MaxPayloadInMB"])} if "MaxPayloadInMB" in job else {}
    return {"SAGEMAKER_BATCH": "true", **payload, **job.get("Environment", {})}
