"""The model registry and its rollouts, as the templates have them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from stacks.constructs.rollout.model_registry import count_receives
from tests.grants import as_list
from tests.infra.conftest import telemetry

UPDATED = {"AWS::SageMaker::Model", "AWS::SageMaker::EndpointConfig", "AWS::SageMaker::Endpoint"}


def queues(stage: Any) -> tuple[str, dict[str, Any], str, dict[str, Any]]:
    """Return the queue's and the dead-letter queue's logical ids and properties."""
    found = {name.split("/")[1]: each["Properties"] for name, each in stage.of("Registry").resources("AWS::SQS::Queue").items()}
    (queue,) = [name for name, properties in found.items() if "RedrivePolicy" in properties]
    (dead,) = [name for name in found if name != queue]
    return queue, found[queue], dead, found[dead]


def function(stage: Any) -> Any:
    (found,) = stage.of("Registry").resources("AWS::Lambda::Function").values()
    assert found["Properties"]["Handler"] == "functions.rollout.function.handler"
    return found


def cloudformation_role(stage: Any) -> str:
    return str(function(stage)["Properties"]["Environment"]["Variables"]["STACK_ROLE_ARN"]["Fn::GetAtt"][0])


def allowed(stage: Any, role: str) -> dict[str, list[dict[str, Any]]]:
    """Return the statements of a role for each action."""
    found: dict[str, list[dict[str, Any]]] = {}
    for statement in stage.statements(role):
        for action in as_list(statement["Action"]):
            found.setdefault(action, []).append(statement)
    return found


def refers_to(value: Any, name: str) -> bool:
    """Return whether a template's value depends on a parameter or a resource, directly."""
    if isinstance(value, dict):
        return value.get("Ref") == name or value.get("Fn::GetAtt", [""])[0] == name or any(refers_to(each, name) for each in value.values())
    return isinstance(value, list) and any(refers_to(each, name) for each in value)


def test_is_woken_by_its_own_group_and_the_ends_of_its_endpoints_deployments(stage: Any) -> None:
    name = f"inferstack-{stage.settings.stage}-digits"
    assert stage.one("AWS::SageMaker::ModelPackageGroup")["ModelPackageGroupName"] == name
    rules = stage.of("Registry").properties("AWS::Events::Rule")
    patterns = {rule["EventPattern"]["detail-type"][0]: rule["EventPattern"] for rule in rules if "EventPattern" in rule}
    assert [rule["ScheduleExpression"] for rule in rules if "EventPattern" not in rule] == ["rate(1 day)"]  # for an event that was lost
    assert all(pattern["source"] == ["aws.sagemaker"] for pattern in patterns.values())
    assert {kind: pattern["detail"] for kind, pattern in patterns.items()} == {
        "SageMaker Model Package State Change": {"ModelPackageGroupName": [name]},
        "SageMaker Endpoint State Change": {"EndpointName": [name], "EndpointStatus": ["IN_SERVICE", "InService", "FAILED", "Failed"]},
    }
    queue, _, dead, _ = queues(stage)
    for rule in rules:
        (target,) = rule["Targets"]
        assert target["Arn"]["Fn::GetAtt"][0] == queue
        assert target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0] == dead


