"""A stage that is destroyed, deployed again and changed: every resource before and after, and what stays where data is retained."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import boto3
import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.services import Services
from deployment.stages import PARTS, stack_name
from local import cdk
from local.run_state import RunState
from tests.conftest import bring_up, state_in
from tests.local.conftest import PRETRAINED, acting_as, create_role, pack
from tests.local.test_operator_rights import list_rights

STACKS = [stack_name("local", part) for part in reversed(PARTS)]
# What each service lists: its client, the operation, the field of the list, and the field that tells one from another.
LISTS = [
    ("cloudformation", "describe_stacks", "Stacks", "StackName"),
    ("s3", "list_buckets", "Buckets", "Name"),
    ("ecr", "describe_repositories", "repositories", "repositoryName"),
    ("sqs", "list_queues", "QueueUrls", None),
    ("sns", "list_topics", "Topics", "TopicArn"),
    ("secretsmanager", "list_secrets", "SecretList", "Name"),
    ("lambda", "list_functions", "Functions", "FunctionName"),
    ("lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
    ("iam", "list_roles", "Roles", "RoleName"),
    ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    ("events", "list_rules", "Rules", "Name"),
    ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    ("apigatewayv2", "get_apis", "Items", "ApiId"),
    ("appsync", "list_apis", "apis", "apiId"),
    ("sagemaker", "list_endpoints", "Endpoints", "EndpointName"),
    ("sagemaker", "list_endpoint_configs", "EndpointConfigs", "EndpointConfigName"),
    ("sagemaker", "list_models", "Models", "ModelName"),
    ("sagemaker", "list_model_package_groups", "ModelPackageGroupSummaryList", "ModelPackageGroupName"),
    ("sagemaker", "list_pipelines", "PipelineSummaries", "PipelineName"),
]


@pytest.fixture(scope="module")
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("destroy")


@pytest.fixture(scope="module")
def deployed(state_dir: Path) -> Iterator[RunState]:
    with bring_up(state_dir) as state, state_in(state_dir):
        yield state


@pytest.fixture(scope="module")
def client(deployed: RunState) -> Callable[[str], Any]:
    return lambda service: boto3.client(service, **deployed.client_options())


def list_all(client: Callable[[str], Any]) -> dict[str, list[str]]:
    """Return every resource in the account, by the operation that lists it, but those of the CDK toolkit, which all its apps share."""
    found = {}
    for service, operation, items, key in LISTS:
        names = [each if key is None else each[key] for each in getattr(client(service), operation)().get(items, [])]
        ours = sorted(name for name in names if "cdk-hnb659fds" not in name and name != "CDKToolkit")
        found |= {f"{service} {operation}": ours} if ours else {}
    found |= {"cloudfront list_distributions": ids} if (ids := list_distributions(client)) else {}
    return found


def list_distributions(client: Callable[[str], Any]) -> list[str]:
    found = client("cloudfront").list_distributions()["DistributionList"]
    return [each["Id"] for each in found.get("Items", [])]


def destroy(deployed: RunState, client: Callable[[str], Any]) -> dict[str, Any]:
    """Destroy the stage as a role that may do what the documentation lists for it; the toolkit's role deletes the stacks."""
    role, iam = create_role(client, "operator", "sagemaker.amazonaws.com", sorted(list_rights("destroy"))), client("iam")
    services = Services(connect_aws=lambda stage, region="": acting_as(deployed, client, role))
    done = CliRunner().invoke(app, ["destroy", "--stage", "local", "--yes", "--json"], obj=services)
    iam.delete_role_policy(RoleName="operator", PolicyName="allowed")
    iam.delete_role(RoleName="operator")
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


def deploy(deployed: RunState, state_dir: Path, name: str = "cdk.out") -> Mapping[str, str]:
    """Deploy the assembly of the folder, and return the stacks' outputs."""
    return cdk.deploy(
        state_dir / name,
        state_dir / "again.json",
        cdk.build_environment(deployed.port, state_dir / "cdk-home", secret_key=deployed.aws["AWS_SECRET_ACCESS_KEY"]),
    )


def put_data(client: Callable[[str], Any], outputs: Mapping[str, str]) -> str:
    """Put an object twice into each bucket with data, register a version of the model, and return its ARN."""
    for bucket in ("DumpBucketName", "UploadsBucketName", "ResultsBucketName"):
        for body in (b"1", b"2"):
            client("s3").put_object(Bucket=outputs[bucket], Key="models/a", Body=body)
    return str(client("sagemaker").create_model_package(ModelPackageGroupName=outputs["ModelPackageGroupName"])["ModelPackageArn"])


