"""What the settings add to protect a stage: a key for what it keeps, a firewall before the page, and a budget."""

import json
from typing import Any

import pytest

from deployment.stages import settings_for
from recipes.errors import InvalidSettings
from tests.grants import as_list

VPC = "subnet-0a1b2c3d,subnet-4e5f6a7b,sg-8c9d0e1f"
SUBNETS, GROUPS = ["subnet-0a1b2c3d", "subnet-4e5f6a7b"], ["sg-8c9d0e1f"]
ARN = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/page/0a1b"


def read_web_acl(stage: Any) -> Any:
    return stage.one("AWS::CloudFront::Distribution")["DistributionConfig"].get("WebACLId")


def test_puts_a_firewall_before_the_page_only_where_asked(synthesize: Any, deployed: Any) -> None:
    assert read_web_acl(deployed) is None
    assert "Firewall" not in deployed.templates
    assert read_web_acl(synthesize("dev", web_acl=ARN)) == ARN


def test_creates_a_firewall_in_the_region_that_cloudfront_reads(synthesize: Any) -> None:
    stage = synthesize("dev", web_acl="create")
    web_acl = stage.of("Firewall").one("AWS::WAFv2::WebACL")
    assert web_acl["Scope"] == "CLOUDFRONT"
    limits = [rule["Statement"]["RateBasedStatement"]["Limit"] for rule in web_acl["Rules"] if "RateBasedStatement" in rule["Statement"]]
    groups = [rule for rule in web_acl["Rules"] if "ManagedRuleGroupStatement" in rule["Statement"]]
    assert (limits, len(groups)) == ([2000], 3)
    assert {json.dumps(rule["OverrideAction"]) for rule in groups} == {'{"None": {}}'}  # they block
    manifest = json.loads((stage.folder / "manifest.json").read_text())["artifacts"]
    assert manifest["Inferstack-dev-Firewall"]["environment"].endswith("/us-east-1")
    assert "Inferstack-dev-Firewall" in manifest["Inferstack-dev-Web"]["dependencies"]
    read = read_web_acl(stage)["Fn::GetStackOutput"]
    assert (read["StackName"], read["Region"]) == ("Inferstack-dev-Firewall", "us-east-1")
    assert read["OutputName"] in stage.templates["Firewall"]["Outputs"]


def test_tells_the_alarms_topic_of_costs_only_where_there_is_a_budget(synthesize: Any, deployed: Any) -> None:
    assert not deployed.properties("AWS::Budgets::Budget")
    web = synthesize("dev", monthly_budget_usd=100).of("Web")
    budget, (topic,) = web.one("AWS::Budgets::Budget"), [name.split("/")[1] for name in web.resources("AWS::SNS::Topic")]
    assert budget["Budget"]["BudgetLimit"] == {"Amount": 100, "Unit": "USD"}
    told = [each["Subscribers"] for each in budget["NotificationsWithSubscribers"]]
    assert told == [[{"SubscriptionType": "SNS", "Address": {"Ref": topic}}]] * 3
    statements = web.one("AWS::SNS::TopicPolicy")["PolicyDocument"]["Statement"]
    (publishers,) = [s["Principal"]["Service"] for s in statements if s["Effect"] == "Allow"]
    assert publishers == ["budgets.amazonaws.com", "cloudwatch.amazonaws.com"]


@pytest.mark.parametrize("name", ["tracing", "encryption_key", "vpc", "monthly_budget_usd", "web_acl"])
def test_refuses_what_the_emulator_does_not_have(name: str) -> None:
    values = {"tracing": True, "encryption_key": "create", "vpc": VPC, "monthly_budget_usd": 1, "web_acl": "create"}
    with pytest.raises(InvalidSettings, match=f"the emulator has nothing for {name}: leave it out"):
        settings_for("local", **{name: values[name]})


KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
# Where each type has its key. What CloudFront reads, what S3 itself writes, and CDK's helpers have another: see OTHERS.
KEYS = {
    "AWS::S3::Bucket": "BucketEncryption",
    "AWS::SQS::Queue": "KmsMasterKeyId",
    "AWS::SNS::Topic": "KmsMasterKeyId",
    "AWS::Logs::LogGroup": "KmsKeyId",
    "AWS::Lambda::Function": "KmsKeyArn",
    "AWS::SecretsManager::Secret": "KmsKeyId",
    "AWS::SageMaker::NotebookInstance": "KmsKeyId",
    "AWS::SageMaker::EndpointConfig": "KmsKeyId",
}
OTHERS = ("PageFiles", "DumpBucketAccessLogs", "CustomCDKBucketDeployment", "DeployTimeBuildCustomResourceHandler")


