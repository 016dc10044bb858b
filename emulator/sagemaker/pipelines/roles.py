"""The roles of a pipeline's execution: its own, which starts the jobs and registers the model, and one for each job."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulator.access import Actor, Assume, Check, pass_role
from emulator.sagemaker.operation import Operation, sagemaker_arn
from emulator.sagemaker.permissions.condition_keys import TAGGING_ACTION, read_condition_keys
from emulator.sagemaker.permissions.execution_role import FIND_DIGEST, list_image_checks, require_checkpoints, use_container
from emulator.sagemaker.permissions.operations import SERVICE, list_checks
from emulator.sagemaker.shapes import require_shape
from pipeline.runner.job_arguments import output_urls
from pipeline.runner.job_process import JobContext
from pipeline.runner.parse import Step
from pipeline.runner.s3_url import split_s3_url
from pipeline.runner.store import S3Store

ADDRESS = "AWS_ENDPOINT_URL"  # and no region: SageMaker promises none
TRACKING_TAG = "sagemaker:pipeline-execution-arn"


@dataclass(frozen=True, slots=True)
class PipelineRoles:
    """What the parts of one execution may do.

    Args:    actor: who acts as the pipeline's role.
             execution_arn: for the tag that SageMaker gives each job.
    """

    actor: Actor
    assume: Assume
    execution_arn: str

    def open_job(self, step: Step, name: str, arguments: dict[str, Any]) -> JobContext:
        """Create a job as the pipeline's role, and return what it runs with: the keys of the job's own role.

        Raises:  AccessDeniedError: one of the two roles lacks something, with AWS's words.
                 SageMakerError: the step's arguments, as they are now, are no request that SageMaker takes.
        """
        role, resource = arguments["RoleArn"], sagemaker_arn(f"{step.type.lower()}-job", f"pipelines-{name}")
        own = {f"aws:RequestTag/{tag['Key']}": tag["Value"] for tag in arguments.get("Tags", [])}
        tags = {f"aws:RequestTag/{TRACKING_TAG}": self.execution_arn, **own}
        operation = f"Create{step.type}Job"
        require_shape(operation, {f"{step.type}JobName": f"pipelines-{name}", **arguments})
        self.actor.require(Check(f"sagemaker:{operation}", resource, {**tags, **read_condition_keys(operation, arguments)}))
        self.actor.require(Check("sagemaker:AddTags", resource, {**tags, TAGGING_ACTION: operation}))
        self.actor.require(pass_role(role, SERVICE))
        self.actor.require(Check(f"sagemaker:Describe{step.type}Job", resource))
        for file in step.property_files.values():
            bucket, key = split_s3_url(output_urls(step.type, name, arguments)[file["OutputName"]])
            self.actor.require(Check("s3:GetObject", f"arn:aws:s3:::{bucket}/{key.rstrip('/')}/{file['FilePath']}"))
        job = self.assume(role, SERVICE)
        source = arguments["AlgorithmSpecification" if step.type == "Training" else "AppSpecification"]
        use_container(job, source.get("TrainingImage") or source.get("ImageUri", ""), f"{step.type}Jobs", name)
        if checkpoints := arguments.get("CheckpointConfig"):
            require_checkpoints(job, checkpoints["S3Uri"])
        address = {ADDRESS: os.environ[ADDRESS]} if ADDRESS in os.environ else {}
        return JobContext(S3Store(job.get_client("s3")), {**address, **job.credentials()})

    def require_stop(self, type_: str, name: str) -> None:
        """Raise AccessDeniedError unless the pipeline's role may stop a job."""
        self.actor.require(Check(f"sagemaker:Stop{type_}Job", sagemaker_arn(f"{type_.lower()}-job", f"pipelines-{name}")))

    def register(self, create_package: Operation, arguments: Mapping[str, Any]) -> str:
        """Register a model as the pipeline's role, and return the package's ARN.

        SageMaker creates the group too, and takes it as it is if it exists; and it looks the image's digest up.
        """
        group = {"ModelPackageGroupName": arguments["ModelPackageGroupName"]}
        tagged = {"Tags": [{"Key": TRACKING_TAG, "Value": self.execution_arn}]}
        for check in (*list_checks("CreateModelPackageGroup", group), *list_checks("CreateModelPackage", {**arguments, **tagged})):
            self.actor.require(check)
        for container in arguments.get("InferenceSpecification", {}).get("Containers", []):
            for check in list_image_checks(container.get("Image", ""), FIND_DIGEST):
                self.actor.require(check)
        arn = str(create_package(arguments)["ModelPackageArn"])
        self.actor.require(Check("sagemaker:DescribeModelPackage", arn))  # until it is Completed
        return arn
