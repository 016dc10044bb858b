"""The doctor looks at this machine: at its ports too, so it is no unit test."""

import json

from typer.testing import CliRunner

from cli.main import app
from recipes.recipe import list_names


def test_finds_what_this_machine_has() -> None:
    result = CliRunner().invoke(app, ["doctor", "--json"])
    findings = {finding["name"]: finding for finding in json.loads(result.stdout)}
    assert {"Python", "uv", "Node", "cdk CLI", "disk", "port"} <= findings.keys()
    assert all(findings[f"model of {name}"]["ok"] for name in list_names())
    assert all(finding["fix"] for finding in findings.values() if not finding["ok"])