def test_keeps_messages_encrypted_for_two_weeks_and_takes_them_over_tls_only(stage: Any) -> None:
    queue_name, queue, dead_name, dead = queues(stage)
    for name, each in ((queue_name, queue), (dead_name, dead)):
        assert (each["SqsManagedSseEnabled"], each["MessageRetentionPeriod"]) == (True, 14 * 86_400)
        policies = [p for p in stage.properties("AWS::SQS::QueuePolicy") if p["Queues"] == [{"Ref": name}]]
        denied = [s for p in policies for s in p["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
        assert [s["Condition"] for s in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]


def test_hides_a_message_for_one_look_and_follows_the_longest_rollout(stage: Any) -> None:
    _, queue, dead, _ = queues(stage)
    assert queue["VisibilityTimeout"] >= function(stage)["Properties"]["Timeout"]
    assert queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0] == dead
    most = queue["RedrivePolicy"]["maxReceiveCount"]
    assert most <= 1000
    if stage.settings.is_deployed:  # 75 minutes, and as long again for a version that waits for another's rollout
        assert most * stage.settings.rollout_poll_s >= 2 * 75 * 60
    source = stage.of("Registry").one("AWS::Lambda::EventSourceMapping")
    assert (source["BatchSize"], source["FunctionResponseTypes"]) == (1, ["ReportBatchItemFailures"])


@pytest.mark.parametrize(("poll_s", "expected"), [(900, 10), (60, 150), (61, 148), (1, 1000)])
def test_receives_as_often_as_sqs_lets_it(poll_s: int, expected: int) -> None:
    assert count_receives(poll_s) == expected


def test_lets_the_function_look_decide_and_update_one_stack_only(stage: Any) -> None:
    found = allowed(stage, stage.role_of(function(stage)))
    assert set(found) == telemetry(stage) | {
        "sagemaker:ListModelPackages",
        "sagemaker:DescribeModelPackage",
        "sagemaker:UpdateModelPackage",
        "sagemaker:DescribeEndpoint",
        "cloudformation:DescribeStacks",
        "cloudformation:DescribeStackEvents",
        "cloudformation:UpdateStack",
        "iam:PassRole",
        "ssm:GetParameters",
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:ChangeMessageVisibility",
        "sqs:GetQueueAttributes",
    }
    name = stage.settings.stage
    for action, statements in found.items():
        text = json.dumps([statement["Resource"] for statement in statements])
        if action.startswith("cloudformation:"):
            assert f":stack/Inferstack-{name}-Inference/*" in text
        if action == "sagemaker:DescribeEndpoint":
            assert f":endpoint/inferstack-{name}-digits" in text
        elif action.startswith("sagemaker:"):
            assert f":model-package/inferstack-{name}-digits/*" in text


def test_updates_the_stack_as_its_own_role_and_never_as_who_deployed_it(stage: Any) -> None:
    found, role = allowed(stage, stage.role_of(function(stage))), {"Fn::GetAtt": [cloudformation_role(stage), "Arn"]}
    (update,), (pass_role,) = found["cloudformation:UpdateStack"], found["iam:PassRole"]
    assert update["Condition"] == {
        "StringEquals": {"cloudformation:RoleArn": role},
        "Null": {"cloudformation:TemplateUrl": "true", "cloudformation:StackPolicyUrl": "true"},
    }
    assert pass_role["Resource"] == role
    assert pass_role["Condition"] == {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}}


def test_takes_an_approval_back_and_gives_none(stage: Any) -> None:
    (update,) = allowed(stage, stage.role_of(function(stage)))["sagemaker:UpdateModelPackage"]
    assert update["Condition"] == {"StringEquals": {"sagemaker:ModelApprovalStatus": "Rejected"}}


@pytest.mark.parametrize(("approval", "status"), [("manual", "PendingManualApproval"), ("automatic", "Approved")])
def test_lets_a_pipeline_approve_only_where_nobody_else_does(synthesize: Any, every_option: Any, approval: str, status: str) -> None:
    stage = every_option if approval == "automatic" else synthesize("dev")
    (register,) = allowed(stage, stage.one("AWS::SageMaker::Pipeline")["RoleArn"]["Fn::GetAtt"][0])["sagemaker:CreateModelPackage"]
    assert register["Condition"] == {"StringEquals": {"sagemaker:ModelApprovalStatus": status}}


@pytest.mark.parametrize("kind", ["serverless", "cpu"])
def test_lets_cloudformation_create_the_stages_models_and_machines_only(synthesize: Any, kind: str) -> None:
    """An own template, which no condition of UpdateStack can forbid, gets no further than this."""
    stage = synthesize("prod", endpoint_kind=kind)
    found, settings = allowed(stage, cloudformation_role(stage)), stage.settings
    (model,), (config,), (tags,) = (found[f"sagemaker:{each}"] for each in ("CreateModel", "CreateEndpointConfig", "AddTags"))
    tagged = {"StringEquals": {"aws:RequestTag/inferstack:stage": "prod"}}
    isolated = {} if kind == "serverless" else {"Bool": {"sagemaker:NetworkIsolation": "true"}}
    assert model["Condition"] == {**tagged, **isolated}
    condition = dict(config["Condition"])
    assert condition.pop("ForAllValues:ArnLike") == {"sagemaker:ModelArn": model["Resource"]}
    most = {"sagemaker:ServerlessMemorySize": settings.endpoint_memory_mb, "sagemaker:ServerlessMaxConcurrency": 5}
    machines: dict[str, Any] = {"Null": {"sagemaker:InstanceTypes": "true"}, "ForAllValues:NumericLessThanEquals": most}
    if kind == "cpu":
        machines = {"ForAllValues:StringEquals": {"sagemaker:InstanceTypes": [settings.endpoint_instance_type]}}
    assert condition == {**tagged, **machines}
    assert tags["Condition"] == {"Null": {"sagemaker:TaggingAction": "false"}}
    assert ":endpoint/" not in json.dumps(tags["Resource"])


