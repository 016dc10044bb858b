"""What must happen before CloudFormation can delete a stack: its buckets are emptied, its model's versions deleted, its jobs stopped."""

from collections.abc import Callable
from typing import Any

from cli.stage.aws import AwsFailed, Clients
from cli.stage.stacks import StageStack
from local.cdk import CdkFailed

TRIES = 3  # access logs and uploads on their way arrive in a bucket that was emptied just before
POLL_S = 5
STOP_LIMIT_S = 900  # a training job saves its checkpoint first
RUNNING = {"Executing", "Stopping"}

DeleteStack = Callable[[str], object]  # by its name


class StageRemoval:
    """Deletes stacks with everything in them.

    Args:    clients: the stage's, by service.
             delete_stack: runs `cdk destroy`.
             sleep: waits for seconds.
             report: called with what is about to be done.
    """

    def __init__(
        self, clients: Clients, delete_stack: DeleteStack, *, sleep: Callable[[float], object], report: Callable[[str], object]
    ) -> None:
        self._clients, self._delete_stack, self._sleep, self._report = clients, delete_stack, sleep, report

    def stop_transform_jobs(self, prefix: str) -> None:
        """Stop the running transform jobs whose names begin with the prefix and a hyphen: they bill until they end."""
        sagemaker = self._clients("sagemaker")
        pages = sagemaker.get_paginator("list_transform_jobs").paginate(NameContains=f"{prefix}-", StatusEquals="InProgress")
        for name in [job["TransformJobName"] for page in pages for job in page["TransformJobSummaries"]]:
            self._report(f"stop the transform job {name}")
            sagemaker.stop_transform_job(TransformJobName=name)

    def delete(self, stack: StageStack) -> None:
        """Delete a stack.

        Raises:  CdkFailed: CloudFormation could not delete it; the message says which resource and why.
                 AwsFailed: a pipeline's execution did not stop in time.
        """
        for left in reversed(range(TRIES)):
            self._prepare(stack)
            self._report(f"delete {stack.name}")
            try:
                self._delete_stack(stack.name)
            except CdkFailed:
                if not left:
                    raise
            else:
                return

    def _prepare(self, stack: StageStack) -> None:
        for pipeline in stack.list_deleted("AWS::SageMaker::Pipeline"):
            self._stop_executions(pipeline)
        for group in stack.list_deleted("AWS::SageMaker::ModelPackageGroup"):
            self._delete_versions(group)
        for bucket in stack.list_deleted("AWS::S3::Bucket"):
            self._empty(bucket)

    def _stop_executions(self, pipeline: str) -> None:
        """Stop a pipeline's executions, and wait for it: SageMaker deletes no pipeline before."""
        sagemaker, waited_s = self._clients("sagemaker"), 0
        while running := [each for each in _list_executions(sagemaker, pipeline) if each["PipelineExecutionStatus"] in RUNNING]:
            for execution in running:
                if execution["PipelineExecutionStatus"] == "Executing":
                    self._report(f"stop {execution['PipelineExecutionArn']}")
                    sagemaker.stop_pipeline_execution(PipelineExecutionArn=execution["PipelineExecutionArn"])
            if waited_s >= STOP_LIMIT_S:
                raise AwsFailed(f"the pipeline {pipeline} still runs after {waited_s} s", advice="look at its jobs, then destroy again")
            self._sleep(POLL_S)
            waited_s += POLL_S

    def _delete_versions(self, group: str) -> None:
        """Delete the versions of a model: SageMaker deletes no group that has any."""
        sagemaker = self._clients("sagemaker")
        pages = sagemaker.get_paginator("list_model_packages").paginate(ModelPackageGroupName=group)
        for arn in [each["ModelPackageArn"] for page in pages for each in page["ModelPackageSummaryList"]]:
            self._report(f"delete {arn}")
            sagemaker.delete_model_package(ModelPackageName=arn)

    def _empty(self, bucket: str) -> None:
        """Delete every version of every object: S3 deletes no bucket that has any."""
        s3 = self._clients("s3")
        self._report(f"empty {bucket}")
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            versions = [
                {"Key": each["Key"], "VersionId": each["VersionId"]} for each in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
            ]
            if versions and (errors := s3.delete_objects(Bucket=bucket, Delete={"Objects": versions, "Quiet": True}).get("Errors")):
                raise AwsFailed(f"{bucket}/{errors[0]['Key']} cannot be deleted: {errors[0]['Message']}")


def _list_executions(sagemaker: Any, pipeline: str) -> list[dict[str, Any]]:
    pages = sagemaker.get_paginator("list_pipeline_executions").paginate(PipelineName=pipeline)
    return [each for page in pages for each in page["PipelineExecutionSummaries"]]
