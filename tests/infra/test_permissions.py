"""Least privilege, as the templates have it."""

import json
import re
from typing import Any

from deployment.training_regions import ACCOUNTS
from tests.grants import as_list
from tests.infra.conftest import BOUNDARY, telemetry

# What CDK and its libraries bring for the time of deploying; their roles are theirs, and they run nothing of ours.
HELPERS = {
    "CustomCDKBucketDeployment": "copies web/ into the page's bucket",
    "DeployTimeBuildCustomResourceHandler": "starts the build of the server's image",
    "ContainerImageBuild": "builds the server's image",
}


def our_roles(stage: Any) -> list[str]:
    roles = [name.split("/")[1] for name in stage.resources("AWS::IAM::Role")]
    return [role for role in roles if not role.startswith(tuple(HELPERS))]


def predict_role(stage: Any) -> str:
    (function,) = [
        f for f in stage.resources("AWS::Lambda::Function").values() if f["Properties"]["Handler"] == "functions.predict.function.handler"
    ]
    return str(stage.role_of(function))


def test_lets_the_predict_function_invoke_its_endpoint_and_write_its_logs_and_nothing_else(stage: Any) -> None:
    allowed = {}
    for statement in stage.statements(predict_role(stage)):
        assert statement["Effect"] == "Allow"
        for action in as_list(statement["Action"]):
            allowed.setdefault(action, []).extend(as_list(statement["Resource"]))
    assert set(allowed) == telemetry(stage) | {"sagemaker:InvokeEndpoint"}
    (endpoint,) = allowed["sagemaker:InvokeEndpoint"]
    arn = "".join(part if isinstance(part, str) else f"<{part['Ref']}>" for part in endpoint["Fn::Join"][1])
    assert arn == f"arn:<AWS::Partition>:sagemaker:<AWS::Region>:<AWS::AccountId>:endpoint/inferstack-{stage.settings.stage}-digits"
    (group,) = {json.dumps(resource) for action in ("logs:CreateLogStream", "logs:PutLogEvents") for resource in allowed[action]}
    name, attribute = json.loads(group)["Fn::GetAtt"]
    assert attribute == "Arn"
    assert name in stage.templates["Web"]["Resources"]
    assert stage.templates["Web"]["Resources"][name]["Type"] == "AWS::Logs::LogGroup"


def test_gives_the_predict_function_no_managed_policy(stage: Any) -> None:
    role = stage.templates["Web"]["Resources"][predict_role(stage)]["Properties"]
    assert "ManagedPolicyArns" not in role
    assert [s["Principal"] for s in role["AssumeRolePolicyDocument"]["Statement"]] == [{"Service": "lambda.amazonaws.com"}]


def test_has_no_wildcard_action_in_a_role_of_ours(stage: Any) -> None:
    roles = our_roles(stage)
    assert len(roles) >= 11  # every one that is ours: a filter that lets none through would pass
    assert [a for role in roles for s in stage.statements(role) for a in as_list(s["Action"]) if "*" in a] == []


def test_has_a_wildcard_resource_only_where_the_action_takes_none(stage: Any) -> None:
    unconditional = {"ecr:GetAuthorizationToken", "xray:PutTraceSegments", "xray:PutTelemetryRecords", "cloudwatch:GetMetricStatistics"}
    for role in our_roles(stage):
        for statement in stage.statements(role):
            if "*" in as_list(statement["Resource"]):
                assert set(as_list(statement["Action"])) <= unconditional | {"cloudwatch:PutMetricData"}
                assert "Condition" in statement or set(as_list(statement["Action"])) <= unconditional


def test_lets_the_server_read_its_model_and_what_is_staged_for_batch_transform(stage: Any) -> None:
    (model,) = stage.properties("AWS::SageMaker::Model")
    role = model["ExecutionRoleArn"]["Fn::GetAtt"][0]
    allowed = [(s["Action"], json.dumps(s["Resource"])) for s in stage.statements(role) if str(s["Action"]).startswith("s3:")]
    assert sorted({action for action, _ in allowed}) == ["s3:GetObject", "s3:ListBucket", "s3:PutObject"]
    reads = " ".join(resource for action, resource in allowed if action == "s3:GetObject")
    assert re.search(r'/[0-9a-f]{64}\.gz"', reads)
    assert "/transform/*/input/*" in reads
    (write,) = [resource for action, resource in allowed if action == "s3:PutObject"]
    assert "/transform/*/output/*" in write


def test_lets_sagemaker_be_the_server_only_for_this_account(stage: Any) -> None:
    role = stage.one("AWS::SageMaker::Model")["ExecutionRoleArn"]["Fn::GetAtt"][0]
    (trust,) = stage.templates["Inference"]["Resources"][role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_lets_only_this_api_call_the_function(stage: Any) -> None:
    permissions = stage.properties("AWS::Lambda::Permission")
    assert permissions
    for permission in permissions:
        assert permission["Principal"] == "apigateway.amazonaws.com"
        assert "HttpApi" in json.dumps(permission["SourceArn"])


def test_names_no_account_and_no_secret(stage: Any) -> None:
    text = json.dumps(stage.templates)
    for account in set(ACCOUNTS.values()):  # AWS's own, whose training images everybody may pull
        text = text.replace(account, "")
    assert re.findall(r"(?<![0-9a-f])\d{12}(?![0-9a-f])", text) == []
    assert re.findall(r"AKIA[0-9A-Z]{16}|-----BEGIN|aws_secret", text) == []


def test_gives_every_role_the_boundary_that_cdks_context_names(every_option: Any) -> None:
    """Those of CDK's helpers included: an organisation that asks for one refuses a role without."""
    roles = every_option.properties("AWS::IAM::Role")
    assert len(roles) > 15
    boundaries = {json.dumps(role.get("PermissionsBoundary")) for role in roles}
    assert len(boundaries) == 1
    assert f":policy/{BOUNDARY}" in boundaries.pop()
