"""Clients of the running stack, and models for it."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from local.run_state import RunState

ROOT = Path(__file__).resolve().parents[2]
PRETRAINED = ROOT / "recipes/digits/pretrained"

Client = Callable[[str], Any]


@pytest.fixture(scope="session")
def client(stack: RunState) -> Client:
    """Return plain boto3 clients of the stack."""
    import boto3
    from botocore.config import Config

    aws = stack.aws

    def make(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=aws["AWS_ENDPOINT_URL"],
            region_name=aws["AWS_REGION"],
            aws_access_key_id=aws["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=aws["AWS_SECRET_ACCESS_KEY"],
            config=Config(retries={"total_max_attempts": 1}, max_pool_connections=16),
        )

    return make


@pytest.fixture(scope="session")
def archive(stack: RunState, client: Client, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The shipped model in the dump bucket, as s3://…"""
    return upload(client, stack, pack(PRETRAINED, tmp_path_factory.mktemp("archive")), "good")


@pytest.fixture(scope="session")
def broken_archive(stack: RunState, client: Client, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A model whose digest is not its manifest's."""
    return upload(client, stack, pack(broken_model(tmp_path_factory.mktemp("broken")), tmp_path_factory.mktemp("archive")), "broken")


def broken_model(folder: Path) -> Path:
    """Return a model folder whose digest is not its manifest's."""
    shutil.copytree(PRETRAINED, folder, dirs_exist_ok=True)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "sha256": "0" * 64}))
    return folder


def pack(model_dir: Path, folder: Path) -> Path:
    """Return a model.tar.gz of the two files, whatever they hold."""
    import tarfile

    path = folder / "model.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name in ("model.onnx", "manifest.json"):
            tar.add(model_dir / name, name)
    return path


def upload(client: Client, stack: RunState, path: Path, name: str) -> str:
    """Put an archive under models/ and return its URL."""
    key = f"models/{name}/model.tar.gz"
    client("s3").upload_file(str(path), stack.dump_bucket, key)
    return f"s3://{stack.dump_bucket}/{key}"


@pytest.fixture
def endpoint(client: Client) -> Iterator[Callable[..., str]]:
    """Return a maker of endpoints, of (variant, archive, weight) triples; they are deleted afterwards."""
    sagemaker = client("sagemaker")
    made: list[str] = []

    def make(*variants: tuple[str, str, float]) -> str:
        name = f"test-{uuid4().hex[:8]}"
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config(client, *variants))
        made.append(name)
        return name

    yield make
    for name in made:
        sagemaker.delete_endpoint(EndpointName=name)


def config(client: Client, *variants: tuple[str, str, float]) -> str:
    """Return the name of a new endpoint configuration with new models."""
    sagemaker, name = client("sagemaker"), f"test-{uuid4().hex[:8]}"
    production = []
    for variant, archive_url, weight in variants:
        model = f"{name}-{variant}"
        sagemaker.create_model(
            ModelName=model,
            ExecutionRoleArn="arn:aws:iam::000000000000:role/test",
            PrimaryContainer={"Image": "inferstack/serving", "ModelDataUrl": archive_url},
        )
        instances = {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        production.append({"VariantName": variant, "ModelName": model, "InitialVariantWeight": weight, **instances})
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=production)
    return name
