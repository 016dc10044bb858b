"""cdk-nag's packs AwsSolutions, Serverless and NIST 800-53 R5: nothing is found without a reason, and no reason is left over."""

import json
from typing import Any

import pytest

from tests.checkers.conftest import COMBINATIONS

PREFIX, ANYTHING = "AwsSolutions-IAM5[Resource::", "AwsSolutions-IAM5[Resource::*]"
PREFIX_REASON = "AwsSolutions::AwsSolutions-IAM5"  # a role's one reason for names that begin alike: a finding's own name holds whole ARNs
Reasons = dict[tuple[str, str], str]


@pytest.fixture(scope="module")
def stages(synthesize: Any) -> dict[str, Any]:
    """The stages by the combination's name, each with the findings of the packs in validation-report.json."""
    from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks, ServerlessChecks

    packs = (AwsSolutionsChecks(), ServerlessChecks(), NIST80053R5Checks())
    return {name: synthesize(stage, plugins=packs, **overrides) for name, (stage, overrides) in COMBINATIONS.items()}


@pytest.fixture(params=list(COMBINATIONS))
def stage(request: pytest.FixtureRequest, stages: dict[str, Any]) -> Any:
    return stages[request.param]


def read_reports(stage: Any) -> list[dict[str, Any]]:
    return list(json.loads((stage.folder / "validation-report.json").read_text())["pluginReports"])


def list_findings(stage: Any) -> list[tuple[str, str]]:
    """Return the rules that are broken without a reason at the resource or above it, and where."""
    return [
        (violation["ruleName"], construct["constructPath"])
        for report in read_reports(stage)
        for violation in report["violations"]
        for construct in violation["violatingConstructs"]
    ]


def list_reasons(stage: Any) -> Reasons:
    """Return each reason by the construct's path and the rule."""
    return {
        (construct.removeprefix("/"), rule): reason
        for path in stage.folder.glob("*.metadata.json")
        for construct, entries in json.loads(path.read_text()).items()
        for entry in entries
        if entry["type"] == "aws:cdk:acknowledged-rules"
        for rule, reason in entry["data"].items()
    }


def find_prefix_reason(finding: tuple[str, str], reasons: Reasons) -> tuple[str, str] | None:
    """Return which reason of a role answers a finding about objects under a prefix, if one does."""
    rule, path = finding
    reason = (path.removesuffix("/DefaultPolicy/Resource"), PREFIX_REASON)
    return reason if rule.startswith(PREFIX) and rule != ANYTHING and reason in reasons else None


def test_breaks_no_rule_without_a_reason(stage: Any) -> None:
    packs = {report["pluginName"] for report in read_reports(stage)}
    assert {"AwsSolutions", "Serverless", "NIST.800.53.R5"} <= packs
    reasons = list_reasons(stage)
    assert [finding for finding in list_findings(stage) if not find_prefix_reason(finding, reasons)] == []


def test_has_a_text_for_each_reason(stage: Any) -> None:
    reasons = list_reasons(stage)
    assert len(reasons) > 50
    assert {place: text for place, text in reasons.items() if len(str(text).split()) < 4} == {}


def test_has_no_reason_for_what_is_not_found(stage: Any) -> None:
    """A reason may answer rules of several packs: one of them must be broken."""
    reasons = list_reasons(stage)
    used = {find_prefix_reason(finding, reasons) for finding in list_findings(stage)} | {
        (violation["acknowledgedAt"], violation["acknowledgedId"])
        for report in read_reports(stage)
        for violation in report.get("suppressedViolations", [])
    }
    needed = {(path, reasons[path, rule]) for path, rule in used & reasons.keys()}
    assert sorted({(path, text) for (path, _), text in reasons.items()} - needed) == []
