"""A release on the emulator: an approved package through a stack's parameter, its canary, and every way back."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.local.conftest import ROLE, Client
from tests.local.test_sagemaker import Load, invoke

LIMIT_S = 120
BAKE_S = 2


def template(name: str, archive: str, *, latency_us: float = 60e6, more: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a stack of a group and a guarded endpoint, which serves the archive until it is given a package."""
    shipped = {"Image": "inferstack/serving", "ModelDataUrl": archive}
    packaged = {"ModelPackageName": {"Ref": "ModelPackageArn"}}
    variant = {"VariantName": "main", "InitialVariantWeight": 1, "InstanceType": "ml.m5.large", "InitialInstanceCount": 2}
    canary = {"Type": "CANARY", "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 1}, "WaitIntervalInSeconds": BAKE_S}
    dimensions = {"EndpointName": name, "VariantName": "main"}
    return {
        "Parameters": {
            "ModelPackageArn": {"Type": "String", "Default": ""},
            "Stage": {"Type": "String", "Default": "none"},
            "Token": {"Type": "String", "NoEcho": True, "Default": "none"},
        },
        "Conditions": {"HasModelPackage": {"Fn::Not": [{"Fn::Equals": [{"Ref": "ModelPackageArn"}, ""]}]}},
        "Resources": {
            "Group": {"Type": "AWS::SageMaker::ModelPackageGroup", "Properties": {"ModelPackageGroupName": name}},
            "Model": {
                "Type": "AWS::SageMaker::Model",
                "Properties": {"ExecutionRoleArn": ROLE, "PrimaryContainer": {"Fn::If": ["HasModelPackage", packaged, shipped]}},
            },
            "Config": {
                "Type": "AWS::SageMaker::EndpointConfig",
                "Properties": {"ProductionVariants": [{**variant, "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]}}]},
            },
            "Slow": {
                "Type": "AWS::CloudWatch::Alarm",
                "Properties": {
                    "Namespace": "AWS/SageMaker",
                    "MetricName": "ModelLatency",
                    "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
                    "ExtendedStatistic": "p99",
                    "Period": 60,
                    "EvaluationPeriods": 3,
                    "DatapointsToAlarm": 2,
                    "Threshold": latency_us,
                    "ComparisonOperator": "GreaterThanThreshold",
                    "TreatMissingData": "notBreaching",
                },
            },
            "Endpoint": {
                "Type": "AWS::SageMaker::Endpoint",
                "Properties": {
                    "EndpointName": name,
                    "EndpointConfigName": {"Fn::GetAtt": ["Config", "EndpointConfigName"]},
                    "DeploymentConfig": {
                        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": canary, "TerminationWaitInSeconds": 1},
                        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": {"Ref": "Slow"}}]},
                    },
                },
            },
            **(more or {}),
        },
        "Outputs": {"ConfigName": {"Value": {"Fn::GetAtt": ["Config", "EndpointConfigName"]}}, "GroupArn": {"Value": {"Ref": "Group"}}},
    }


@pytest.fixture
def deployed(client: Client, archive: str) -> Iterator[Callable[..., str]]:
    """Return a maker of such stacks; they are deleted afterwards."""
    cloudformation, made = client("cloudformation"), list[str]()

    def make(**more: Any) -> str:
        name = f"release-{uuid4().hex[:8]}"
        given = [{"ParameterKey": "Stage", "ParameterValue": "test"}, {"ParameterKey": "Token", "ParameterValue": "hidden"}]
        cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template(name, archive, **more)), Parameters=given)
        made.append(name)
        assert settled(client, name)["StackStatus"] == "CREATE_COMPLETE"
        return name

    yield make
    for name in made:
        destroy(client, name)


def destroy(client: Client, name: str) -> None:
    """Delete a stack, and before it the versions in its group, without which SageMaker keeps the group."""
    sagemaker = client("sagemaker")
    for group in sagemaker.list_model_package_groups(NameContains=name)["ModelPackageGroupSummaryList"]:
        packages = sagemaker.list_model_packages(ModelPackageGroupName=group["ModelPackageGroupName"])["ModelPackageSummaryList"]
        for package in packages:
            sagemaker.delete_model_package(ModelPackageName=package["ModelPackageArn"])
    client("cloudformation").delete_stack(StackName=name)
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        try:
            client("cloudformation").describe_stacks(StackName=name)
        except ClientError:
            return
        time.sleep(0.1)
    raise AssertionError(f"{name} was not deleted")


def settled(client: Client, name: str) -> dict[str, Any]:
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        (stack,) = client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        if not stack["StackStatus"].endswith("IN_PROGRESS"):
            return dict(stack)
        time.sleep(0.1)
    raise AssertionError(stack)


def package(client: Client, group: str, archive: str) -> str:
    container = {"Image": "inferstack/serving", "ModelDataUrl": archive}
    types = {"SupportedContentTypes": ["application/x-npy"], "SupportedResponseMIMETypes": ["application/json"]}
    made = client("sagemaker").create_model_package(
        ModelPackageGroupName=group, ModelApprovalStatus="Approved", InferenceSpecification={"Containers": [container], **types}
    )
    return str(made["ModelPackageArn"])


def release(client: Client, name: str, arn: str, token: str = "release") -> dict[str, Any]:
    """Update the stack as the rollout function does: the previous template, and each parameter's previous value but one."""
    previous = [{"ParameterKey": key, "UsePreviousValue": True} for key in ("Stage", "Token")]
    client("cloudformation").update_stack(
        StackName=name,
        UsePreviousTemplate=True,
        Parameters=[{"ParameterKey": "ModelPackageArn", "ParameterValue": arn}, *previous],
        ClientRequestToken=token,
    )
    return settled(client, name)


def parameters(stack: dict[str, Any]) -> dict[str, str]:
    return {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}


def served(client: Client, name: str) -> tuple[str, dict[str, Any]]:
    """Return the endpoint's configuration, and the container of the model that it names."""
    sagemaker = client("sagemaker")
    described = sagemaker.describe_endpoint(EndpointName=name)
    assert described["EndpointStatus"] == "InService"
    (variant,) = sagemaker.describe_endpoint_config(EndpointConfigName=described["EndpointConfigName"])["ProductionVariants"]
    return described["EndpointConfigName"], dict(sagemaker.describe_model(ModelName=variant["ModelName"])["PrimaryContainer"])


def failed(client: Client, name: str, token: str) -> dict[str, str]:
    """Return each resource that failed in the operation of the token, and why."""
    events = client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    return {
        event["LogicalResourceId"]: event["ResourceStatusReason"]
        for event in events
        if event.get("ClientRequestToken") == token and event["ResourceStatus"].endswith("_FAILED")
    }


def test_serves_an_approved_package_after_its_canary_without_a_failed_request(
    client: Client, deployed: Callable[..., str], archive: str
) -> None:
    name = deployed()
    assert served(client, name)[1]["ModelDataUrl"] == archive
    arn = package(client, name, archive)
    with Load(client, name) as load:
        started_s = time.monotonic()
        stack = release(client, name, arn)
        took_s = time.monotonic() - started_s
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    assert took_s > BAKE_S + 1
    assert parameters(stack) == {"ModelPackageArn": arn, "Stage": "test", "Token": "****"}
    config, container = served(client, name)
    assert container == {"ModelPackageName": arn}
    assert {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}["ConfigName"] == config
    assert set(load.outcomes) == {"main"}
    with pytest.raises(ClientError, match="No updates are to be performed"):
        release(client, name, arn)


@pytest.mark.parametrize("what", ["broken", "unknown"])
def test_stays_with_what_it_served_when_a_package_does_not_start(
    client: Client, deployed: Callable[..., str], archive: str, broken_archive: str, what: str
) -> None:
    name = deployed()
    first = package(client, name, archive)
    release(client, name, first)
    before = served(client, name)
    arn = package(client, name, broken_archive) if what == "broken" else first.replace("/1", "/99")
    with Load(client, name) as load:
        stack = release(client, name, arn, token="second")
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert parameters(stack)["ModelPackageArn"] == first
    assert served(client, name) == before
    assert set(load.outcomes) == {"main"}
    resource, words = ("Endpoint", "sha256") if what == "broken" else ("Model", "does not exist")
    assert words in failed(client, name, "second")[resource]
    assert release(client, name, package(client, name, archive), token="third")["StackStatus"] == "UPDATE_COMPLETE"


def test_goes_back_when_an_alarm_is_raised_without_a_failed_request(client: Client, deployed: Callable[..., str], archive: str) -> None:
    name = deployed(latency_us=1)  # which every answer is over
    before = served(client, name)
    with Load(client, name) as load:
        stack = release(client, name, package(client, name, archive), token="slow")
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert parameters(stack)["ModelPackageArn"] == ""
    assert served(client, name) == before
    assert "p99 of ModelLatency was" in failed(client, name, "slow")["Endpoint"]
    assert set(load.outcomes) == {"main"}


def test_sends_the_endpoint_back_when_what_comes_after_it_fails(client: Client, deployed: Callable[..., str], archive: str) -> None:
    container = {"ModelPackageName": {"Fn::If": ["HasModelPackage", "nobody/1", {"Ref": "AWS::NoValue"}]}, "ModelDataUrl": archive}
    after = {
        "Type": "AWS::SageMaker::Model",
        "DependsOn": "Endpoint",
        "Properties": {"ExecutionRoleArn": ROLE, "PrimaryContainer": container},
    }
    name = deployed(more={"After": after})
    before = served(client, name)
    stack = release(client, name, package(client, name, archive))
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert served(client, name) == before
    assert invoke(client, name)["InvokedProductionVariant"] == "main"


def test_deletes_no_group_that_has_versions(client: Client, deployed: Callable[..., str], archive: str) -> None:
    name = deployed()
    package(client, name, archive)
    shrunk = template(name, archive)
    del shrunk["Resources"]["Group"], shrunk["Outputs"]["GroupArn"]
    kept = [{"ParameterKey": key, "UsePreviousValue": True} for key in shrunk["Parameters"]]
    client("cloudformation").update_stack(StackName=name, TemplateBody=json.dumps(shrunk), Parameters=kept, ClientRequestToken="shrunk")
    assert settled(client, name)["StackStatus"] == "UPDATE_COMPLETE"
    assert "1 Model Package" in failed(client, name, "shrunk")["Group"]
    assert client("sagemaker").describe_model_package(ModelPackageName=f"{name}/1")["ModelPackageVersion"] == 1
    destroy(client, name)
    with pytest.raises(ClientError, match="does not exist"):
        client("sagemaker").describe_model_package_group(ModelPackageGroupName=name)
