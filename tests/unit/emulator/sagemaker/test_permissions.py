"""What operations need: actions, resources and condition keys."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.access import AccessDeniedError, Check, pass_role
from emulator.cloudformation.handler_permissions import check_operations
from emulator.cloudformation.references import list_read_checks
from emulator.sagemaker.permissions.execution_role import require_archive, use_container
from emulator.sagemaker.permissions.operations import list_checks
from emulator.sagemaker.pipelines.roles import PipelineRoles
from pipeline.runner.parse import Step
from tests.unit.emulator.sagemaker.local_sagemaker import ROLE, LocalSageMaker, wait_until

ARN = "arn:aws:sagemaker:us-east-1:000000000000:"
SAGEMAKER = "sagemaker.amazonaws.com"


class Role:
    """A role that may do everything but some actions, and what it was asked for."""

    def __init__(self, *denied: str) -> None:
        self.denied = denied
        self.asked: list[Check] = []

    def require(self, check: Check) -> None:
        self.asked.append(check)
        if check.action in self.denied:
            raise AccessDeniedError(f"User: any is not authorized to perform: {check.action} on resource: {check.resource}")

    def get_client(self, _: str) -> Any:
        return None

    def credentials(self) -> dict[str, str]:
        return {}

    @property
    def actions(self) -> list[str]:
        return [check.action for check in self.asked]


def find(operation: str, request: dict[str, Any]) -> list[tuple[str, str]]:
    return [(check.action.partition(":")[2], check.resource.removeprefix(ARN)) for check in list_checks(operation, request)]


def test_names_every_resource_of_an_operation() -> None:
    request = {"EndpointName": "Any", "EndpointConfigName": "one"}
    assert find("UpdateEndpoint", request) == [("UpdateEndpoint", "endpoint/any"), ("UpdateEndpoint", "endpoint-config/one")]
    assert find("ListModelPackages", {"ModelPackageGroupName": "g"}) == [("ListModelPackages", "model-package/g/*")]
    assert find("UpdateModelPackage", {"ModelPackageArn": f"{ARN}model-package/g/1"}) == [("UpdateModelPackage", "model-package/g/1")]
    assert find("ListPipelines", {}) == [("ListPipelines", "*")]


def test_passes_the_role_of_a_model_and_reads_its_package() -> None:
    request = {"ModelName": "m", "ExecutionRoleArn": ROLE, "PrimaryContainer": {"ModelPackageName": f"{ARN}model-package/g/1"}}
    checks = list_checks("CreateModel", request)
    assert pass_role(ROLE, SAGEMAKER) in checks
    assert Check("sagemaker:DescribeModelPackage", f"{ARN}model-package/g/1") in checks


def test_asks_for_tags_where_a_request_sets_them_and_knows_those_that_are_there() -> None:
    tags = {"aws:RequestTag/stage": "dev"}
    request = {"ModelName": "m", "Tags": [{"Key": "stage", "Value": "dev"}]}
    added = Check("sagemaker:AddTags", f"{ARN}model/m", {**tags, "sagemaker:TaggingAction": "CreateModel"})
    assert added in list_checks("CreateModel", request)
    (delete,) = list_checks("DeleteModel", {"ModelName": "m"}, lambda _: {"stage": "dev"})
    assert delete.context == {"aws:ResourceTag/stage": "dev"}


VARIANT = {"VariantName": "v", "ModelName": "M", "InstanceType": "ml.m5.large"}


@pytest.mark.parametrize(
    ("operation", "request_", "keys"),
    [
        (
            "CreateTransformJob",
            {"TransformJobName": "j", "ModelName": "M", "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1}},
            {"ModelArn": [f"{ARN}model/m"], "InstanceTypes": ["ml.m5.large"]},
        ),
        (
            "CreateEndpointConfig",
            {"EndpointConfigName": "c", "ProductionVariants": [VARIANT], "ShadowProductionVariants": [{**VARIANT, "ModelName": "S"}]},
            {"ModelArn": [f"{ARN}model/m", f"{ARN}model/s"], "InstanceTypes": ["ml.m5.large"] * 2},
        ),
        (
            "CreateEndpointConfig",
            {"ProductionVariants": [{"ModelName": "m", "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}}]},
            {"ModelArn": [f"{ARN}model/m"], "ServerlessMemorySize": ["2048"], "ServerlessMaxConcurrency": ["5"]},
        ),
        ("CreateModel", {"ModelName": "m", "EnableNetworkIsolation": True}, {"NetworkIsolation": "true"}),
        ("CreateModel", {"ModelName": "m"}, {}),
        ("UpdateModelPackage", {"ModelApprovalStatus": "Approved"}, {"ModelApprovalStatus": "Approved"}),
        ("UpdateModelPackage", {}, {}),
    ],
    ids=["transform", "instances", "serverless", "isolated", "model", "approval", "package"],
)
def test_has_the_condition_keys_of_the_service_authorization_reference(operation: str, request_: Any, keys: dict[str, Any]) -> None:
    assert list_checks(operation, request_)[0].context == {f"sagemaker:{key}": value for key, value in keys.items()}


def test_reads_the_alarms_that_roll_a_deployment_back() -> None:
    guard = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "a"}]}}
    checks = list_checks("UpdateEndpoint", {"EndpointName": "e", "EndpointConfigName": "c", "DeploymentConfig": guard})
    assert checks[-1] == Check("cloudwatch:DescribeAlarms", "arn:aws:cloudwatch:us-east-1:000000000000:alarm:a")


def test_pulls_from_ecr_only() -> None:
    role = Role()
    use_container(role, "inferstack/serving", "TransformJobs", "job")
    assert not [action for action in role.actions if action.startswith("ecr:")]
    use_container(role, "000000000000.dkr.ecr.us-east-1.amazonaws.com/any:1", "TransformJobs", "job")
    assert role.actions.count("ecr:BatchGetImage") == 1


def test_fails_without_the_image_and_not_without_the_log() -> None:
    image = "000000000000.dkr.ecr.us-east-1.amazonaws.com/any:1"
    use_container(Role("logs:PutLogEvents"), image, "Endpoints/any", "one")
    with pytest.raises(AccessDeniedError, match="ecr:BatchGetImage"):
        use_container(Role("ecr:BatchGetImage"), image, "Endpoints/any", "one")


@pytest.mark.parametrize("denied", ["", "s3:ListBucket", "s3:GetObject", "s3:PutObject"])
def test_starts_no_training_whose_role_may_not_keep_checkpoints(denied: str) -> None:
    """SageMaker copies them to S3 while a job runs, and back when it goes on, as the job's role."""
    arguments = {
        "RoleArn": ROLE,
        "AlgorithmSpecification": {"TrainingImage": "any", "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://dump/models"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        "CheckpointConfig": {"S3Uri": "s3://dump/checkpoints/digits/1/cnn"},
        "Tags": [{"Key": "team", "Value": "ml"}],
    }
    pipeline, job = Role(), Role(denied)
    roles = PipelineRoles(pipeline, lambda *_: job, "arn:aws:sagemaker:us-east-1:000000000000:pipeline/any/execution/1")
    step = Step("Train-cnn", "Training", arguments, {}, is_cacheable=False, needs=frozenset())
    with pytest.raises(AccessDeniedError, match=denied) if denied else nullcontext():
        roles.open_job(step, "Train-cnn-1", arguments)
    asked = {check.action: check.context for check in pipeline.asked}
    assert asked["sagemaker:CreateTrainingJob"]["aws:RequestTag/team"] == asked["sagemaker:AddTags"]["aws:RequestTag/team"] == "ml"
    (listed,) = [check for check in job.asked if check.action == "s3:ListBucket"]
    assert (listed.resource, listed.context) == ("arn:aws:s3:::dump", {"s3:prefix": "checkpoints/digits/1/cnn"})
    assert {check.resource for check in job.asked if check.action.endswith("Object")} <= {"arn:aws:s3:::dump/checkpoints/digits/1/cnn/any"}


def test_says_in_sagemakers_words_that_the_archive_cannot_be_read() -> None:
    with pytest.raises(Exception, match=r"Could not access model data at s3://b/k\. Please ensure that the role"):
        require_archive(Role("s3:GetObject"), ROLE, "s3://b/k")


def test_resolves_outputs_of_stacks_and_attributes_of_the_branch_that_is_taken() -> None:
    value = {
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Url": {"Fn::Join": ["", [{"Fn::GetStackOutput": {"StackName": "Storage", "OutputName": "any"}}]]},
        "Image": {"Fn::If": ["HasPackage", {"Ref": "Package"}, {"Fn::GetAtt": ["Images", "RepositoryUri"]}]},
    }
    resources = {
        "Role": {"ResourceType": "AWS::IAM::Role", "PhysicalResourceId": "r"},
        "Images": {"ResourceType": "AWS::ECR::Repository", "PhysicalResourceId": "i"},
    }
    found = {has: {check.action for check in list_read_checks(value, resources, {"HasPackage": has})} for has in (True, False)}
    assert found[True] == {"cloudformation:DescribeStacks", "iam:GetRole"}
    assert found[False] == {*found[True], "ecr:DescribeRepositories"}


def test_a_handler_asks_before_it_changes_anything_and_reads_afterwards() -> None:
    calls: list[str] = []

    def create(_: Any) -> dict[str, Any]:
        calls.append("created")
        return {}

    operations = check_operations({"CreateModel": create}, Role("iam:PassRole").require, lambda _: {})
    with pytest.raises(AccessDeniedError):
        operations["CreateModel"]({"ModelName": "m", "ExecutionRoleArn": ROLE})
    assert calls == []
    operations = check_operations({"CreateModel": create}, Role().require, lambda _: {})
    operations["CreateModel"]({"ModelName": "m", "ExecutionRoleArn": ROLE})
    assert calls == ["created"]


@pytest.fixture
def refused(tmp_path: Path) -> Callable[..., str]:
    """Return what a client is told who lacks an action."""

    def ask(lacking: str, call: Callable[[Any], object]) -> str:
        local = LocalSageMaker(tmp_path, require=lambda _, check: Role(lacking).require(check))
        with pytest.raises(ClientError) as refusal:
            call(local.client)
        error: dict[str, str] = refusal.value.response["Error"]
        return f"{error['Code']}: {error['Message']}"

    return ask


def test_refuses_a_caller_as_sagemaker_does(refused: Callable[..., str]) -> None:
    said = refused("sagemaker:DescribeModel", lambda client: client.describe_model(ModelName="m"))
    assert said == f"AccessDeniedException: User: any is not authorized to perform: sagemaker:DescribeModel on resource: {ARN}model/m"


def test_reads_the_alarms_of_a_deployment_as_the_models_role(tmp_path: Path) -> None:
    role = Role()
    local = LocalSageMaker(tmp_path, assume=lambda *_: role)
    client = local.client
    client.create_model(ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "any", "ModelDataUrl": "s3://b/k"})
    variant = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 2}
    client.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])
    client.create_endpoint(EndpointName="e", EndpointConfigName="c")
    wait_until(lambda: client.describe_endpoint(EndpointName="e")["EndpointStatus"] == "InService")
    routing = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
    guard = {
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing},
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "a"}]},
    }
    role.denied = ("cloudwatch:DescribeAlarms",)
    with pytest.raises(ClientError, match=r"may not read its alarms.*alarm:a"):
        client.update_endpoint(EndpointName="e", EndpointConfigName="c", DeploymentConfig=guard)
