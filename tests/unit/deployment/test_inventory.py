"""What each deployable holds, and how what is known against that is read."""

import json

import pytest

from deployment.inventory import LOCKS, list_deployables
from deployment.inventory.audit import Report, read_npm_report, read_pip_report
from deployment.inventory.sbom import make_reproducible


def test_every_lock_is_in_a_deployable() -> None:
    assert {path for paths in list_deployables().values() for path in paths} >= set(LOCKS.glob("*.txt"))


def test_every_function_and_the_page_is_a_deployable() -> None:
    deployables = list_deployables()
    assert LOCKS / "predict.txt" in deployables["function-predict"]
    assert {name for name, locks in deployables.items() if not locks} >= {"function-jobs", "page"}


def test_a_bill_names_its_deployable_and_nothing_of_the_run() -> None:
    component = {"name": "pillow", "version": "1", "description": "requirements line 1"}
    bill = {"serialNumber": "urn:uuid:1", "metadata": {"timestamp": "now", "component": {"name": "folder"}}, "components": [component]}
    assert make_reproducible(bill, "page") == {
        "metadata": {"component": {"name": "inferstack-page"}},
        "components": [{"name": "pillow", "version": "1"}],
    }


def test_reads_what_pip_audit_found_and_what_it_skipped() -> None:
    known = {"id": "GHSA-1", "fix_versions": ["2"]}
    packages = [
        {"name": "a", "version": "1", "vulns": [known]},
        {"name": "b", "skip_reason": "not found"},
        {"name": "c", "version": "1", "vulns": []},
    ]
    assert read_pip_report(json.dumps({"dependencies": packages}), "") == Report(("a 1: GHSA-1, mended in 2",), ("b: not found",))


@pytest.mark.parametrize(("read", "kind"), [(read_pip_report, "Python"), (read_npm_report, "npm")])
@pytest.mark.parametrize("text", ["", "{}"])
def test_says_that_nothing_is_known_where_a_registry_does_not_answer(read: object, kind: str, text: str) -> None:
    assert callable(read)
    assert read(text, "first\nno route\n") == Report((), (f"all {kind} packages: no route",))


def test_says_why_npms_registry_does_not_answer() -> None:
    assert read_npm_report('{"message": "405 Method Not Allowed"}', "") == Report((), ("all npm packages: 405 Method Not Allowed",))


def test_reads_what_npm_found() -> None:
    report = json.dumps({"vulnerabilities": {"a": {"range": "<2", "severity": "high"}}})
    assert read_npm_report(report, "") == Report(("a <2: high",), ())
