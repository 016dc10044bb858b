"""What others' rules say of the templates."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.infra.combinations import REGIONS, cover_pairs, list_valid

# CDK's and its libraries' own helpers: their roles, runtimes and projects are not ours to change, and they run only while deploying.
HELPERS = ("Custom::CDKBucketDeployment", "DeployTimeBuildCustomResourceHandler", "ContainerImageBuild")


def test_is_clean_for_cfn_lint(synthesize: Any) -> None:
    """All stages and combinations of settings in one run, each template once: reading CloudFormation's schemas takes a while."""
    stages = [synthesize(name) for name in ("local", "dev", "prod")] + [synthesize("dev", **each) for each in cover_pairs(list_valid())]
    folders = {stage.folder for stage in stages}
    different = {path.read_bytes(): path for folder in folders for path in folder.glob("*.template.json")}
    templates = sorted(map(str, different.values()))
    assert len(templates) > 3 * 5
    # W3005: CDK writes a dependency beside a reference that implies it.
    options = ["--format", "parseable", "--ignore-checks", "W3005", "--regions", *REGIONS]
    command = [Path(sys.executable).with_name("cfn-lint"), *options, "--", *templates]
    result = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert (result.returncode, result.stdout + result.stderr) == (0, "")


@pytest.mark.parametrize(("stage_name", "overrides"), [("local", {}), ("dev", {"notebook": True}), ("prod", {"endpoint_kind": "gpu"})])
def test_breaks_no_rule_of_awssolutions_without_a_reason(synthesize: Any, stage_name: str, overrides: dict[str, Any]) -> None:
    from cdk_nag import AwsSolutionsChecks

    stage = synthesize(stage_name, plugins=(AwsSolutionsChecks(),), **overrides)
    reports = json.loads((stage.folder / "validation-report.json").read_text())["pluginReports"]
    (report,) = [each for each in reports if each["pluginName"] == "AwsSolutions"]
    broken = [
        f"{violation['ruleName']} {construct['constructPath']}"
        for violation in report["violations"]
        for construct in violation["violatingConstructs"]
        if not construct["constructPath"].split("/")[1].startswith(HELPERS)
        and not _is_meant_prefix(violation["ruleName"], construct["constructPath"], acknowledged_rules(stage))
    ]
    assert broken == []


def _is_meant_prefix(rule: str, path: str, acknowledged: dict[str, dict[str, str]]) -> bool:
    """Whether a finding is about objects under a prefix, of a role that says why: the finding's own name holds resolved ARNs."""
    role = path.removesuffix("/DefaultPolicy/Resource")
    is_prefix = rule.startswith("AwsSolutions-IAM5[Resource::") and rule != "AwsSolutions-IAM5[Resource::*]"
    return is_prefix and "AwsSolutions::AwsSolutions-IAM5" in acknowledged.get(f"/{role}", {})


def acknowledged_rules(stage: Any) -> dict[str, dict[str, str]]:
    """Return the reasons given for each rule, by the construct's path."""
    found: dict[str, dict[str, str]] = {}
    for path in stage.folder.glob("*.metadata.json"):
        for construct, entries in json.loads(path.read_text()).items():
            for entry in entries:
                if entry["type"] == "aws:cdk:acknowledged-rules":
                    found.setdefault(construct, {}).update(entry["data"])
    return found


def test_gives_a_reason_with_each_acknowledged_rule(stage: Any) -> None:
    notes = [note for reasons in acknowledged_rules(stage).values() for note in reasons.items()]
    assert len(notes) > 5
    assert [rule for rule, reason in notes if len(str(reason)) < 20] == []
