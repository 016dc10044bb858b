"""What SageMaker refuses before it looks at anything else: a request that is not of its operation's shape."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.access import Unchecked
from emulator.sagemaker.errors import SageMakerError
from emulator.sagemaker.pipelines.roles import PipelineRoles
from emulator.sagemaker.shapes import check_shapes
from pipeline.runner.parse import Step
from tests.unit.emulator.sagemaker.local_sagemaker import ROLE, LocalSageMaker

S3 = "s3://bucket/transform/1/"
JOB = {
    "TransformJobName": "job",
    "ModelName": "model",
    "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": S3}}},
    "TransformOutput": {"S3OutputPath": S3},
    "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
}
PACKAGE = {"ModelPackageGroupName": "group", "InferenceSpecification": {"Containers": [{"Image": "any", "ModelDataUrl": f"{S3}model"}]}}
CONFIG = {"EndpointConfigName": "config", "ProductionVariants": [{"VariantName": "main", "ModelName": "model"}]}


def ask(operation: str, request: dict[str, Any]) -> None:
    check_shapes(operation, lambda _: {})(request)


@pytest.mark.parametrize(
    ("operation", "request_", "change", "told"),
    [
        (
            "CreateTransformJob",
            JOB,
            {"TransformJobName": "x" * 64},
            "at 'transformJobName' failed to satisfy constraint: Member must have length less than or equal to 63",
        ),
        ("CreateTransformJob", JOB, {"TransformJobName": "a_b"}, "Member must satisfy regular expression pattern"),
        ("CreateTransformJob", JOB, {"ModelName": None}, "Value null at 'modelName' failed to satisfy constraint: Member must not be null"),
        ("CreateTransformJob", JOB, {"BatchStrategy": "Single"}, "enum value set: [MultiRecord, SingleRecord]"),
        ("CreateTransformJob", JOB, {"MaxPayloadInMB": -1}, "Value '-1' at 'maxPayloadInMB'"),
        ("CreateTransformJob", JOB, {"Environment": {"1A": "x"}}, "Value '1A' at 'environment'"),
        (
            "CreateTransformJob",
            JOB,
            {"TransformResources": {"InstanceType": "ml.m5.tiny", "InstanceCount": 1}},
            "at 'transformResources.instanceType'",
        ),
        ("CreateEndpointConfig", CONFIG, {"ProductionVariants": []}, "Member must have length greater than or equal to 1"),
        (
            "CreateEndpointConfig",
            CONFIG,
            {"ProductionVariants": [{"VariantName": "main", "ServerlessConfig": {"MemorySizeInMB": 512, "MaxConcurrency": 201}}]},
            "2 validation errors detected",
        ),
        ("CreateModelPackage", PACKAGE, {"CustomerMetadataProperties": {"a": "x" * 300}}, "at 'customerMetadataProperties.a.member'"),
        ("CreatePipeline", {"PipelineName": "a", "RoleArn": ROLE}, {"RoleArn": "a"}, "at 'roleArn'"),
    ],
)
def test_refuses_in_awss_words_what_the_shape_forbids(operation: str, request_: dict[str, Any], change: dict[str, Any], told: str) -> None:
    ask(operation, request_)
    with pytest.raises(SageMakerError) as refused:
        ask(operation, request_ | change)
    assert told in str(refused.value)
    assert refused.value.code == "ValidationException"


@pytest.mark.parametrize("told", ["", "x" * 256, "x" * 257])
def test_starts_no_job_of_a_pipeline_with_a_longer_argument_than_a_job_takes(told: str) -> None:
    """The arguments are whole only when the step runs: what they join may be too long then."""
    arguments = {
        "RoleArn": ROLE,
        "AppSpecification": {"ImageUri": "any", "ContainerArguments": [told]},
        "ProcessingResources": {"ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}},
    }
    step = Step("Prepare", "Processing", arguments, {}, is_cacheable=False, needs=frozenset())
    actor = Unchecked(lambda _: None)
    roles = PipelineRoles(actor, lambda *_: actor, "arn:aws:sagemaker:us-east-1:000000000000:pipeline/any/execution/1")
    with pytest.raises(SageMakerError, match="less than or equal to 256") if len(told) > 256 else nullcontext():
        roles.open_job(step, "Prepare-1", arguments)


def test_takes_descriptions_whose_pattern_is_one_of_javas() -> None:
    ask("CreateModelPackage", PACKAGE | {"ModelPackageDescription": "Ziffern, für alle: 99 %"})


def test_asks_it_of_every_operation(tmp_path: Path) -> None:
    sagemaker = LocalSageMaker(tmp_path).client
    for name, request in (
        ("describe_endpoint", {"EndpointName": "x" * 64}),
        ("create_model_package_group", {"ModelPackageGroupName": "a b"}),
    ):
        with pytest.raises(ClientError, match=r"validation errors? detected"):
            getattr(sagemaker, name)(**request)
