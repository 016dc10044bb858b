"""What the settings add to protect a stage: a firewall before the page, and a budget."""

import json
from typing import Any

import pytest

from deployment.stages import settings_for
from recipes.errors import InvalidSettings

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


@pytest.mark.parametrize("name", ["tracing", "monthly_budget_usd", "web_acl"])
def test_refuses_what_the_emulator_does_not_have(name: str) -> None:
    values = {"tracing": True, "monthly_budget_usd": 1, "web_acl": "create"}
    with pytest.raises(InvalidSettings, match=f"the emulator has nothing for {name}: leave it out"):
        settings_for("local", **{name: values[name]})
