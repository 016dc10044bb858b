"""`inferstack doctor --stage dev` in an account of moto's: new, ready, and with a stage deployed."""

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from cli.account.bootstrap import LEAST_VERSION, PARAMETER
from cli.account.names import list_names
from cli.account.resource_types import LACKED_IN, UNKNOWN, list_types
from cli.doctor.account_checks import check_account
from cli.finding import Finding
from cli.main import app
from cli.services import Services
from deployment.stages import settings_for
from deployment.training_regions import ACCOUNTS
from tests.moto_aws import ACCOUNT, REGION, create_client, empty_account
from tests.new_account import NewAccountQuotas

PROVIDERS = Path(str(find_spec("cfnlint").origin)).parent / "data/schemas/providers"
TEMPLATE = {
    "Resources": {
        "Alarms12": {"Type": "AWS::SNS::Topic", "Properties": {"Subscription": [{"Protocol": "email", "Endpoint": "ada@example.com"}]}},
    },
    "Outputs": {"EndpointName": {"Value": "inferstack-dev-digits"}},
}
MODEL = {"ModelName": "m", "ExecutionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/r", "PrimaryContainer": {"Image": "i"}}
INSTANCE = {"VariantName": "AllTraffic", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with empty_account():
        yield


def connect(quotas: NewAccountQuotas) -> Any:
    return lambda stage, region="": lambda service: quotas if service == "service-quotas" else create_client(service)


def open_registry() -> httpx.Client:
    return httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200)))


def check(quotas: NewAccountQuotas, **settings: Any) -> dict[str, Finding]:
    findings = check_account(settings_for("dev", **settings), connect(quotas), open_registry())
    return {finding.name: finding for finding in findings}


def bootstrap() -> None:
    create_client("ssm").put_parameter(Name=PARAMETER, Value="27", Type="String")


def test_says_of_a_new_account_what_to_do_before_a_deploy() -> None:
    services = Services(open_http=open_registry, connect_aws=connect(NewAccountQuotas()))
    result = CliRunner().invoke(app, ["doctor", "--stage", "dev", "--json"], obj=services)
    assert result.exit_code == 1
    findings = {finding["name"]: finding for finding in json.loads(result.stdout)}
    assert {
        "Python",
        "region",
        "identity",
        "stacks",
        "leftovers",
        "endpoint",
        "alarm mail",
        "image base",
        "instance types",
    } <= findings.keys()
    assert findings["CDK bootstrap"]["fix"] == f"npx cdk bootstrap aws://{ACCOUNT}/{REGION} --app cdk.out"
    assert not findings["quota of sagemaker: ml.m5.large for transform job usage"]["ok"]
    assert all(finding["fix"] for finding in findings.values() if not finding["ok"])


def test_asks_for_the_toolkit_in_the_firewalls_region_too() -> None:
    finding = check(NewAccountQuotas(), web_acl="create")["CDK bootstrap of us-east-1"]
    assert (finding.ok, finding.fix) == (False, f"npx cdk bootstrap aws://{ACCOUNT}/us-east-1 --app cdk.out")


