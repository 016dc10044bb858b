"""What bills by the month whether anybody asks or not: `inferstack cost` counts what the templates have."""

from collections import Counter
from typing import Any

import pytest

from scale.bill import list_lines
from scale.facts import find_assumption, find_price
from scale.load import Load
from scale.ways import find_way

# The types that bill so, each by the price of one.
PRICED = {
    "AWS::CloudWatch::Alarm": "alarm-month",
    "AWS::CloudWatch::Dashboard": "dashboard-month",
    "AWS::SecretsManager::Secret": "secret-month",
    "AWS::KMS::Key": "key-month",
    "AWS::WAFv2::WebACL": "web-acl-month",
}


@pytest.mark.parametrize("overrides", [{}, {"recipes": "digits,salary", "id_key": "2", "encryption_key": "create", "web_acl": "create"}])
def test_the_bill_counts_what_the_templates_have(overrides: dict[str, str], synthesize: Any) -> None:
    stage = synthesize("prod", **overrides)
    bill = {line.price.name: line.units for line in list_lines(find_way(stage.settings, "serverless"), Load(), stage.settings)}
    there = Counter(resource["Type"] for _, _, resource in stage.all())
    rules = sum(len(acl["Rules"]) for acl in stage.properties("AWS::WAFv2::WebACL"))
    polls = there["AWS::Lambda::EventSourceMapping"] * find_assumption("idle-queue-requests")
    expected = {PRICED[type_]: count for type_, count in there.items() if type_ in PRICED} | {"sqs-request": polls}
    assert bill == (expected | {"web-acl-rule-month": rules} if rules else expected)
    assert all(find_price(name).charge(1) > 0 for name in bill)
