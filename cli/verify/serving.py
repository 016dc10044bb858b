"""Whether what answers is what the registry approves: package, stack, endpoint, and the model that the API names."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cli.api.answers import MANIFEST
from cli.models.versions import ModelVersions
from cli.stage.aws import translate_aws_errors
from cli.verify.check import Check, CheckSkipped, require
from cli.verify.deployment import Deployment
from functions.rollout.interface import SETTLED
from pipeline.runner.s3_url import split_s3_url
from recipes.models.archive import unpack
from recipes.models.model_files import MANIFEST_FILE

FIX = "see docs/rollouts.md"


def list_checks() -> list[Check]:
    """Return the checks."""
    return [
        Check("serving", "the newest approved version", check_approved, FIX),
        Check(
            "serving",
            "the endpoint's model answers",
            check_answering,
            "something else than this stack updates the endpoint: deploy it again",
        ),
    ]


def check_approved(deployment: Deployment) -> str:
    """Compare the registry with the endpoint's stack."""
    versions = ModelVersions(deployment.stage, deployment.clients, deployment.choice)
    stack, approved = versions.describe_stack(), versions.list_approved()
    if stack.is_updating:
        raise CheckSkipped(f"the endpoint's stack is {stack.status}: verify again when that has ended")
    require(stack.status in SETTLED, f"the endpoint's stack is {stack.status}")
    require(stack.is_served, "the endpoint has another configuration than its stack: SageMaker took the last update back")
    served = stack.package_arn.rpartition("/")[2]
    if not approved:
        require(not served, f"version {served} serves, but no version is approved")
        return "nothing is approved, and the model of the deployment serves"
    require(served, f"version {approved[0]} is approved, but the model of the deployment serves")
    require(served == str(approved[0]), f"version {approved[0]} is the newest approved, but version {served} serves")
    return f"version {served} is the newest approved, and serves"


def check_answering(deployment: Deployment) -> str:
    """Compare the archive of each of the endpoint's models with what the API says is running, by variant."""
    sagemaker = deployment.clients("sagemaker")
    with translate_aws_errors():
        endpoint = sagemaker.describe_endpoint(EndpointName=deployment.outputs["EndpointName"])
        require(
            endpoint["EndpointStatus"] == "InService", f"the endpoint is {endpoint['EndpointStatus']}: {endpoint.get('FailureReason', '')}"
        )
        config = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    package = ModelVersions(deployment.stage, deployment.clients, deployment.choice).describe_stack().package_arn
    found = []
    for variant in config["ProductionVariants"]:
        model = read_container(sagemaker, variant["ModelName"])
        if "ModelPackageName" in model:
            got = model["ModelPackageName"]
            require(got == package, f"the stack names {package or 'no package'}, but the endpoint serves {got}")
        expected = read_manifest(deployment, model["ModelDataUrl"])
        answering = deployment.api.call("GET", f"{deployment.model_path}?variant={variant['VariantName']}", MANIFEST)
        for field in ("version", "sha256"):
            got, want = answering.get(field), expected[field]
            require(got == want, f"{variant['VariantName']} answers with {field} {got}, but its archive has {want}")
        found.append(f"{variant['VariantName']} {answering['version']}")
    return ", ".join(found)


def read_container(sagemaker: Any, model: str) -> dict[str, Any]:
    """Return a model's container, with what its package says where it names one."""
    with translate_aws_errors():
        description = sagemaker.describe_model(ModelName=model)
        container: dict[str, Any] = description.get("PrimaryContainer") or description["Containers"][0]
        if "ModelPackageName" in container:
            package = sagemaker.describe_model_package(ModelPackageName=container["ModelPackageName"])
            container = {**package["InferenceSpecification"]["Containers"][0], **container}
    return container


def read_manifest(deployment: Deployment, url: str) -> dict[str, Any]:
    """Return the manifest of the archive at an s3:// URL."""
    bucket, key = split_s3_url(url)
    with TemporaryDirectory(dir=deployment.folder) as name:
        archive = Path(name) / "model.tar.gz"
        with translate_aws_errors():
            archive.write_bytes(deployment.clients("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
        manifest: dict[str, Any] = json.loads((unpack(archive, Path(name)) / MANIFEST_FILE).read_text())
    return manifest
