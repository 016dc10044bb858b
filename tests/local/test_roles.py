"""What AWS refuses to a role, the emulator refuses in AWS's words: each rule with a role that lacks one permission."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.run_state import RunState
from tests.local.conftest import Client, acting_as, create_role
from tests.local.test_rollout import STACK, settled

SAGEMAKER, CLOUDFORMATION = "sagemaker.amazonaws.com", "cloudformation.amazonaws.com"
Without = Callable[..., str]


@pytest.fixture(scope="module")
def roles(client: Client) -> dict[str, str]:
    """The deployed roles, by stack and the beginning of their names there."""
    found = {}
    for name in ("Inference", "Registry", "Training", "Web"):
        for each in client("cloudformation").describe_stack_resources(StackName=f"Inferstack-local-{name}")["StackResources"]:
            if each["ResourceType"] == "AWS::IAM::Role":
                found[each["LogicalResourceId"][:-8]] = each["PhysicalResourceId"]
    return found


@pytest.fixture
def without(client: Client, roles: dict[str, str]) -> Without:
    """Return a maker of copies of a role that lack one action; it returns the copy's ARN."""
    iam = client("iam")

    def copy(role: str, action: str, service: str) -> str:
        arn = create_role(client, f"{service.partition('.')[0]}-lacks-{action.partition(':')[2]}", service, ["none:Nothing"])
        name = arn.rpartition("/")[2]
        policies = [
            iam.get_role_policy(RoleName=roles[role], PolicyName=each)
            for each in iam.list_role_policies(RoleName=roles[role])["PolicyNames"]
        ]
        for policy in policies:
            statements = []
            for statement in policy["PolicyDocument"]["Statement"]:
                actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
                if kept := [each for each in actions if each != action]:
                    statements.append({**statement, "Action": kept})
            document = {"Version": "2012-10-17", "Statement": statements}
            iam.put_role_policy(RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=json.dumps(document))
        return arn

    return copy