def test_looks_at_the_vpc_and_at_what_can_be_reached_from_it() -> None:
    ec2 = create_client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24")["Subnet"]["SubnetId"] for n in (1, 2)]
    group = ec2.create_security_group(GroupName="a", Description="a", VpcId=vpc)["GroupId"]

    def look(*ids: str) -> Finding:
        return check(NewAccountQuotas(), vpc=",".join(ids))["network"]

    assert look(*subnets, "sg-0a1b2c3d").found == "the region has no sg-0a1b2c3d"
    assert "no way to the internet by NAT" in look(*subnets, group).found
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=address)["NatGateway"]["NatGatewayId"]
    (main,) = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
    ec2.create_route(RouteTableId=main["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
    assert "no endpoint for S3" in look(*subnets, group).found
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.s3", RouteTableIds=[main["RouteTableId"]])
    assert look(*subnets, group).ok
    other = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    stranger = ec2.create_security_group(GroupName="b", Description="b", VpcId=other)["GroupId"]
    assert "of 2 VPCs" in look(*subnets, stranger).found


def test_finds_nothing_to_fix_in_an_account_that_is_ready() -> None:
    bootstrap()
    quotas = NewAccountQuotas()
    for of_service in quotas.quotas.values():
        of_service.update({name: (code, 100.0) for name, (code, _) in of_service.items()})
    assert [finding for finding in check(quotas).values() if not finding.ok] == []


def test_knows_a_deployed_stage() -> None:
    bootstrap()
    create_client("cloudformation").create_stack(StackName="Inferstack-dev-Inference", TemplateBody=json.dumps(TEMPLATE))
    sagemaker = create_client("sagemaker")
    sagemaker.create_model(**MODEL)
    sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[INSTANCE])
    sagemaker.create_endpoint(EndpointName="inferstack-dev-digits", EndpointConfigName="c")
    findings = check(NewAccountQuotas())
    assert findings["stacks"].found == "1 of 5 are deployed"
    assert "machine ml.m5.large → serverless" in findings["endpoint"].found
    assert findings["endpoint"].found.startswith("these settings replace inferstack-dev-digits")
    assert check(NewAccountQuotas(), endpoint_kind="cpu", instance_type="ml.m5.large")["endpoint"].ok


def test_keeps_the_key_of_a_deployed_stage() -> None:
    bootstrap()
    s3, key = create_client("s3"), create_client("kms").create_key()["KeyMetadata"]["Arn"]
    s3.create_bucket(Bucket="dump", CreateBucketConfiguration={"LocationConstraint": REGION})
    template = {"Resources": {"Any": {"Type": "AWS::SNS::Topic"}}, "Outputs": {"DumpBucketName": {"Value": "dump"}}}
    create_client("cloudformation").create_stack(StackName="Inferstack-dev-Storage", TemplateBody=json.dumps(template))
    assert check(NewAccountQuotas())["encryption key"].ok
    by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": by_default}]}
    s3.put_bucket_encryption(Bucket="dump", ServerSideEncryptionConfiguration=rules)
    assert not check(NewAccountQuotas())["encryption key"].ok
    assert check(NewAccountQuotas(), encryption_key=key)["encryption key"].ok


def test_finds_what_an_earlier_deployment_left_behind() -> None:
    bootstrap()
    create_client("sagemaker").create_model_package_group(ModelPackageGroupName="inferstack-dev-digits")
    create_client("logs").create_log_group(logGroupName="/aws/sagemaker/Endpoints/inferstack-dev-digits")
    tags = {"Tagging": {"TagSet": [{"Key": "inferstack:stage", "Value": "dev"}]}}
    create_client("s3").create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": REGION})
    create_client("s3").put_bucket_tagging(Bucket="kept", **tags)
    findings = check(NewAccountQuotas())
    assert "--import-existing-resources" in findings["name of the model package group"].fix
    assert "delete-log-group" in findings["name of the log group"].fix
    assert "arn:aws:s3:::kept" in findings["leftovers"].found
    assert findings["name of the pipeline"].ok


def test_asks_an_account_nothing_without_credentials_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from cli.stage.aws import AwsFailed

    def refuse(service: str) -> Any:
        raise AwsFailed("Unable to locate credentials")

    found = list(check_account(settings_for("dev"), lambda stage, region="": refuse, open_registry()))
    assert [finding.name for finding in found] == ["region", "resource types", "identity"]
    assert "aws sso login" in found[-1].fix


def test_asks_for_the_bootstrap_version_that_the_stacks_need(stage: Any) -> None:
    for template in stage.templates.values():
        (rule,) = template["Rules"]["CheckBootstrapVersion"]["Assertions"]
        too_old = rule["Assert"]["Fn::Not"][0]["Fn::Contains"][0]
        assert too_old == [str(version) for version in range(1, LEAST_VERSION)]


def test_looks_at_every_name_that_the_stacks_give(stage: Any) -> None:
    """A name that is taken stops a deploy half-way. CloudFront's and the dashboard's are not looked at: nothing of them is kept."""
    properties = {
        "AWS::SageMaker::Endpoint": "EndpointName",
        "AWS::SageMaker::ModelPackageGroup": "ModelPackageGroupName",
        "AWS::SageMaker::Pipeline": "PipelineName",
        "AWS::SageMaker::NotebookInstance": "NotebookInstanceName",
        "AWS::Logs::LogGroup": "LogGroupName",
        "AWS::S3::Bucket": "BucketName",
        "AWS::SQS::Queue": "QueueName",
        "AWS::Cognito::UserPool": "UserPoolName",
    }
    given = [each[name] for type_, name in properties.items() for each in stage.properties(type_) if name in each]
    # What is no text has another resource's name in it, which CloudFormation makes unique.
    assert {name for name in given if isinstance(name, str)} == {taken.name for taken in list_names(stage.settings)}


def test_knows_which_regions_lack_a_type_of_the_stacks(synthesize: Any) -> None:
    """cfn-lint brings the schemas that CloudFormation publishes for each region; of some partitions it has none, and takes us-east-1's."""
    options = {"notebook": True, "monthly_budget_usd": 100, "web_acl": "create", "encryption_key": "create", "endpoint_kind": "cpu"}
    schemas = {path.stem: frozenset(json.loads(path.read_text())) for path in PROVIDERS.glob("*.json") if path.stem in ACCOUNTS}
    regions = {region: known for region, known in schemas.items() if region == "us-east-1" or known != schemas["us-east-1"]}
    assert len(regions) > 30
    assert set(UNKNOWN) == set(ACCOUNTS) - set(regions)
    for each in (
        synthesize("prod", **options),
        synthesize("dev", auth="iam", serving_image="111122223333.dkr.ecr.ca-west-1.amazonaws.com/server:1"),
    ):
        types = {resource["Type"] for _, _, resource in each.all() if not resource["Type"].startswith("Custom::")}
        lacked = {type_: {region for region, known in regions.items() if type_ not in known} for type_ in types}
        assert {type_: set(LACKED_IN[type_]) for type_ in list_types(each.settings)} == {t: found for t, found in lacked.items() if found}
