"""Clients of the running stack, and models for it."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from local.run_state import RunState

ROOT = Path(__file__).resolve().parents[2]
PRETRAINED = ROOT / "recipes/digits/pretrained"

ROLE = "arn:aws:iam::000000000000:role/test"  # what the tests' own models run as

Client = Callable[[str], Any]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the test of what all others called come after them."""
    items.sort(key=lambda item: item.path.name == "test_calls.py")


@pytest.fixture(scope="session")
def client(stack: RunState) -> Client:
    """Return plain boto3 clients of the stack, in which there is a role for models."""
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

    create_role(make, "test", "sagemaker.amazonaws.com", ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "cloudwatch:DescribeAlarms"])
    return make


def create_role(client: Client, name: str, service: str, actions: list[str], resource: str = "*") -> str:
    """Create a role that a service may assume, or give the one of that name other actions, and return its ARN."""
    iam = client("iam")
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}))
    allowed = {"Effect": "Allow", "Action": actions, "Resource": resource}
    iam.put_role_policy(RoleName=name, PolicyName="allowed", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}))
    return f"arn:aws:iam::000000000000:role/{name}"


def find_role(client: Client, part: str, id_: str) -> str:
    """Return the ARN of a deployed role, by its stack and the logical id without the hash."""
    deployed = client("cloudformation").describe_stack_resources(StackName=f"Inferstack-local-{part}")["StackResources"]
    (name,) = [each["PhysicalResourceId"] for each in deployed if each["LogicalResourceId"][:-8] == id_]
    return f"arn:aws:iam::000000000000:role/{name}"


def acting_as(stack: RunState, client: Client, role: str) -> Client:
    """Return clients with the keys of a session of the role, which the account's root may assume from now on."""
    import boto3

    iam, name = client("iam"), role.rpartition("/")[2]
    trust = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    root = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}}
    document = {**trust, "Statement": [*trust["Statement"], root]}
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(document))
    keys = client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    session = {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }
    return lambda service: boto3.client(service, **{**stack.client_options(), **session})


def create_queue_for_events(client: Client, name: str) -> tuple[str, str]:
    """Create a queue that rules may send to, and return its URL and its ARN."""
    sqs, arn = client("sqs"), f"arn:aws:sqs:us-east-1:000000000000:{name}"
    allowed = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    return sqs.create_queue(QueueName=name, Attributes={"Policy": policy})["QueueUrl"], arn


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
            ExecutionRoleArn=ROLE,
            PrimaryContainer={"Image": "inferstack/serving", "ModelDataUrl": archive_url},
        )
        instances = {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        production.append({"VariantName": variant, "ModelName": model, "InitialVariantWeight": weight, **instances})
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=production)
    return name