def approve_model(client: Callable[[str], Any], outputs: Mapping[str, str], archive: Path) -> str:
    """Register an archive as a version, approve it, wait until it serves, and return its ARN."""
    client("s3").upload_file(str(archive), outputs["DumpBucketName"], "models/approved/model.tar.gz")
    url = f"s3://{outputs['DumpBucketName']}/models/approved/model.tar.gz"
    arn = client("sagemaker").create_model_package(
        ModelPackageGroupName=outputs["ModelPackageGroupName"],
        ModelApprovalStatus="Approved",
        InferenceSpecification={
            "Containers": [{"Image": "inferstack/serving", "ModelDataUrl": url}],
            "SupportedContentTypes": ["application/x-npy"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
    )["ModelPackageArn"]
    wait_until_serves(client, arn)
    return str(arn)


def wait_until_serves(client: Callable[[str], Any], arn: str) -> None:
    """Wait until the endpoint's stack has settled with this version."""
    deadline = time.monotonic() + 60
    while True:
        (stack,) = client("cloudformation").describe_stacks(StackName=stack_name("local", "Inference"))["Stacks"]
        parameters = {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}
        if (stack["StackStatus"], parameters["ModelPackageArn"]) == ("UPDATE_COMPLETE", arn):
            return
        assert time.monotonic() < deadline, f"the stack is {stack['StackStatus']} with {parameters}"
        time.sleep(0.2)


def read_outputs(path: Path) -> dict[str, str]:
    return {name: value for stack in json.loads(path.read_text()).values() for name, value in stack.items()}


@pytest.mark.timeout(300)
def test_leaves_nothing_and_lets_the_stage_be_deployed_again(deployed: RunState, state_dir: Path, client: Callable[[str], Any]) -> None:
    before = list_all(client)
    assert {f"{service} {operation}" for service, operation, *_ in LISTS} - set(before) == set()
    put_data(client, read_outputs(state_dir / "outputs.json"))
    assert destroy(deployed, client) == {"deleted": STACKS, "retained": []}
    assert list_all(client) == {}
    cdk.synth(state_dir / "retained", {"retain_data": "true"})  # the same resources; the next test begins with this deployment
    again = deploy(deployed, state_dir, "retained")
    assert {key: len(value) for key, value in list_all(client).items()} == {key: len(value) for key, value in before.items()}
    assert client("sagemaker").describe_endpoint(EndpointName=again["EndpointName"])["EndpointStatus"] == "InService"


@pytest.mark.timeout(300)
def test_finds_retained_data_again_and_serves_what_is_approved(
    deployed: RunState, state_dir: Path, client: Callable[[str], Any], tmp_path: Path
) -> None:
    before = read_outputs(state_dir / "again.json")
    version = put_data(client, before)
    approved = approve_model(client, before, pack(PRETRAINED, tmp_path))
    shown = destroy(deployed, client)
    assert shown["deleted"] == STACKS[:-1]
    retained = {each["id"] for each in shown["retained"]}
    assert {before["DumpBucketName"], before["ResultsBucketName"], before["UploadsBucketName"]} < retained
    assert {stack["StackName"] for stack in client("cloudformation").describe_stacks()["Stacks"]} == {"CDKToolkit", STACKS[-1]}
    assert client("sagemaker").list_endpoints()["Endpoints"] == []
    after = deploy(deployed, state_dir, "retained")
    for output in ("DumpBucketName", "ResultsBucketName", "ModelPackageGroupName"):
        assert after[output] == before[output]
    assert client("s3").get_object(Bucket=after["DumpBucketName"], Key="models/a")["Body"].read() == b"2"
    assert client("sagemaker").describe_model_package(ModelPackageName=version)["ModelPackageGroupName"] == after["ModelPackageGroupName"]
    wait_until_serves(client, approved)


@dataclass(frozen=True)
class Change:
    """A deployment with other settings: the endpoint and the functions' keys before it, and its outputs."""

    endpoint: str
    keys: dict[str, str]
    outputs: Mapping[str, str]


@pytest.fixture(scope="module")
def change(deployed: RunState, state_dir: Path, client: Callable[[str], Any]) -> Change:
    (endpoint,) = client("sagemaker").list_endpoints()["Endpoints"]
    keys = read_keys(client)
    cdk.synth(state_dir / "changed", {"retain_data": "true", "endpoint_kind": "cpu", "id_key": "2"})
    return Change(endpoint["EndpointName"], keys, deploy(deployed, state_dir, "changed"))


def read_keys(client: Callable[[str], Any]) -> dict[str, str]:
    """Return what the functions have as keys for ids of predictions."""
    functions = client("lambda").list_functions()["Functions"]
    variables = [each.get("Environment", {}).get("Variables", {}) for each in functions]
    return {name: value for each in variables for name, value in each.items() if name in {"ID_KEY", "ID_KEYS"}}


@pytest.mark.timeout(300)
def test_replaces_the_endpoint_when_its_kind_changes(change: Change, client: Callable[[str], Any]) -> None:
    """SageMaker could not update it; the functions call the new one, and the old one is gone."""
    (after,) = client("sagemaker").list_endpoints()["Endpoints"]
    assert change.endpoint != after["EndpointName"] == change.outputs["EndpointName"]
    assert after["EndpointStatus"] == "InService"
    with urlopen(f"{change.outputs['ApiUrl']}/health", timeout=30) as response:
        assert response.status == 200


def test_signs_ids_with_the_next_key_and_takes_those_of_the_last_one(change: Change, client: Callable[[str], Any]) -> None:
    after = read_keys(client)
    assert change.keys["ID_KEY"] == change.keys["ID_KEYS"]
    assert after["ID_KEY"] != change.keys["ID_KEY"]
    assert after["ID_KEYS"] == f"{after['ID_KEY']},{change.keys['ID_KEY']}"
    assert [len(key) for key in after["ID_KEYS"].split(",")] == [43, 43]