def test_names_models_and_configurations_by_their_stage(stage: Any) -> None:
    """CloudFormation makes a name of the logical id's beginning, and policies know the stage's models by it."""
    for kind, word in (("Model", "model"), ("EndpointConfig", "config")):
        prefix = f"inferstack{stage.settings.stage}{word}"
        ids = [name.split("/")[1] for name in stage.resources(f"AWS::SageMaker::{kind}")]
        assert [each for each in ids if not each.startswith(prefix)] == []
        (describe,) = allowed(stage, cloudformation_role(stage))[f"sagemaker:Describe{kind}"]
        assert f"/*{prefix}*" in json.dumps(describe["Resource"])


def test_lets_cloudformation_exchange_the_model_and_nothing_else(stage: Any) -> None:
    name = cloudformation_role(stage)
    (trust,) = stage.templates["Registry"]["Resources"][name]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "cloudformation.amazonaws.com"}
    found = allowed(stage, name)
    kind = {"cloudwatch:DescribeAlarms"} if not stage.settings.is_serverless else set()
    assert {action for action in found if not action.startswith("sagemaker:")} == {
        "iam:PassRole",
        "iam:GetRole",
        "cloudformation:DescribeStacks",
        "ssm:GetParameters",
        *kind,
    }
    (outputs,) = found["cloudformation:DescribeStacks"]
    assert f":stack/Inferstack-{stage.settings.stage}-Storage/*" in json.dumps(outputs["Resource"])
    assert not {"sagemaker:DeleteEndpoint", "sagemaker:CreateEndpoint"} & set(found)
    for action in ("sagemaker:DeleteModel", "sagemaker:DeleteEndpointConfig"):
        assert [s["Condition"] for s in found[action]] == [{"StringEquals": {"aws:ResourceTag/inferstack:stage": stage.settings.stage}}]
    (update,) = found["sagemaker:UpdateEndpoint"]
    assert f":endpoint/inferstack-{stage.settings.stage}-digits" in json.dumps(update["Resource"])