def update(client: Client, role: str, tags: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """Update the endpoint's stack with a role, so that a model would be exchanged, and return it; it is as before then.

    Args:    tags: the model's; those it has and another when left out.
    """
    cloudformation = client("cloudformation")
    template = json.loads(json.dumps(cloudformation.get_template(StackName=STACK)["TemplateBody"]))
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::SageMaker::Model":
            changed = [*resource["Properties"]["Tags"], {"Key": "changed", "Value": "yes"}]
            resource["Properties"]["Tags"] = changed if tags is None else tags
    cloudformation.update_stack(
        StackName=STACK,
        TemplateBody=json.dumps(template),
        RoleARN=role,
        Parameters=[{"ParameterKey": name, "UsePreviousValue": True} for name in ("BootstrapVersion", "ModelPackageArn")],
        Capabilities=["CAPABILITY_IAM"],
    )
    return settled(cloudformation)


def reasons(client: Client) -> str:
    events = client("cloudformation").describe_stack_events(StackName=STACK)["StackEvents"][:40]
    return " ".join(event.get("ResourceStatusReason", "") for event in events)


@pytest.mark.parametrize(
    "action",
    [
        "cloudformation:DescribeStacks",
        "sagemaker:CreateModel",
        "sagemaker:DescribeModel",
        "sagemaker:AddTags",
        "iam:PassRole",
        "iam:GetRole",
    ],
)
def test_an_update_needs_what_its_role_must_read_and_change(client: Client, without: Without, action: str) -> None:
    role = without("RegistryCloudFormationRole", action, CLOUDFORMATION)
    stack = update(client, role)
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert f"is not authorized to perform: {action} on resource: arn:aws:" in reasons(client)


def test_a_stack_keeps_the_role_that_last_updated_it(client: Client, without: Without, roles: dict[str, str]) -> None:
    role = without("RegistryCloudFormationRole", "sagemaker:CreateModel", CLOUDFORMATION)
    update(client, role)
    described = client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    assert described["RoleARN"] == role


def test_takes_no_role_for_a_stack_from_who_may_not_pass_it(
    stack: RunState, client: Client, without: Without, roles: dict[str, str]
) -> None:
    function = acting_as(stack, client, without("RegistryRolloutRole", "iam:PassRole", "lambda.amazonaws.com"))
    role = f"arn:aws:iam::000000000000:role/{roles['RegistryCloudFormationRole']}"
    with pytest.raises(ClientError, match=f"not authorized to perform: iam:PassRole on resource: {role}"):
        update_as_function(function, role)


def test_lets_the_rollout_update_with_its_one_role_only(stack: RunState, client: Client, without: Without, roles: dict[str, str]) -> None:
    function = acting_as(stack, client, without("RegistryRolloutRole", "none:Nothing", "lambda.amazonaws.com"))
    with pytest.raises(ClientError, match="cloudformation:UpdateStack"):
        update_as_function(function, None)
    with pytest.raises(ClientError, match="No updates are to be performed"):
        update_as_function(function, f"arn:aws:iam::000000000000:role/{roles['RegistryCloudFormationRole']}")


def test_lets_the_rollout_bring_no_template_from_s3_and_approve_nothing(stack: RunState, client: Client, without: Without) -> None:
    function = acting_as(stack, client, without("RegistryRolloutRole", "none:Nothing", "lambda.amazonaws.com"))
    with pytest.raises(ClientError, match="not authorized to perform: cloudformation:UpdateStack"):
        function("cloudformation").update_stack(StackName=STACK, TemplateURL="https://s3.amazonaws.com/any/any.json")
    package = "arn:aws:sagemaker:us-east-1:000000000000:model-package/inferstack-local-digits/999"
    for status, refusal in (("Approved", "not authorized to perform: sagemaker:UpdateModelPackage"), ("Rejected", "ValidationException")):
        with pytest.raises(ClientError, match=refusal):
            function("sagemaker").update_model_package(ModelPackageArn=package, ModelApprovalStatus=status)


def test_an_own_template_makes_no_model_that_is_not_of_the_stage(client: Client, without: Without) -> None:
    role = without("RegistryCloudFormationRole", "none:Nothing", CLOUDFORMATION)
    assert update(client, role, tags=[])["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "is not authorized to perform: sagemaker:CreateModel on resource: arn:aws:" in reasons(client)


def test_lets_the_upload_function_do_its_own_work_only(stack: RunState, client: Client, without: Without) -> None:
    function = acting_as(stack, client, without("UploadsProcessRole", "none:Nothing", "lambda.amazonaws.com"))
    s3, results, sagemaker = function("s3"), stack.results_bucket, function("sagemaker")
    config = client("sagemaker").describe_endpoint(EndpointName=stack.endpoint)["EndpointConfigName"]
    (variant,) = client("sagemaker").describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
    event = {"Source": "inferstack", "DetailType": "Inferstack Job Finished", "Detail": "{}"}
    key = "jobs/other/0/summary.json"
    for refused in (
        lambda: s3.put_object(Bucket=results, Key=key, Body=b"{}"),
        lambda: s3.put_object(Bucket=results, Key="feedback/any", Body=b"{}", IfNoneMatch="*"),
        lambda: s3.get_object(Bucket=results, Key="feedback/any"),
        lambda: s3.list_objects_v2(Bucket=results),
        lambda: s3.list_objects_v2(Bucket=results, Prefix="feedback/"),
        lambda: s3.list_objects_v2(Bucket=stack.uploads_bucket),
        lambda: function("events").put_events(Entries=[event, {**event, "Source": "aws.other"}]),
        lambda: transform(sagemaker, variant["ModelName"], "ml.p5.48xlarge"),
        lambda: transform(sagemaker, "somebody-elses", "ml.m5.large"),
    ):
        with pytest.raises(ClientError, match=r"not authorized|AccessDenied"):
            refused()
    assert s3.list_objects_v2(Bucket=results, Prefix="jobs/other/")["KeyCount"] == 0
    assert function("events").put_events(Entries=[event])["FailedEntryCount"] == 0


def test_ends_a_large_result_only_where_there_is_none(stack: RunState, client: Client, without: Without) -> None:
    s3 = acting_as(stack, client, without("UploadsProcessRole", "none:Nothing", "lambda.amazonaws.com"))("s3")
    target = {"Bucket": stack.results_bucket, "Key": f"jobs/nobody/{time.time_ns()}/predictions.jsonl"}
    upload = {**target, "UploadId": s3.create_multipart_upload(**target)["UploadId"]}
    part = {"PartNumber": 1, "ETag": s3.upload_part(**upload, PartNumber=1, Body=b"{}")["ETag"]}
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [part]})
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [part]}, IfNoneMatch="*")
    s3.abort_multipart_upload(**target, UploadId=s3.create_multipart_upload(**target)["UploadId"])


def test_replaces_no_archive(stack: RunState, client: Client, without: Without) -> None:
    """What was approved stays what was measured."""
    s3 = acting_as(stack, client, without("TrainingEvaluateRole", "none:Nothing", SAGEMAKER))("s3")
    target = {"Bucket": stack.dump_bucket, "Key": f"models/digits/{time.time_ns()}/best/model.tar.gz"}
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_object(**target, Body=b"without a condition")
    s3.put_object(**target, Body=b"approved", IfNoneMatch="*")
    for refused in (
        lambda: s3.put_object(**target, Body=b"another"),
        lambda: s3.put_object(**target, Body=b"another", IfNoneMatch="*"),
        lambda: s3.copy_object(**target, CopySource=target),
        lambda: s3.create_multipart_upload(**target),
        lambda: s3.delete_object(**target),
    ):
        with pytest.raises(ClientError, match=r"AccessDenied|PreconditionFailed"):
            refused()
    assert s3.get_object(**target)["Body"].read() == b"approved"


def transform(sagemaker: Any, model: str, instance_type: str) -> None:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://any/any"}}
    sagemaker.create_transform_job(
        TransformJobName="inferstack-local-any",
        ModelName=model,
        TransformInput={"DataSource": source},
        TransformOutput={"S3OutputPath": "s3://any/any"},
        TransformResources={"InstanceType": instance_type, "InstanceCount": 1},
    )


