"""checkov's rules for CloudFormation: nothing is found without a reason, and no reason is left over.

checkov counts a reason as used where its rule is kept too, so it reads the templates without the reasons, and the test compares.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [str(ROOT / ".venvs/checkov/bin/checkov"), "--framework", "cloudformation", "--output", "json", "--compact", "--quiet"]
Place = tuple[str, str, str]  # a combination and its stack, a resource, a rule


def take_reasons(name: str, stack: str, template: dict[str, Any]) -> dict[Place, str]:
    """Return the reasons of a template's resources, and remove them from it."""
    return {
        (f"{name}-{stack}", resource_id, skip["id"]): skip["comment"]
        for resource_id, resource in template["Resources"].items()
        for skip in resource.get("Metadata", {}).pop("checkov", {}).get("skip", [])
    }


@pytest.fixture(scope="session")
def reasons(stages: dict[str, Any], bare_templates: tuple[Path, dict[Place, str]]) -> dict[Place, str]:
    return bare_templates[1]


@pytest.fixture(scope="session")
def bare_templates(stages: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[Place, str]]:
    """A folder with the templates of all stages, and the reasons that were in them."""
    folder, reasons = tmp_path_factory.mktemp("templates"), {}
    for name, stage in stages.items():
        for stack, template in json.loads(json.dumps(stage.templates)).items():
            reasons |= take_reasons(name, stack, template)
            (folder / f"{name}-{stack}.json").write_text(json.dumps(template))
    return folder, reasons


@pytest.fixture(scope="session")
def findings(bare_templates: tuple[Path, dict[Place, str]]) -> set[Place]:
    result = subprocess.run([*COMMAND, "--directory", str(bare_templates[0])], capture_output=True, text=True, timeout=800, check=False)
    report = json.loads(result.stdout)
    assert report["summary"]["parsing_errors"] == 0
    assert report["summary"]["resource_count"] > 300
    return {
        (Path(failed["file_path"]).stem, failed["resource"].partition(".")[2], failed["check_id"])
        for failed in report["results"]["failed_checks"]
    }


def test_breaks_no_rule_without_a_reason(findings: set[Place], reasons: dict[Place, str]) -> None:
    assert sorted(findings - reasons.keys()) == []


def test_has_no_reason_for_what_is_not_found(findings: set[Place], reasons: dict[Place, str]) -> None:
    assert sorted(reasons.keys() - findings) == []


def test_has_a_text_for_each_reason(reasons: dict[Place, str]) -> None:
    assert {place: text for place, text in reasons.items() if len(text.split()) < 4} == {}
