"""How the evaluation finds the model that serves now."""

import pytest

from training.comparison import champion


def test_asks_in_the_region_that_sagemaker_tells_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):  # nobody is asked for others
        monkeypatch.setenv(name, "none")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert champion.create_client("sts").meta.region_name == "eu-west-1"