@pytest.fixture(scope="module", params=[KEY, "create"])
def encrypted(request: pytest.FixtureRequest, synthesize: Any) -> Any:
    return synthesize("prod", encryption_key=request.param, endpoint_kind="cpu", capture_percent=10, notebook=True)


def test_encrypts_all_that_is_kept_with_the_key(encrypted: Any) -> None:
    found = {
        (kind, name.split("/")[1]): json.dumps(each["Properties"].get(property_, ""))
        for kind, property_ in KEYS.items()
        for name, each in encrypted.resources(kind).items()
        if not name.split("/")[1].startswith(OTHERS)
    }
    assert {kind for kind, _ in found} == KEYS.keys()
    mark = "RefKey" if encrypted.settings.encryption_key == "create" else KEY
    marks = (mark, "FnGetAttKey", '"Fn::GetAtt": ["Key')
    assert {place for place, key in found.items() if not any(each in key for each in marks)} == set()


def test_encrypts_what_jobs_write_and_their_volumes(encrypted: Any) -> None:
    definition = json.dumps(encrypted.one("AWS::SageMaker::Pipeline")["PipelineDefinition"]["PipelineDefinitionBody"])
    jobs = definition.count("ProcessingResources") + definition.count("AlgorithmSpecification")
    assert (definition.count("VolumeKmsKeyId"), definition.count("KmsKeyId") - definition.count("VolumeKmsKeyId")) == (jobs, jobs)
    capture = encrypted.one("AWS::SageMaker::EndpointConfig")["DataCaptureConfig"]
    assert capture["KmsKeyId"]
    (process,) = [f for f in encrypted.properties("AWS::Lambda::Function") if "process_upload" in f["Handler"]]
    assert process["Environment"]["Variables"]["TRANSFORM_OUTPUT_KEY"]
    assert process["Environment"]["Variables"]["TRANSFORM_VOLUME_KEY"]


def test_uses_no_key_for_volumes_that_a_machine_encrypts_itself(synthesize: Any) -> None:
    stage = synthesize("prod", encryption_key=KEY, endpoint_kind="gpu", training_gpu_instance_type="ml.g4dn.xlarge")
    assert "KmsKeyId" not in stage.one("AWS::SageMaker::EndpointConfig")
    (role,) = [name for name in stage.resources("AWS::IAM::Policy") if "CloudFormationRole" in name]
    assert "kms:" not in json.dumps(stage.resources("AWS::IAM::Policy")[role])


def test_lets_roles_use_the_key_for_what_they_do_only(encrypted: Any) -> None:
    used: dict[str, dict[str, list[str]]] = {}
    for name, policy in encrypted.resources("AWS::IAM::Policy").items():
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            for action in (each for each in as_list(statement["Action"]) if each.startswith("kms:")):
                via = statement.get("Condition", {}).get("StringEquals", {}).get("kms:ViaService", [])
                services = [str(each["Fn::Join"][1][0]).strip(".") for each in via]
                used.setdefault(name.split("/")[1].split("RoleDefaultPolicy")[0], {})[action] = services
    read, write = "kms:Decrypt", "kms:GenerateDataKey"
    job = {read: ["s3"], write: ["s3"], "kms:CreateGrant": [], "kms:DescribeKey": []}
    assert used == {
        "Predict": {read: ["lambda"]},
        "Jobs": {read: ["lambda", "s3"], write: ["s3"]},
        "Feedback": {read: ["lambda", "s3"], write: ["s3"]},
        "UploadsProcess": {read: ["lambda", "s3", "sqs"], write: ["s3", "sqs"]},
        "Status": {read: ["lambda", "s3"]},
        "RegistryRollout": {read: ["lambda", "sqs"]},
        "RegistryCloudFormation": {"kms:CreateGrant": [], "kms:DescribeKey": []},
        "Endpoint": job,
        "TrainingPrepare": job,
        "TrainingTrain": job,
        "TrainingEvaluate": job,
        "TrainingExecutions": {read: ["s3"]},
        "Notebook": job,
    }


