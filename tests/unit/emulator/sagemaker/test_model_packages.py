"""The model registry, as boto3 sees it: numbered versions, approval that is told, and models made of packages."""

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.emulator.sagemaker.local_sagemaker import ROLE, LocalSageMaker, wait_until

GROUP = "inferstack-local-digits"
ARN = f"arn:aws:sagemaker:us-east-1:000000000000:model-package/{GROUP}"
SPECIFICATION = {
    "Containers": [
        {"Image": "inferstack/serving", "ModelDataUrl": "s3://dump/models/1.tar.gz", "Environment": {"LEVEL": "info", "A": "1"}}
    ],
    "SupportedContentTypes": ["application/x-npy"],
    "SupportedResponseMIMETypes": ["application/json"],
}


@pytest.fixture
def local(tmp_path: Path) -> LocalSageMaker:
    local = LocalSageMaker(tmp_path)
    local.client.create_model_package_group(ModelPackageGroupName=GROUP, ModelPackageGroupDescription="digits")
    return local


def register(local: LocalSageMaker, **more: Any) -> str:
    request = {"ModelPackageGroupName": GROUP, "InferenceSpecification": SPECIFICATION, **more}
    return str(local.client.create_model_package(**request)["ModelPackageArn"])


def expect_error(operation: Any, code: str = "ValidationException", **request: Any) -> str:
    with pytest.raises(ClientError) as caught:
        operation(**request)
    assert caught.value.response["Error"]["Code"] == code
    return str(caught.value.response["Error"]["Message"])


def versions(local: LocalSageMaker, **request: Any) -> list[int]:
    listed = local.client.list_model_packages(ModelPackageGroupName=GROUP, **request)["ModelPackageSummaryList"]
    return [each["ModelPackageVersion"] for each in listed]


def test_describes_a_group_and_lists_it(local: LocalSageMaker) -> None:
    sagemaker = local.client
    group = sagemaker.describe_model_package_group(ModelPackageGroupName=GROUP)
    assert (group["ModelPackageGroupName"], group["ModelPackageGroupDescription"]) == (GROUP, "digits")
    assert (group["ModelPackageGroupStatus"], group["CreatedBy"]) == ("Completed", {})
    assert sagemaker.describe_model_package_group(ModelPackageGroupName=group["ModelPackageGroupArn"])["ModelPackageGroupName"] == GROUP
    sagemaker.create_model_package_group(ModelPackageGroupName="another", Tags=[{"Key": "stage", "Value": "dev"}])
    listed = sagemaker.list_model_package_groups(SortBy="Name")["ModelPackageGroupSummaryList"]
    assert [each["ModelPackageGroupName"] for each in listed] == ["another", GROUP]
    assert sagemaker.list_tags(ResourceArn=listed[0]["ModelPackageGroupArn"])["Tags"] == [{"Key": "stage", "Value": "dev"}]
    assert "already exists" in expect_error(sagemaker.create_model_package_group, ModelPackageGroupName=GROUP)


def test_keeps_a_group_that_has_packages(local: LocalSageMaker) -> None:
    sagemaker, arn = local.client, register(local)
    assert "1 Model Package" in expect_error(sagemaker.delete_model_package_group, "ConflictException", ModelPackageGroupName=GROUP)
    sagemaker.delete_model_package(ModelPackageName=arn)
    sagemaker.delete_model_package_group(ModelPackageGroupName=GROUP)
    assert "does not exist" in expect_error(sagemaker.describe_model_package_group, ModelPackageGroupName=GROUP)


def test_numbers_packages_and_returns_all_that_was_registered(local: LocalSageMaker) -> None:
    metrics = {"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": "s3://dump/evaluation.json"}}}
    kept: dict[str, Any] = {
        "ModelPackageDescription": "the best of four",
        "ModelMetrics": metrics,
        "CustomerMetadataProperties": {"accuracy": "0.99"},
    }
    assert register(local) == f"{ARN}/1"
    assert register(local, **kept) == f"{ARN}/2"
    package = local.client.describe_model_package(ModelPackageName=f"{ARN}/2")
    assert {name: package[name] for name in kept} == kept
    assert package["InferenceSpecification"] == SPECIFICATION
    assert (package["ModelPackageVersion"], package["ModelPackageStatus"]) == (2, "Completed")
    assert package["ModelApprovalStatus"] == "PendingManualApproval"
    assert package["LastModifiedTime"] == package["CreationTime"]
    assert local.client.describe_model_package(ModelPackageName=f"{GROUP}/1")["ModelPackageArn"] == f"{ARN}/1"