def test_may_pass_the_very_role_that_the_endpoints_models_run_as(stage: Any) -> None:
    (passed,) = allowed(stage, cloudformation_role(stage))["iam:PassRole"]
    pattern = json.dumps(passed["Resource"]).rsplit(":role/", 1)[1].split("*")[0]
    role = stage.one("AWS::SageMaker::Model")["ExecutionRoleArn"]["Fn::GetAtt"][0]
    assert f"Inferstack-{stage.settings.stage}-Inference-{role}".startswith(pattern)
    assert len(f"Inferstack-{stage.settings.stage}-Inference-{role}-123456789012") <= 64  # else IAM's name is another
    assert passed["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


def test_tags_what_a_rollout_may_remove(stage: Any) -> None:
    tag = {"Key": "inferstack:stage", "Value": stage.settings.stage}
    for kind in ("AWS::SageMaker::Model", "AWS::SageMaker::EndpointConfig"):
        assert all(tag in properties["Tags"] for properties in stage.properties(kind))


@pytest.mark.parametrize("kind", ["serverless", "cpu"])
def test_changes_only_model_configuration_and_endpoint(synthesize: Any, kind: str) -> None:
    template = synthesize("prod", endpoint_kind=kind).templates["Inference"]
    resources = template["Resources"]
    uses_condition = {name for name, each in resources.items() if "HasModelPackage" in json.dumps(each)}
    changed = {name for name, each in resources.items() if refers_to(each, "ModelPackageArn")}
    assert uses_condition == changed
    assert {resources[name]["Type"] for name in changed} == {"AWS::SageMaker::Model"}
    while more := {name for name, each in resources.items() if any(refers_to(each, one) for one in changed)} - changed:
        changed |= more
    assert {resources[name]["Type"] for name in changed} == UPDATED


def test_changes_no_more_than_the_stack_policy_allows() -> None:
    """The policy of docs/rollouts.md: with one, CloudFormation refuses what it does not allow."""
    (statement,) = json.loads((Path(__file__).resolve().parents[2] / "deployment/endpoint_stack_policy.json").read_text())["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Allow", ["Update:Modify", "Update:Replace"])
    assert set(statement["Condition"]["StringEquals"]["ResourceType"]) == UPDATED


def test_serves_a_package_with_the_first_variant_only(synthesize: Any) -> None:
    stage = synthesize("dev", endpoint_kind="cpu", variants="champion:0.9,challenger:0.1:models/digits/new.tar.gz")
    by_variant = {
        variant["VariantName"]: stage.templates["Inference"]["Resources"][variant["ModelName"]["Fn::GetAtt"][0]]["Properties"]
        for variant in stage.one("AWS::SageMaker::EndpointConfig")["ProductionVariants"]
    }
    condition, package, deployed = by_variant["champion"]["PrimaryContainer"]["Fn::If"]
    assert (condition, package) == ("HasModelPackage", {"ModelPackageName": {"Ref": "ModelPackageArn"}})
    assert set(deployed) == {"Image", "ModelDataUrl", "Environment"}
    assert set(by_variant["challenger"]["PrimaryContainer"]) == set(deployed)


def test_serves_the_deployments_model_until_a_package_is_approved(stage: Any) -> None:
    template = stage.templates["Inference"]
    parameter = template["Parameters"]["ModelPackageArn"]
    assert parameter["Default"] == ""
    assert template["Conditions"]["HasModelPackage"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "ModelPackageArn"}, ""]}]}
    arn = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/inferstack-dev-digits/12"
    allowed_ = [each for each in ("", arn, arn.removesuffix("/12"), f"{arn} ", "12") if re.search(parameter["AllowedPattern"], each)]
    assert allowed_ == ["", arn]


def test_lets_the_server_read_every_packages_archive(stage: Any) -> None:
    role = stage.one("AWS::SageMaker::Model")["ExecutionRoleArn"]["Fn::GetAtt"][0]
    reads = [json.dumps(s["Resource"]) for s in stage.statements(role) if s["Action"] == "s3:GetObject"]
    assert len([resource for resource in reads if '"/models/*"' in resource]) == 1


def test_is_deployed_before_the_endpoint_whose_first_event_it_must_see(stage: Any) -> None:
    """Where versions were kept, that event is what brings the approved one to a new endpoint."""
    manifest = json.loads((stage.folder / "manifest.json").read_text())["artifacts"]
    name = f"Inferstack-{stage.settings.stage}"
    assert f"{name}-Registry" in manifest[f"{name}-Inference"]["dependencies"]
    assert f"{name}-Inference" not in manifest[f"{name}-Registry"]["dependencies"]


def test_has_no_export_between_it_and_the_endpoint(stage: Any) -> None:
    """Each can be updated, and deleted, without the other."""
    for part, other in (("Registry", "Inference"), ("Inference", "Registry")):
        template = json.dumps(stage.templates[part])
        assert "Fn::ImportValue" not in template
        assert f'"StackName": "Inferstack-{stage.settings.stage}-{other}"' not in template


def test_wakes_somebody_when_a_rollout_is_stuck(stage: Any) -> None:
    _, _, dead, _ = queues(stage)
    alarms = {alarm["MetricName"]: alarm for alarm in stage.of("Registry").properties("AWS::CloudWatch::Alarm")}
    assert set(alarms) == {"ApproximateNumberOfMessagesVisible", "Errors"}
    assert dead in json.dumps(alarms["ApproximateNumberOfMessagesVisible"]["Dimensions"])
    assert {(alarm["Threshold"], alarm["EvaluationPeriods"]) for alarm in alarms.values()} == {(0, 1)}


def test_gives_each_stage_the_time_it_bakes(synthesize: Any) -> None:
    for stage_name, expected in (("local", 4), ("prod", 300)):
        policy = synthesize(stage_name, endpoint_kind="cpu").one("AWS::SageMaker::Endpoint")["DeploymentConfig"]["BlueGreenUpdatePolicy"]
        assert policy["TerminationWaitInSeconds"] == expected
        assert policy["TrafficRoutingConfiguration"]["WaitIntervalInSeconds"] == expected
