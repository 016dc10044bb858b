"""How the command reaches an account."""

from pathlib import Path

import pytest

from cli.aws import connect


@pytest.fixture(autouse=True)
def _no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "any")


def test_reaches_the_region_that_cdk_deploys_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """cdk takes AWS_REGION before all else; boto3 does not read it."""
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert connect("dev")("sts").meta.region_name == "eu-west-1"
    assert connect("dev", "eu-central-1")("sts").meta.region_name == "eu-central-1"
    monkeypatch.delenv("AWS_REGION")
    assert connect("dev")("sts").meta.region_name == "us-east-1"
