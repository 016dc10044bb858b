"""Whether a new version rolls out, and back: with a copy of the model that serves, which is removed again."""

from collections.abc import Iterator
from contextlib import contextmanager

from cli.models.rollout_wait import LONGEST_WAIT_S, POLL_S, wait_until_served
from cli.models.versions import ModelVersion, ModelVersions
from cli.stage.aws import translate_aws_errors
from cli.verify.check import Check, CheckFailed, CheckSkipped, require
from cli.verify.deployment import Deployment
from cli.verify.predictions import check_sample
from cli.verify.samples import build_samples
from cli.verify.serving import read_container
from functions.rollout.interface import SETTLED
from recipes.media_types import CSV, JSON, NPY

WHY = "inferstack verify"


def list_checks() -> list[Check]:
    """Return the checks."""
    return [Check("rollout", "a new version rolls out and back", check_rollout, "see docs/rollouts.md")]


def check_rollout(deployment: Deployment) -> str:
    """Register a copy of the model that serves, approve it, wait until it serves, and go back to what served before."""
    versions = ModelVersions(deployment.stage, deployment.clients, deployment.choice)
    before = versions.describe_stack()
    if before.status not in SETTLED:
        raise CheckSkipped(f"the endpoint's stack is {before.status}: verify again when it has settled")
    begin_s = deployment.clock()
    with _register_copy(deployment, versions) as version:
        versions.set_approval(version, "Approved", WHY)
        wait_until_served(versions, version.number, sleep=deployment.sleep, clock=deployment.clock)
        out_s = deployment.clock() - begin_s
        check_sample(deployment, sample=build_samples(deployment.recipe)[0])
        versions.set_approval(version, "Rejected", WHY)
        _wait_until_back(deployment, versions, before.package_arn)
        check_sample(deployment, sample=build_samples(deployment.recipe)[0])
    back_s = deployment.clock() - begin_s - out_s
    return f"version {version.number} served after {out_s:.0f} s, and the one before again after {back_s:.0f} s"


@contextmanager
def _register_copy(deployment: Deployment, versions: ModelVersions) -> Iterator[ModelVersion]:
    """Register the model that serves as a new version. At the end it is not approved, and removed unless it still serves."""
    sagemaker = deployment.clients("sagemaker")
    with translate_aws_errors():
        config = sagemaker.describe_endpoint(EndpointName=deployment.outputs["EndpointName"])["EndpointConfigName"]
        variant = sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"][0]
        container = read_container(sagemaker, variant["ModelName"])
        copied = {name: container[name] for name in ("Image", "ModelDataUrl", "Environment") if container.get(name)}
        arn = sagemaker.create_model_package(
            ModelPackageGroupName=deployment.outputs["ModelPackageGroupName"],
            ModelPackageDescription=f"{WHY}: a copy of the model that serves",
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification={
                "Containers": [copied],
                "SupportedContentTypes": [NPY, JSON, CSV],
                "SupportedResponseMIMETypes": [JSON, CSV, NPY],
            },
        )["ModelPackageArn"]
    version = versions.describe(int(arn.rpartition("/")[2]))
    try:
        yield version
    finally:
        if versions.describe(version.number).status == "Approved":
            versions.set_approval(version, "Rejected", f"{WHY} did not end well")
        if versions.describe_stack().package_arn != arn:
            with translate_aws_errors():
                sagemaker.delete_model_package(ModelPackageName=arn)


def _wait_until_back(deployment: Deployment, versions: ModelVersions, package_arn: str) -> None:
    def has_settled() -> bool:
        stack = versions.describe_stack()
        require(stack.is_updating or stack.status in SETTLED, f"the endpoint's stack is {stack.status}")
        return not stack.is_updating and stack.is_served and stack.package_arn == package_arn

    if not deployment.wait_until(has_settled, LONGEST_WAIT_S, POLL_S):
        raise CheckFailed(f"{package_arn or 'the model of the deployment'} does not serve again")
