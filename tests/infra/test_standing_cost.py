"""What bills by the month whether anybody asks or not: `inferstack cost` counts what the templates have."""

from collections import Counter
from typing import Any

import pytest

from scale.bill import list_lines
from scale.facts import find_assumption, find_price
from scale.load import HOURS, Load
from scale.ways import find_way

# The types that bill so, each by the price of one.
PRICED = {
    "AWS::CloudWatch::Alarm": "alarm-month",
    "AWS::CloudWatch::Dashboard": "dashboard-month",
    "AWS::SecretsManager::Secret": "secret-month",
    "AWS::KMS::Key": "key-month",
    "AWS::WAFv2::WebACL": "web-acl-month",
}
SCALING_ALARMS = 2  # that a policy of target tracking makes, one to scale out and one to scale in: they stand in no template
# What bills by what is asked, kept or run, of which the bill has lines of its own, as of a notebook's hours, or deploying.md a word.
BY_USE = {
    *("AWS::ApiGatewayV2::Api", "AWS::AppSync::Api", "AWS::CloudFront::Distribution", "AWS::CodeBuild::Project", "AWS::ECR::Repository"),
    *("AWS::Lambda::Function", "AWS::Logs::LogGroup", "AWS::S3::Bucket", "AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::SageMaker::Endpoint"),
    *("AWS::SageMaker::NotebookInstance", "AWS::SageMaker::Pipeline", "AWS::Lambda::EventSourceMapping", "Custom::CDKContainerImageBuild"),
    "AWS::ApplicationAutoScaling::ScalingPolicy",
}
# What AWS takes nothing for: parts of the above, roles, names. A budget is free while no action hangs on it; Cognito's first 10,000 users
# and events of AWS's own services and of schedules are, too.
FREE = {
    *("AWS::ApiGatewayV2::Authorizer", "AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Stage"),
    *("AWS::AppSync::ChannelNamespace", "AWS::ApplicationAutoScaling::ScalableTarget", "AWS::Budgets::Budget"),
    *("AWS::CloudFront::OriginAccessControl", "AWS::CloudFront::ResponseHeadersPolicy", "AWS::Cognito::UserPool"),
    *("AWS::Cognito::UserPoolClient", "AWS::Cognito::UserPoolDomain", "AWS::Cognito::UserPoolGroup", "AWS::Events::Rule"),
    *("AWS::IAM::Policy", "AWS::IAM::Role", "AWS::Lambda::LayerVersion", "AWS::Lambda::Permission", "AWS::S3::BucketPolicy"),
    *("AWS::SNS::Subscription", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy", "AWS::SageMaker::EndpointConfig"),
    *("AWS::SageMaker::Model", "AWS::SageMaker::ModelPackageGroup", "Custom::CDKBucketDeployment"),
}
EVERYTHING = {"recipes": "digits,salary", "id_key": "2", "encryption_key": "create", "web_acl": "create", "monthly_budget_usd": "9"}


NEW = "models/digits/new.tar.gz"


@pytest.mark.parametrize(
    "overrides",
    [
        {},
        EVERYTHING,
        {"endpoint_kind": "cpu"},
        {"endpoint_kind": "cpu", "shadow": f"shadow:0.5:{NEW}"},
        {"endpoint_kind": "gpu", "variants": f"champion:0.9,challenger:0.1:{NEW}", "instances_min": "3"},
        {**EVERYTHING, "endpoint_kind": "gpu", "shadow": "shadow:0.5", "concurrent_requests_per_instance": "8"},
    ],
)
def test_the_bill_counts_what_the_templates_have(overrides: dict[str, str], synthesize: Any) -> None:
    stage = synthesize("prod", **overrides)
    bill = Counter[str]()
    for line in list_lines(find_way(stage.settings, stage.settings.endpoint_kind), Load(), stage.settings):
        bill[line.price.name] += line.units  # type: ignore[assignment]  # a whole number of what stands
    hours = bill.pop(stage.settings.endpoint_instance_type, 0)
    assert hours == HOURS * sum(fleet.get("InitialInstanceCount", 0) for fleet in list_fleets(stage))
    there = Counter(resource["Type"] for _, _, resource in stage.all())
    rules = sum(len(acl["Rules"]) for acl in stage.properties("AWS::WAFv2::WebACL"))
    polls = there["AWS::Lambda::EventSourceMapping"] * find_assumption("idle-queue-requests")
    expected = {PRICED[type_]: count for type_, count in there.items() if type_ in PRICED} | {"sqs-request": polls}
    for policy in stage.properties("AWS::ApplicationAutoScaling::ScalingPolicy"):
        metric = policy["TargetTrackingScalingPolicyConfiguration"]["PredefinedMetricSpecification"]["PredefinedMetricType"]
        price = "quick-alarm-month" if metric.endswith("HighResolution") else "alarm-month"
        expected[price] = expected.get(price, 0) + SCALING_ALARMS
    assert bill == (expected | {"web-acl-rule-month": rules} if rules else expected)
    assert all(find_price(name).charge(1) > 0 for name in bill)


def list_fleets(stage: Any) -> list[dict[str, Any]]:
    """Return the variants of all endpoints, shadows too: each has instances of its own."""
    configs = stage.properties("AWS::SageMaker::EndpointConfig")
    return [fleet for config in configs for kind in ("Production", "ShadowProduction") for fleet in config.get(f"{kind}Variants", [])]


def test_knows_of_each_type_of_the_templates_whether_it_bills(synthesize: Any, every_option: Any) -> None:
    stages = [synthesize("dev"), synthesize("prod", **EVERYTHING), every_option]
    there = {resource["Type"] for stage in stages for _, _, resource in stage.all()}
    assert there == {*PRICED, *BY_USE, *FREE}