def test_lists_by_approval_and_order_a_page_at_a_time(local: LocalSageMaker) -> None:
    for status in ("Approved", "Rejected", "Approved", "PendingManualApproval"):
        register(local, ModelApprovalStatus=status, ModelPackageDescription=status)
    newest = {"SortBy": "CreationTime", "SortOrder": "Descending"}
    assert versions(local) == [1, 2, 3, 4]
    assert versions(local, **newest, ModelApprovalStatus="Approved") == [3, 1]
    assert versions(local, SortBy="Name", SortOrder="Descending") == [4, 3, 2, 1]
    first = local.client.list_model_packages(ModelPackageGroupName=GROUP, MaxResults=3, **newest)
    assert [each["ModelPackageVersion"] for each in first["ModelPackageSummaryList"]] == [4, 3, 2]
    second = local.client.list_model_packages(ModelPackageGroupName=GROUP, MaxResults=3, NextToken=first["NextToken"], **newest)
    assert "NextToken" not in second
    (summary,) = second["ModelPackageSummaryList"]
    assert (summary["ModelPackageArn"], summary["ModelApprovalStatus"], summary["ModelPackageDescription"]) == (
        f"{ARN}/1",
        "Approved",
        "Approved",
    )
    assert local.client.list_model_packages()["ModelPackageSummaryList"] == []
    assert len(local.client.list_model_packages(ModelPackageType="Versioned")["ModelPackageSummaryList"]) == 4


def test_tells_of_a_package_and_of_each_change_of_its_approval(local: LocalSageMaker) -> None:
    arn = register(local)
    sagemaker = local.client
    sagemaker.update_model_package(ModelPackageArn=arn, CustomerMetadataProperties={"seen": "yes"})
    sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved", ApprovalDescription="looks right")
    sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    assert [(source, kind, detail["ModelApprovalStatus"]) for source, kind, detail in local.events] == [
        ("aws.sagemaker", "SageMaker Model Package State Change", "PendingManualApproval"),
        ("aws.sagemaker", "SageMaker Model Package State Change", "Approved"),
    ]
    detail = local.events[-1][2]
    assert (detail["ModelPackageGroupName"], detail["ModelPackageVersion"], detail["ModelPackageArn"]) == (GROUP, 1, arn)
    assert detail["CreationTime"].endswith("Z")
    package = sagemaker.describe_model_package(ModelPackageName=arn)
    assert (package["ApprovalDescription"], package["CustomerMetadataProperties"]) == ("looks right", {"seen": "yes"})
    sagemaker.update_model_package(ModelPackageArn=arn, CustomerMetadataPropertiesToRemove=["seen"])
    assert "seen" not in sagemaker.describe_model_package(ModelPackageName=arn)["CustomerMetadataProperties"]


def test_refuses_what_is_not_there_or_no_status(local: LocalSageMaker) -> None:
    sagemaker = local.client
    for operation, request in (
        (sagemaker.describe_model_package, {"ModelPackageName": f"{ARN}/9"}),
        (sagemaker.delete_model_package, {"ModelPackageName": f"{ARN}/9"}),
        (sagemaker.update_model_package, {"ModelPackageArn": f"{ARN}/9"}),
        (sagemaker.list_model_packages, {"ModelPackageGroupName": "nobody"}),
        (sagemaker.create_model_package, {"ModelPackageGroupName": "nobody"}),
    ):
        assert "does not exist" in expect_error(operation, **request)
    assert "enum value set" in expect_error(sagemaker.create_model_package, ModelPackageGroupName=GROUP, ModelApprovalStatus="Fine")


@pytest.mark.parametrize("container", ["PrimaryContainer", "Containers"])
def test_serves_the_archive_of_a_package(local: LocalSageMaker, container: str) -> None:
    package = {"ModelPackageName": register(local), "Environment": {"LEVEL": "debug"}}
    sagemaker = local.client
    sagemaker.create_model(ModelName="m", ExecutionRoleArn=ROLE, **{container: [package] if container == "Containers" else package})
    variant = {"VariantName": "main", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="c")
    wait_until(lambda: sagemaker.describe_endpoint(EndpointName="e")["EndpointStatus"] == "InService")
    (server,) = local.servers
    assert (server.archive_url, server.environment) == ("s3://dump/models/1.tar.gz", {"LEVEL": "debug", "A": "1"})


def test_makes_no_model_of_a_package_that_is_not_there_or_has_no_archive(local: LocalSageMaker) -> None:
    create = local.client.create_model
    empty = register(local, InferenceSpecification={**SPECIFICATION, "Containers": [{"Image": "inferstack/serving"}]})
    for name, words in ((f"{ARN}/9", "does not exist"), (empty, "ModelDataUrl")):
        assert words in expect_error(create, ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer={"ModelPackageName": name})
    two = [{"ModelPackageName": empty}, {"ModelPackageName": empty}]
    assert "serves one" in expect_error(create, ModelName="m", ExecutionRoleArn=ROLE, Containers=two)