def test_lets_no_role_hand_the_key_on(encrypted: Any) -> None:
    """A grant lets whoever it names use the key, of any account and for ever: a role makes one only where SageMaker asks on its behalf."""
    statements = [s for each in encrypted.properties("AWS::IAM::Policy") for s in each["PolicyDocument"]["Statement"]]
    granting = [each for each in statements if "kms:CreateGrant" in as_list(each["Action"])]
    assert granting
    assert [each for each in granting if each.get("Condition") != {"Bool": {"kms:GrantIsForAWSResource": "true"}}] == []


def test_creates_a_key_that_changes_and_that_aws_may_use_for_this_account(encrypted: Any) -> None:
    keys = encrypted.properties("AWS::KMS::Key")
    if encrypted.settings.encryption_key != "create":
        assert keys == []
        return
    (key,) = keys
    assert key["EnableKeyRotation"] is True
    senders = {}
    for statement in key["KeyPolicy"]["Statement"]:
        assert not [action for action in as_list(statement["Action"]) if "*" in action]
        senders |= dict.fromkeys(map(str, as_list(statement["Principal"].get("Service", []))), "Condition" in statement)
    assert {name.split(".")[0]: narrowed for name, narrowed in senders.items() if name.endswith(".com")} == {
        "s3": True,
        "cloudwatch": True,
        "budgets": True,
        "events": False,
    }


def test_uses_no_key_unless_asked(stage: Any) -> None:
    assert not [
        word for word in ("kms:", "KmsKeyId", "KmsMasterKeyId", "KMSMasterKeyID", "KmsKeyArn") if word in json.dumps(stage.templates)
    ]


@pytest.fixture(scope="module")
def private(synthesize: Any) -> Any:
    return synthesize("prod", vpc=VPC, endpoint_kind="cpu", notebook=True)


def test_puts_functions_and_machines_into_the_vpc(private: Any) -> None:
    ours = [f for f in private.properties("AWS::Lambda::Function") if str(f["Handler"]).startswith("functions.")]
    assert [f.get("VpcConfig") for f in ours] == [{"SubnetIds": SUBNETS, "SecurityGroupIds": GROUPS}] * 6
    assert [m["VpcConfig"] for m in private.properties("AWS::SageMaker::Model")] == [{"Subnets": SUBNETS, "SecurityGroupIds": GROUPS}]
    notebook = private.one("AWS::SageMaker::NotebookInstance")
    assert (notebook["SubnetId"], notebook["SecurityGroupIds"], notebook["DirectInternetAccess"]) == (SUBNETS[0], GROUPS, "Disabled")
    definition = json.dumps(private.one("AWS::SageMaker::Pipeline")["PipelineDefinition"]["PipelineDefinitionBody"])
    jobs = definition.count("ProcessingResources"), definition.count("AlgorithmSpecification")
    assert (definition.count("NetworkConfig"), definition.count("VpcConfig")) == (jobs[0], sum(jobs))


def test_leaves_a_serverless_endpoint_where_it_is(synthesize: Any) -> None:
    stage = synthesize("dev", vpc=VPC)
    assert "VpcConfig" not in stage.one("AWS::SageMaker::Model")
    assert "ec2:" not in json.dumps(stage.of("Inference").templates)


def test_lets_lambda_create_network_interfaces_and_the_functions_code_not(private: Any) -> None:
    for function in private.resources("AWS::Lambda::Function").values():
        if str(function["Properties"]["Handler"]).startswith("functions."):
            statements = private.statements(private.role_of(function))
            allowed = {action for s in statements if s["Effect"] == "Allow" for action in as_list(s["Action"]) if action.startswith("ec2:")}
            (denied,) = [s for s in statements if s["Effect"] == "Deny"]
            assert set(denied["Action"]) == allowed
            # Whatever its name is: of a long one CloudFormation cuts the stack's name, too.
            assert json.dumps(denied["Condition"]["ArnLike"]["lambda:SourceFunctionArn"]).endswith(':function:*"]]}')


def test_is_in_no_vpc_unless_asked(stage: Any) -> None:
    assert not [word for word in ("ec2:", "VpcConfig", "SubnetId") if word in json.dumps(stage.templates)]


@pytest.mark.parametrize("settings", [{"encryption_key": KEY}, {"vpc": VPC}])
def test_names_a_notebook_anew_with_what_sagemaker_cannot_change_of_it(settings: dict[str, str]) -> None:
    """CloudFormation creates the new one before it deletes the old one, which has its name until then."""
    before, after = settings_for("dev", notebook=True), settings_for("dev", notebook=True, **settings)
    assert before.notebook_name != after.notebook_name
