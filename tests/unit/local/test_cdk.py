"""The cdk CLI's events and errors."""

from pathlib import Path
from typing import Any

import pytest

from local import cdk
from local.cdk import EVENT, find_reason

CREATING = "Web | 10/30 | 5:20:12 AM | CREATE_IN_PROGRESS   | AWS::Lambda::Function   | Predict/Function (PredictFunction51F85491) "
FAILED = "Inference |   1 | 5:52:14 AM | CREATE_FAILED        | AWS::SageMaker::Endpoint | Endpoint (E80) The model server ended"


def test_reads_the_cdk_clis_events() -> None:
    creating, failed = EVENT.match(CREATING), EVENT.match(FAILED)
    assert creating
    assert (creating["done"], creating["all"], creating["status"], creating["type"]) == (
        "10",
        "30",
        "CREATE_IN_PROGRESS",
        "AWS::Lambda::Function",
    )
    assert failed
    assert (failed["all"], failed["resource"]) == (None, "Endpoint (E80) The model server ended")


def test_gives_the_failed_resource_as_the_reason_once() -> None:
    assert find_reason([CREATING, FAILED, "Failed resources:", FAILED, "noise"]) == "Endpoint (E80) The model server ended"
    assert find_reason(["Error: no such stage", "noise"]) == "Error: no such stage"
    assert find_reason(["one", "two"]) == "one\ntwo"


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], dict[str, str], dict[str, Any]]]:
    """What the CLI is run with: its arguments, its environment, and where."""
    found: list[tuple[list[str], dict[str, str], dict[str, Any]]] = []
    monkeypatch.setattr(cdk, "_run", lambda arguments, env, *_, **where: found.append((arguments, env, where)))
    return found


def test_checks_templates_by_cdks_own_rules_where_that_is_asked_for(runs: Any, tmp_path: Path) -> None:
    cdk.synth(tmp_path / "cdk.out", {})
    cdk.synth(tmp_path / "cdk.out", {}, validate=True)
    assert [env.get("CDK_VALIDATION") for _, env, _ in runs] == ["false", None]


def test_bootstraps_without_running_the_app(runs: Any, tmp_path: Path) -> None:
    """The CLI would run it if it found a cdk.json or were told of an app, and the synthesis goes on at the same time."""
    cdk.bootstrap(tmp_path, {})
    ((arguments, _, where),) = runs
    assert "--app" not in arguments
    assert where == {"cwd": tmp_path}
