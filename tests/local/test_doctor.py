"""The doctor looks at this machine: at its ports too, so it is no unit test."""

import json

from typer.testing import CliRunner

from cli.main import app
from recipes.recipe import names


def test_looks_without_making_anything() -> None:
    looked = CliRunner().invoke(app, ["doctor", "--json"])
    findings = {finding["name"]: finding for finding in json.loads(looked.stdout)}
    assert {"Python", "uv", "Node", "cdk CLI", "disk", "port"} <= findings.keys()
    assert all(findings[f"model of {name}"]["ok"] for name in names())
    assert all(finding["fix"] for finding in findings.values() if not finding["ok"])