def test_forbids_to_who_may_list_some_prefixes_only_what_is_missing(stack: RunState, client: Client, without: Without) -> None:
    """A read names no prefix; the functions ask the listing then."""
    s3 = acting_as(stack, client, without("UploadsProcessRole", "none:Nothing", "lambda.amazonaws.com"))("s3")
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.get_object(Bucket=stack.results_bucket, Key="jobs/nobody/0/summary.json")
    with pytest.raises(ClientError, match="NoSuchKey"):
        client("s3").get_object(Bucket=stack.results_bucket, Key="jobs/nobody/0/summary.json")


@pytest.mark.parametrize("role", ["RegistryRolloutRole", "RegistryCloudFormationRole"])
def test_an_update_reads_the_toolkits_version_with_both_roles(
    stack: RunState, client: Client, without: Without, roles: dict[str, str], role: str
) -> None:
    service = "lambda.amazonaws.com" if role == "RegistryRolloutRole" else CLOUDFORMATION
    lacking, full = without(role, "ssm:GetParameters", service), f"arn:aws:iam::000000000000:role/{roles['RegistryCloudFormationRole']}"
    caller = acting_as(stack, client, lacking) if role == "RegistryRolloutRole" else client
    with pytest.raises(ClientError, match=r"not authorized to perform: ssm:GetParameters on resource: .*:parameter/cdk-bootstrap/"):
        update_as_function(caller, full if role == "RegistryRolloutRole" else lacking)


def update_as_function(function: Client, role: str | None) -> None:
    """Ask for an update as the rollout function does."""
    given = {"RoleARN": role} if role else {}
    parameters = [{"ParameterKey": name, "UsePreviousValue": True} for name in ("BootstrapVersion", "ModelPackageArn")]
    function("cloudformation").update_stack(
        StackName=STACK, UsePreviousTemplate=True, Parameters=parameters, Capabilities=["CAPABILITY_IAM"], **given
    )


@pytest.mark.parametrize("action", ["sagemaker:CreateModelPackageGroup", "sagemaker:CreateModelPackage", "sagemaker:AddTags"])
def test_a_registration_needs_the_group_and_the_package(client: Client, without: Without, action: str) -> None:
    assert f"not authorized to perform: {action} on resource: arn:aws:sagemaker:" in register(
        client, without("TrainingExecutionsRole", action, SAGEMAKER)
    )


def test_a_registration_looks_the_digest_of_its_image_up(client: Client, without: Without) -> None:
    role, repository = without("TrainingExecutionsRole", "ecr:BatchGetImage", SAGEMAKER), "000000000000.dkr.ecr.us-east-1.amazonaws.com/any"
    said = register(client, role, f"{repository}:latest")
    assert "not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:us-east-1:000000000000:repository/any" in said


def register(client: Client, role: str, image: str = "any") -> str:
    """Run a pipeline of one registration as a role, and return why it failed."""
    sagemaker, name = client("sagemaker"), f"only-registers-{time.time_ns()}"
    arguments = {
        "ModelPackageGroupName": "inferstack-local-digits",
        "ModelApprovalStatus": "PendingManualApproval",
        "InferenceSpecification": {"Containers": [{"Image": image}]},
    }
    step = {"Name": "Register", "Type": "RegisterModel", "Arguments": arguments}
    definition = json.dumps({"Version": "2020-12-01", "Parameters": [], "Steps": [step]})
    sagemaker.create_pipeline(PipelineName=name, PipelineDefinition=definition, RoleArn=role, ClientRequestToken="t" * 32)
    arn = sagemaker.start_pipeline_execution(PipelineName=name)["PipelineExecutionArn"]
    deadline = time.monotonic() + 60
    while (about := sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn))["PipelineExecutionStatus"] == "Executing":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return str(about.get("FailureReason"))


def test_a_model_needs_a_role_that_may_read_its_archive(client: Client, archive: str) -> None:
    role = create_role(client, "reads-nothing", SAGEMAKER, ["s3:ListBucket"])
    with pytest.raises(ClientError, match="Could not access model data at"):
        client("sagemaker").create_model(ModelName="any", ExecutionRoleArn=role, PrimaryContainer={"Image": "any", "ModelDataUrl": archive})


def test_sagemaker_assumes_only_roles_that_trust_it(client: Client, archive: str) -> None:
    role = create_role(client, "trusts-lambda", "lambda.amazonaws.com", ["s3:GetObject"])
    with pytest.raises(ClientError, match=r"Could not assume role .*/trusts-lambda\. Please ensure that the role exists"):
        client("sagemaker").create_model(ModelName="any", ExecutionRoleArn=role, PrimaryContainer={"Image": "any", "ModelDataUrl": archive})


def test_a_request_without_a_signature_is_nobodys(stack: RunState) -> None:
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    headers = {"x-amz-target": "SageMaker.ListModels", "content-type": "application/x-amz-json-1.1"}
    with pytest.raises(HTTPError) as refusal:
        urlopen(Request(stack.aws["AWS_ENDPOINT_URL"], b"{}", headers))
    assert b"Missing Authentication Token" in refusal.value.read()
