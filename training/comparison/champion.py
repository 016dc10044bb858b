"""The model that serves now, which a new one must not be worse than."""

from pathlib import Path
from typing import Any

from training.aws_client import create_client

MISSING = {"ValidationException", "ValidationError", "ResourceNotFound"}


def fetch_model(endpoint_name: str, path: Path) -> bool:
    """Write the model.tar.gz that the endpoint's first variant serves, and return whether there is such an endpoint.

    The endpoint says which, not the registry: an approved model may have been rolled back.
    """
    sagemaker = create_client("sagemaker")
    try:
        config = sagemaker.describe_endpoint(EndpointName=endpoint_name)["EndpointConfigName"]
    except sagemaker.exceptions.ClientError as error:
        if error.response["Error"]["Code"] in MISSING:
            return False
        raise
    variant = sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"][0]
    model = sagemaker.describe_model(ModelName=variant["ModelName"])
    archive = _find_archive(sagemaker, model.get("PrimaryContainer") or model["Containers"][0])
    bucket, _, key = archive.removeprefix("s3://").partition("/")
    create_client("s3").download_file(bucket, key, str(path))
    return True


def _find_archive(sagemaker: Any, container: dict[str, Any]) -> str:
    if package := container.get("ModelPackageName"):
        container = sagemaker.describe_model_package(ModelPackageName=package)["InferenceSpecification"]["Containers"][0]
    return str(container["ModelDataUrl"])
