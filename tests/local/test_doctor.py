"""The doctor looks at this machine: at its ports too, so it is no unit test."""

import json

from typer.testing import CliRunner

from cli.main import app


def test_looks_without_making_anything() -> None:
    looked = CliRunner().invoke(app, ["doctor", "--json"])
    findings = {finding["name"]: finding for finding in json.loads(looked.stdout)}
    assert {"Python", "uv", "Node", "cdk CLI", "baseline model", "disk", "port"} <= findings.keys()
    assert findings["baseline model"]["ok"]
    assert all(finding["fix"] for finding in findings.values() if not finding["ok"])
